// SPDX-License-Identifier: MIT
#include <mcusim/board.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>

namespace mcusim {

mcu::Status play_board(const mcu::Board& board, SimulatorOptions& options) {
  if (!board.mcu) {
    return mcu::Error{mcu::Errc::unsupported, "board " + board.id +
                                                  " has no serial MCU to play; choose one with an "
                                                  "[mcu] section, or give --protocol"};
  }
  options.protocol = board.mcu->protocol;
  options.baud = board.mcu->baud;
  options.mcu.disks = 0;
  options.mcu.usb_led = false;
  static constexpr std::string_view disk = "disk";
  for (const mcu::LedSpec& led : board.leds) {
    if (led.device.scheme != "mcu") continue;
    const std::string_view address = led.device.address.empty() ? led.name : led.device.address;
    if (address == "usb") options.mcu.usb_led = true;
    if (!address.starts_with(disk)) continue;
    const long bay = mcu::parse_integer(address.substr(disk.size())).value_or(0);
    if (bay >= 1 && bay <= 9) {
      options.mcu.disks = std::max(options.mcu.disks, static_cast<unsigned>(bay));
    }
  }
  return mcu::Done{};
}

} // namespace mcusim
