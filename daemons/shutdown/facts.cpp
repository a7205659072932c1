// SPDX-License-Identifier: MIT
#include <shutdown/facts.hpp>

#include <libmcu/devices/kernel_mcu.hpp>
#include <libmcu/model/text.hpp>
#include <libmcu/protocol/registry.hpp>

namespace nasmcu::shutdown {
namespace {

using mcu::Errc;
using mcu::Error;

/// A delay that makes no difference on the wire is none.
bool knows_delay(const mcu::Protocol& protocol) {
  const auto one = protocol.encode(mcu::cmd::PowerOff{std::chrono::seconds(1)});
  const auto two = protocol.encode(mcu::cmd::PowerOff{std::chrono::seconds(2)});
  return one && two && one->tx != two->tx;
}

void choose_delay(Supply& supply, const mcu::PowerSpec& board, const Config& config,
                  const std::optional<std::string>& asked) {
  const auto take = [&supply](int seconds, const char* from) {
    supply.delay = std::chrono::seconds(seconds);
    supply.delay_from = from;
  };
  const auto wish = asked ? mcu::parse_integer(mcu::trim(*asked)) : std::nullopt;
  if (wish && *wish >= 1 && *wish <= 99) return take(static_cast<int>(*wish), "as asked for");
  if (config.daemon.device_shutdown_delay)
    return take(*config.daemon.device_shutdown_delay, "DeviceShutdownDelay");
  if (board.delay) return take(*board.delay, "the board's");
  take(default_power_off_delay, "the default");
}

} // namespace

bool systemd_is_last(const Surroundings& around) {
  // The kernel cuts names at 15 characters.
  return around.init == "systemd-shutdow" || around.init == "systemd-shutdown";
}

std::string not_going_down(const Surroundings& around) {
  if (around.uid != 0) return "only root may do this, and only while the system goes down";
  if (systemd_is_last(around)) return {};
  // Both: a variable alone is easily set, and systemd knows no runlevel.
  if (around.init == "init" && around.runlevel == "0") return {};
  return "the system is not going down (process 1 is " + mcu::in_quotes(around.init) +
         "): use mcuctl poweroff";
}

mcu::Result<Supply> find_supply(const mcu::Board& board, const Config& config,
                                const std::optional<std::string>& asked, const mcu::Files& files,
                                const std::string& root) {
  if (!board.mcu || !board.power || board.power->device.scheme != "mcu")
    return Error{Errc::unsupported, "nothing to do: no MCU cuts the power of the " + board.name};
  if (config.serial.port.empty())
    if (const auto holder = mcu::kernel_holder(files, root, *board.mcu))
      return Error{Errc::unsupported, "nothing to do: the kernel does it by itself, " + *holder};
  auto protocol = mcu::make_protocol(board.mcu->protocol);
  if (!protocol) return protocol.error();
  Supply supply;
  supply.protocol = std::move(protocol).value();
  supply.coding = board.power->coding;
  supply.port = config.serial.port.empty() ? root + board.mcu->port : config.serial.port;
  if (knows_delay(*supply.protocol)) choose_delay(supply, *board.power, config, asked);
  const auto frame = supply.protocol->encode(mcu::cmd::PowerOff{supply.delay, supply.coding});
  if (!frame) return Error{frame.error().code, "nothing to do: " + frame.error().what};
  return supply;
}

} // namespace nasmcu::shutdown
