// SPDX-License-Identifier: MIT
// A simulated MCU is one file and one line here.
#include <mcusim/sim_mcus.hpp>

#include <libmcu/model/text.hpp>

namespace mcusim {
namespace {

using Factory = std::unique_ptr<SimMcu> (*)(const McuOptions&, Time);
struct Entry {
  std::string_view name;
  Factory make;
};
constexpr Entry registry[] = {
    {"wt61p803", make_sim_wt61p803},
    {"dns320l", make_sim_dns320l},
    {"wd-mirror-gen2", make_sim_wd_mirror_gen2},
};

} // namespace

std::vector<std::string_view> sim_mcu_names() {
  std::vector<std::string_view> names;
  for (const Entry& entry : registry) names.push_back(entry.name);
  return names;
}

mcu::Result<std::unique_ptr<SimMcu>> make_sim_mcu(std::string_view protocol,
                                                  const McuOptions& options, Time start) {
  for (const Entry& entry : registry) {
    if (entry.name == protocol) return entry.make(options, start);
  }
  return invalid("protocol", protocol, mcu::join(sim_mcu_names()));
}

} // namespace mcusim
