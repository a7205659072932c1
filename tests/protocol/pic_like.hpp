// SPDX-License-Identifier: MIT
// A test-only protocol of single bytes (the style of the QNAP PIC of TS-109 to TS-41x): nothing is
// acknowledged, and events come at any time. Shows that the seam carries this class.
#pragma once

#include <libmcu/protocol/protocol.hpp>

#include <array>

namespace mcu::testing {

class PicLike final : public Protocol {
public:
  std::string_view name() const override { return "pic-like"; }
  LineSettings line() const override { return {.baud = 19200}; }

  Result<Exchange> encode(const Command& command) const override {
    for (const Row& row : rows)
      if (row.command() == command) return Exchange{{row.byte}, {}, false};
    if (const auto* fan = std::get_if<cmd::SetFanDuty>(&command)) return fan_byte(fan->duty);
    return Error{Errc::unsupported, "this MCU has no command for: " + describe(command)};
  }

  /// One byte is always one piece.
  Taken take(ByteView rx, const Awaiting*) const override {
    if (rx.empty()) return {};
    return {decode_event(rx.first(1)) ? Taken::Kind::event : Taken::Kind::noise, 1};
  }

  Result<Reply> decode(const Command& command, const Exchange& exchange,
                       std::span<const Bytes> frames) const override {
    if (!frames.empty()) return Error{Errc::protocol, "this MCU never answers"};
    if (std::holds_alternative<cmd::SetFanDuty>(command))
      return Reply(Duty{(exchange.tx.at(0) - fan_stop) * 20.0});
    if (const auto* led = std::get_if<cmd::SetLed>(&command))
      return Reply(LedShown{led->state, led->partner});
    return Reply(Done{});
  }

  std::optional<Event> decode_event(ByteView piece) const override {
    const std::uint8_t byte = piece.empty() ? 0 : piece[0];
    if (byte == 0x40) return event::Button{"power", true};
    if (byte == 0x6A) return event::Button{"reset", true};
    if (byte >= 0x80 && byte <= 0xC6) return event::Temperature{Celsius{byte - 0x80 + 0.0}};
    if (byte >= 0x73 && byte <= 0x7A)
      return event::FanHealth{(byte - 0x73) / 2 + 1, (byte - 0x73) % 2 == 1};
    return std::nullopt;
  }

  std::optional<Command> parse_request(ByteView frame) const override {
    if (frame.size() != 1) return std::nullopt;
    for (const Row& row : rows)
      if (row.byte == frame[0]) return row.command();
    if (frame[0] < fan_stop || frame[0] > fan_full) return std::nullopt;
    return cmd::SetFanDuty{Duty{(frame[0] - fan_stop) * 20.0}};
  }

  std::vector<std::vector<int>> power_frames() const override { return {{0x41}}; }
  std::size_t max_pending() const override { return 1; }

private:
  static constexpr int fan_stop = 0x30; ///< 30 to 35: six speeds
  static constexpr int fan_full = 0x35;

  struct Row {
    std::uint8_t byte;
    Command (*command)();
  };
  static constexpr std::array<Row, 8> rows = {{
      {0x41, [] { return Command(cmd::PowerOff{}); }},
      {0x48, [] { return Command(cmd::SetPowerRecovery{true}); }},
      {0x49, [] { return Command(cmd::SetPowerRecovery{false}); }},
      {0x50, [] { return Command(cmd::Beep{BeepLength::brief}); }},
      {0x51, [] { return Command(cmd::Beep{BeepLength::extended}); }},
      {0x56,
       [] {
         return Command(cmd::SetLed{"status-green", LedState::on, LedState::off});
       }},
      {0x57,
       [] {
         return Command(cmd::SetLed{"status-red", LedState::on, LedState::off});
       }},
      {0x60,
       [] {
         return Command(cmd::SetLed{"usb", LedState::on, LedState::off});
       }},
  }};

  static Result<Exchange> fan_byte(Duty duty) {
    if (!in_range(duty)) return Error{Errc::invalid_argument, "a fan duty is 0 to 100 percent"};
    int step = 0;
    while (step * 20.0 < duty.percent) ++step;
    return Exchange{{static_cast<std::uint8_t>(fan_stop + step)}, {}, false};
  }
};

} // namespace mcu::testing
