// SPDX-License-Identifier: MIT
#include <libmcu/devices/kernel_mcu.hpp>

#include <string_view>

namespace mcu {
namespace {

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Whether "of:NmcuT(null)Cqnap,ts433-mcu" is a device for the driver "qnap-mcu": of the same
/// maker, and the same kind.
bool is_for(std::string_view alias, std::string_view driver) {
  const auto dash = driver.find('-');
  if (dash == std::string_view::npos) return false;
  const std::string begin = "C" + std::string(driver.substr(0, dash)) + ",";
  const std::string_view end = driver.substr(dash); // "-mcu"
  for (auto at = alias.find(begin); at != std::string_view::npos; at = alias.find(begin, at + 1)) {
    // Each compatible string goes on to the next C, which is not used within one.
    const std::string_view compatible = alias.substr(at + 1, alias.find('C', at + 1) - at - 1);
    if (compatible.ends_with(end)) return true;
  }
  return false;
}

} // namespace

std::optional<std::string> kernel_holder(const Files& files, const std::string& root,
                                         const McuSpec& mcu) {
  if (mcu.kernel_driver.empty()) return {};
  // Controllers (serial0) are on this bus too; they have neither driver nor modalias.
  const std::string bus = root + "/sys/bus/serial/devices/";
  for (const std::string& device : files.list(bus)) {
    std::string driver = last_part(files.resolve(bus + device + "/driver"));
    if (driver == mcu.kernel_driver) return driver.append(" holds ").append(device);
    if (!driver.empty()) continue;
    // Nobody has bound it yet, but there is no tty either.
    const auto alias = files.read(bus + device + "/modalias");
    if (alias && is_for(*alias, mcu.kernel_driver) && !files.exists(root + mcu.port))
      return device + " waits for the driver " + mcu.kernel_driver;
  }
  return {};
}

} // namespace mcu
