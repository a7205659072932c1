// SPDX-License-Identifier: MIT
// A test-only protocol of text lines (the style of the WD PMC of DL2100/DL4100): `TMP` CR is
// answered by `TMP=26` CR, a set by `ACK` CR, and `ALERT` CR may come between. Shows that the seam
// carries this class.
#pragma once

#include <libmcu/protocol/protocol.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace mcu::testing {

class PmcLike final : public Protocol {
public:
  std::string_view name() const override { return "pmc-like"; }
  LineSettings line() const override { return {.baud = 9600}; }

  Result<Exchange> encode(const Command& command) const override {
    if (std::holds_alternative<cmd::Identify>(command)) return read("VER");
    if (std::holds_alternative<cmd::ReadTemperature>(command)) return read("TMP");
    if (std::holds_alternative<cmd::ReadFanSpeed>(command)) return read("RPM");
    if (std::holds_alternative<cmd::ReadFanDuty>(command)) return read("FAN");
    if (const auto* fan = std::get_if<cmd::SetFanDuty>(&command)) {
      if (!in_range(fan->duty)) return Error{Errc::invalid_argument, "a fan duty is 0 to 100"};
      return write("FAN=" + hex_text(static_cast<unsigned>(std::lround(fan->duty.percent))));
    }
    return Error{Errc::unsupported, "this MCU has no command for: " + describe(command)};
  }

  Taken take(ByteView rx, const Awaiting* awaiting) const override {
    // No further: what is too long a line must not become one because it came in one piece.
    const ByteView begun = rx.first(std::min(rx.size(), longest_line + 1));
    const auto end = std::find(begun.begin(), begun.end(), cr);
    if (end == begun.end())
      return rx.size() > longest_line ? Taken{Taken::Kind::noise, begun.size()} : Taken{};
    const std::size_t size = static_cast<std::size_t>(end - begun.begin()) + 1;
    const std::string line = text(rx.first(size));
    if (line == "ALERT") return {Taken::Kind::event, size};
    return {awaited(line, awaiting) ? Taken::Kind::reply : Taken::Kind::noise, size};
  }

  Result<Reply> decode(const Command& command, const Exchange& exchange,
                       std::span<const Bytes> frames) const override {
    if (frames.empty()) return Error{Errc::timeout, "no answer"};
    const std::string line = text(frames[0]);
    if (line == "ERR") return Error{Errc::protocol, "the MCU refused: " + text(exchange.tx)};
    if (const auto* fan = std::get_if<cmd::SetFanDuty>(&command))
      return Reply(Duty{std::round(fan->duty.percent)});
    const std::string value = line.substr(std::min<std::size_t>(4, line.size()));
    if (std::holds_alternative<cmd::Identify>(command)) return Reply(Identity{value});
    const std::optional<unsigned> number = from_hex(value);
    if (!number) return Error{Errc::protocol, "not a number: " + line};
    if (std::holds_alternative<cmd::ReadTemperature>(command)) return Reply(Celsius{*number + 0.0});
    if (std::holds_alternative<cmd::ReadFanSpeed>(command)) return Reply(Rpm{*number});
    return Reply(Duty{*number + 0.0});
  }

  std::optional<Event> decode_event(ByteView piece) const override {
    if (text(piece) == "ALERT") return event::Attention{};
    return std::nullopt;
  }

  std::optional<Command> parse_request(ByteView frame) const override {
    if (frame.empty() || frame.back() != cr) return std::nullopt;
    const std::string line = text(frame);
    if (line == "VER") return cmd::Identify{};
    if (line == "TMP") return cmd::ReadTemperature{};
    if (line == "RPM") return cmd::ReadFanSpeed{};
    if (line == "FAN") return cmd::ReadFanDuty{};
    if (line.rfind("FAN=", 0) != 0) return std::nullopt;
    const auto percent = from_hex(line.substr(4));
    if (!percent || *percent > 100) return std::nullopt;
    return cmd::SetFanDuty{Duty{*percent + 0.0}};
  }

  Bytes with_check(Bytes body) const override {
    body.push_back(cr);
    return body;
  }
  std::vector<Command> probes() const override { return {cmd::Identify{}}; }
  std::vector<std::vector<int>> power_frames() const override { return {}; }
  std::size_t max_pending() const override { return longest_line; }

private:
  static constexpr std::uint8_t cr = 0x0D;
  static constexpr std::size_t longest_line = 32;

  static Bytes bytes(const std::string& line) { return Bytes(line.begin(), line.end()); }
  static std::string text(ByteView piece) {
    std::string line(piece.begin(), piece.end());
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }
  static std::string hex_text(unsigned value) {
    char digits[8] = {};
    const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
    return std::string(digits, end);
  }
  static std::optional<unsigned> from_hex(const std::string& word) {
    unsigned value = 0;
    const char* end = word.data() + word.size();
    const auto got = std::from_chars(word.data(), end, value, 16);
    if (got.ec != std::errc() || got.ptr != end) return std::nullopt;
    return value;
  }

  Result<Exchange> read(const std::string& word) const {
    return Exchange{with_check(bytes(word)), {0}, false};
  }
  /// ACK says nothing of what it acknowledges.
  Result<Exchange> write(const std::string& line) const {
    return Exchange{with_check(bytes(line)), {0}, true};
  }

  static bool awaited(const std::string& line, const Awaiting* awaiting) {
    if (!awaiting || awaiting->frames_seen >= awaiting->exchange.replies.size()) return false;
    if (line == "ERR") return true;
    if (awaiting->exchange.ambiguous) return line == "ACK";
    return line.rfind(text(awaiting->exchange.tx) + "=", 0) == 0;
  }
};

} // namespace mcu::testing
