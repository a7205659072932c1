// SPDX-License-Identifier: MIT
#include <verbs/raw_rules.hpp>

#include <libmcu/protocol/power_guard.hpp>

#include <algorithm>

namespace nasmcu {
namespace {

using mcu::Bytes;
using mcu::ByteView;
namespace cmd = mcu::cmd;

/// What the frame asks, when it is exactly what this suite itself would send for it.
std::optional<mcu::Command> known(const mcu::Protocol& protocol, ByteView frame) {
  std::optional<mcu::Command> command = protocol.parse_request(frame);
  if (!command) return std::nullopt;
  const auto exchange = protocol.encode(*command);
  if (!exchange ||
      !std::equal(frame.begin(), frame.end(), exchange->tx.begin(), exchange->tx.end()))
    return std::nullopt;
  return command;
}

PreparedRaw complete(const mcu::Protocol& protocol, Bytes bytes) {
  if (auto command = known(protocol, bytes)) return {std::move(bytes), std::move(command)};
  Bytes checked = protocol.with_check(bytes);
  if (auto command = known(protocol, checked)) return {std::move(checked), std::move(command)};
  const Bytes body(bytes.begin(), bytes.end() - 1);
  if (!body.empty() && protocol.with_check(body) == bytes) return {std::move(bytes), std::nullopt};
  return {std::move(checked), std::nullopt};
}

/// True when the bytes begin with the end of a power frame: whatever was sent last could be its
/// beginning (a fan duty's check byte may well be 0x40).
bool could_end_power_frame(const mcu::Protocol& protocol, ByteView bytes) {
  for (const std::vector<int>& pattern : protocol.power_frames())
    for (std::size_t from = 1; from < pattern.size(); ++from) {
      const std::size_t length = pattern.size() - from;
      if (length > bytes.size()) continue;
      const bool matches =
          std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length),
                     pattern.begin() + static_cast<std::ptrdiff_t>(from),
                     [](std::uint8_t byte, int wanted) { return wanted < 0 || byte == wanted; });
      if (matches) return true;
    }
  return false;
}

mcu::Error denied(std::string what) { return {mcu::Errc::denied, std::move(what)}; }

} // namespace

bool is_reading(const mcu::Command& command) {
  return std::holds_alternative<cmd::Identify>(command) ||
         std::holds_alternative<cmd::ReadTemperature>(command) ||
         std::holds_alternative<cmd::ReadFanSpeed>(command) ||
         std::holds_alternative<cmd::ReadFanDuty>(command) ||
         std::holds_alternative<cmd::ReadButton>(command) ||
         std::holds_alternative<cmd::ReadClock>(command) ||
         std::holds_alternative<cmd::ReadAlarm>(command) ||
         std::holds_alternative<cmd::ReadAlarmFlag>(command) ||
         std::holds_alternative<cmd::ReadPowerRecovery>(command) ||
         std::holds_alternative<cmd::ReadWakeOnLan>(command) ||
         std::holds_alternative<cmd::ReadEeprom>(command);
}

mcu::Result<PreparedRaw> prepare_raw(const mcu::Protocol& protocol, Bytes bytes, bool force,
                                     bool root) {
  if (bytes.empty() || bytes.size() > raw_limit)
    return mcu::Error{mcu::Errc::invalid_argument,
                      "raw takes 1 to " + std::to_string(raw_limit) + " bytes"};
  PreparedRaw raw = complete(protocol, std::move(bytes));
  if (mcu::could_cut_power(protocol, raw.frame))
    return denied("these bytes could cut the power: raw never sends them");
  if (raw.command && is_reading(*raw.command)) return raw;
  if (!force)
    return denied(raw.command ? "'" + mcu::describe(*raw.command) +
                                    "' is no reading frame: that needs root and --force"
                              : "these bytes are no complete known reading frame: others need root "
                                "and --force");
  if (!root) return denied("raw --force is for root alone");
  if (!raw.command && could_end_power_frame(protocol, raw.frame))
    return denied("these bytes could complete a frame that cuts the power: raw never sends them");
  return raw;
}

} // namespace nasmcu
