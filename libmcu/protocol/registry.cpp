// SPDX-License-Identifier: MIT
#include <libmcu/protocol/registry.hpp>

#include <array>

// One line per protocol: its name and the function that its file defines.
#define NASMCU_PROTOCOLS(row)                                                                      \
  row("wt61p803", make_wt61p803) row("dns320l", make_dns320l)                                      \
      row("wd-mirror-gen2", make_wd_mirror_gen2)

namespace mcu {

#define NASMCU_DECLARE(name, make) std::unique_ptr<Protocol> make();
NASMCU_PROTOCOLS(NASMCU_DECLARE)
#undef NASMCU_DECLARE

namespace {

struct Row {
  std::string_view name;
  std::unique_ptr<Protocol> (*make)();
};

#define NASMCU_ROW(name, make) Row{name, make},
const std::array rows = {NASMCU_PROTOCOLS(NASMCU_ROW)};
#undef NASMCU_ROW

} // namespace

Result<std::unique_ptr<Protocol>> make_protocol(std::string_view name) {
  std::string known;
  for (const Row& row : rows) {
    if (row.name == name) return row.make();
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  return Error{Errc::invalid_argument,
               "no MCU protocol '" + std::string(name.substr(0, 40)) + "'; there are " + known};
}

std::vector<std::string_view> protocol_names() {
  std::vector<std::string_view> names;
  names.reserve(rows.size());
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

} // namespace mcu
