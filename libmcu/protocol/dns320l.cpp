// SPDX-License-Identifier: MIT
// The MCU of D-Link's DNS-320L and DNS-327L, and a row for its relative in WD's My Cloud Mirror
// gen2 and EX2 Ultra.
//
//   FA group command a b c FB                 7 bytes each way, no checksum
//   FA 01 08 02 07 ss mm hh wd DD MM YY FB    13 bytes where date and time are carried
//
// A set is answered by the acknowledge FA 30 00 00 00 00 FB; a read by its own first five bytes,
// the data and FB, and then the acknowledge. Data bytes may be FA or FB, so frames are cut by their
// length alone. A read whose value is 0 is answered by the bytes of the request: only the
// acknowledge behind it tells it from an echo.
#include <libmcu/model/text.hpp>
#include <libmcu/model/thermistor.hpp>
#include <libmcu/protocol/bcd.hpp>
#include <libmcu/protocol/dns320l_tables.hpp>
#include <libmcu/protocol/protocol.hpp>
#include <libmcu/protocol/scan.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace mcu {
namespace {

using namespace dns320l;

// --- requests

Bytes frame_of(std::uint8_t group, std::uint8_t command, int a = 0, int b = 0, int c = 0) {
  return {start,
          group,
          command,
          static_cast<std::uint8_t>(a),
          static_cast<std::uint8_t>(b),
          static_cast<std::uint8_t>(c),
          stop};
}
Exchange telling(Bytes frame) { return {std::move(frame), {short_frame}, true}; }
Exchange asking(Bytes frame, std::size_t answer = short_frame) {
  return {std::move(frame), {answer, short_frame}, false};
}

Bytes clock_request(const CivilTime& time) {
  return {start,
          clock_group,
          0x08,
          0x02,
          0x07,
          to_bcd(time.second),
          to_bcd(time.minute),
          to_bcd(time.hour),
          to_bcd(weekday(time)),
          to_bcd(time.day),
          to_bcd(time.month),
          to_bcd(time.year - 2000),
          stop};
}

struct Encoder {
  const Variant& variant;
  const Command& command;

  Error unsupported() const {
    return {Errc::unsupported, "this MCU cannot do: " + describe(command)};
  }
  /// A command that only the D-Link originals are known to obey.
  Result<Exchange> original_only(Exchange exchange) const {
    if (!variant.clock_and_wake) return unsupported();
    return exchange;
  }

  Result<Exchange> operator()(const cmd::Ready&) const {
    return telling(frame_of(system_group, 0x01));
  }
  Result<Exchange> operator()(const cmd::ReadTemperature&) const {
    return asking(frame_of(system_group, 0x08));
  }
  Result<Exchange> operator()(const cmd::ReadFanSpeed&) const {
    if (!variant.tacho) return unsupported();
    return asking(frame_of(fan_group, 0x01));
  }
  Result<Exchange> operator()(const cmd::SetFanDuty& set) const {
    if (!in_range(set.duty))
      return Error{Errc::invalid_argument,
                   "a fan duty is 0 to 100 percent, not " + number_text(set.duty.percent)};
    return telling(frame_of(fan_group, 0x00, fan_byte(variant, set.duty)));
  }
  Result<Exchange> operator()(const cmd::SetLed& led) const {
    const LedRow* row = led_row(variant, led.led);
    if (row) return telling(frame_of(row->group, row->command, led_byte(*row, led.state), 0, 1));
    std::vector<std::string_view> known;
    for (const LedRow& each : variant.leds) known.push_back(each.name);
    return Error{Errc::unsupported,
                 "this MCU has no LED " + in_quotes(led.led) + "; there is " + join(known)};
  }
  Result<Exchange> operator()(const cmd::ReadClock&) const {
    return original_only(asking(frame_of(clock_group, 0x08, 0x01, 0x01), clock_frame));
  }
  Result<Exchange> operator()(const cmd::SetClock& set) const {
    if (!variant.clock_and_wake) return unsupported();
    if (auto status = check(set.time); !status.ok()) return std::move(status).error();
    return telling(clock_request(set.time));
  }
  Result<Exchange> operator()(const cmd::ReadAlarm& read) const {
    return original_only(asking(frame_of(clock_group, row_of(read.field).command, 0x01, 0x01)));
  }
  Result<Exchange> operator()(const cmd::SetAlarm& set) const {
    const AlarmRow& row = row_of(set.field);
    if (!variant.clock_and_wake) return unsupported();
    if (set.value < row.min || set.value > row.max)
      return Error{Errc::invalid_argument,
                   "alarm " + std::string(row.name) + " is " + std::to_string(row.min) + " to " +
                       std::to_string(row.max) + ", not " + std::to_string(set.value)};
    return telling(frame_of(clock_group, row.command, 0x02, 0x01, to_bcd(set.value)));
  }
  Result<Exchange> operator()(const cmd::EnableAlarm& set) const {
    return original_only(telling(frame_of(clock_group, 0x10, 0x02, 0x01, set.on ? 1 : 0)));
  }
  Result<Exchange> operator()(const cmd::ReadAlarmFlag&) const {
    return original_only(asking(frame_of(clock_group, 0x0F, 0x01, 0x01)));
  }
  Result<Exchange> operator()(const cmd::SetPowerRecovery& set) const {
    return original_only(telling(frame_of(system_group, 0x02, set.on ? 1 : 0)));
  }
  Result<Exchange> operator()(const cmd::ReadPowerRecovery&) const {
    return original_only(asking(frame_of(system_group, 0x02, 0x02)));
  }
  Result<Exchange> operator()(const cmd::SetWakeOnLan& set) const {
    return original_only(telling(frame_of(system_group, 0x0A, set.on ? 1 : 0)));
  }
  Result<Exchange> operator()(const cmd::ReadWakeOnLan&) const {
    return original_only(asking(frame_of(system_group, 0x0A, 0x02)));
  }
  Result<Exchange> operator()(const cmd::PowerOff& off) const {
    // What 0 does is not known (cut at once? cancel?), and BCD ends at 99.
    if (off.delay.count() < 1 || off.delay.count() > 99)
      return Error{Errc::invalid_argument, "the power-off delay is 1 to 99 seconds, not " +
                                               std::to_string(off.delay.count())};
    const int seconds = static_cast<int>(off.delay.count());
    const int byte = off.coding == DelayCoding::bcd ? to_bcd(seconds) : seconds;
    return telling(frame_of(system_group, 0x03, 0x01, 0x01, byte));
  }
  template <class Other>
  Result<Exchange> operator()(const Other&) const {
    return unsupported();
  }
};

// --- replies

bool is_read(const Exchange& exchange) { return exchange.replies.size() == 2; }

ByteView answer_head(const Exchange& exchange) {
  return ByteView(exchange.tx).first(std::min(mirrored, exchange.tx.size()));
}

Taken match(ByteView rx, const Awaiting& awaiting) {
  const Exchange& exchange = awaiting.exchange;
  // A second answer in place of the acknowledge is cut too, so that decode() sees it: the first
  // one was an echo or a stray copy.
  if (is_read(exchange) && may_begin_with(rx, answer_head(exchange)))
    return reply_of(rx, std::clamp(exchange.replies[0], short_frame, clock_frame));
  const bool awaits_acknowledge = awaiting.frames_seen + 1 == exchange.replies.size();
  if (awaits_acknowledge && may_begin_with(rx, ByteView(acknowledge).first(2)))
    return reply_of(rx, short_frame);
  return {Taken::Kind::noise, 1};
}

Error bad(const Command& command, const std::string& why, ByteView frame) {
  return {Errc::protocol, describe(command) + ": " + why + ": " + to_hex(frame)};
}

Status check_acknowledge(const Command& command, const Exchange& exchange, ByteView frame) {
  if (std::ranges::equal(frame, acknowledge)) return Done{};
  if (is_read(exchange) && may_begin_with(frame, answer_head(exchange)))
    return bad(command, "a second answer instead of the acknowledge (an echo?)", frame);
  return bad(command, "damaged acknowledge", frame);
}

/// Everything that must hold before the frames mean something.
Status check_frames(const Command& command, const Exchange& exchange,
                    std::span<const Bytes> frames) {
  if (frames.empty()) return Error{Errc::timeout, describe(command) + ": no answer"};
  if (!is_read(exchange)) return check_acknowledge(command, exchange, frames[0]);
  const ByteView answer = frames[0];
  if (answer.size() != exchange.replies[0] || answer.size() < short_frame || answer.back() != stop)
    return bad(command, "the answer does not end where it should", answer);
  if (!may_begin_with(answer, answer_head(exchange)))
    return bad(command, "the answer belongs to another command", answer);
  if (frames.size() > 1) return check_acknowledge(command, exchange, frames[1]);
  if (std::ranges::equal(answer, exchange.tx))
    return bad(command, "an echo or the value 0, and no acknowledge to tell", answer);
  return Done{};
}

Result<Reply> number_in(int value, int max, const char* what) {
  if (value <= max) return Reply(Number{value});
  return Error{Errc::protocol, std::string("the MCU's ") + what + " is 0 to " +
                                   std::to_string(max) + ", not " + std::to_string(value)};
}

Result<int> bcd_in(std::uint8_t byte, const char* what) {
  if (const auto value = from_bcd(byte)) return *value;
  return Error{Errc::protocol, std::string("the MCU's ") + what + " holds " +
                                   to_hex(ByteView(&byte, 1)) + ", which is no BCD number"};
}

/// `fields`: second, minute, hour, weekday, day, month, year. The weekday is often wrong in the
/// field (a known program never sets it) and can be computed, so it is not looked at.
Result<Reply> clock_in(ByteView fields) {
  std::array<int, 7> value{};
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i == 3) continue;
    const auto number = bcd_in(fields[i], "clock");
    if (!number.ok()) return number.error();
    value.at(i) = *number;
  }
  const CivilTime time{2000 + value[6], value[5], value[4], value[2], value[1], value[0]};
  if (const auto status = check(time); !status.ok())
    return Error{Errc::protocol,
                 "the MCU's clock was never set or is faulty: " + status.error().what};
  return Reply(time);
}

/// The meaning of the answer to a read, and what a set has done.
struct Decoder {
  const Variant& variant;
  ByteView answer;

  std::uint8_t data() const { return answer[5]; }

  Result<Reply> operator()(const cmd::ReadTemperature&) const {
    const auto celsius = thermistor(data());
    if (!celsius.ok()) return celsius.error();
    return Reply(*celsius);
  }
  Result<Reply> operator()(const cmd::ReadFanSpeed&) const {
    // The byte is the time between two pulses; 0 stands for none.
    return Reply(Rpm{data() == 0 ? 0U : 300000U / data()});
  }
  Result<Reply> operator()(const cmd::ReadClock&) const { return clock_in(answer.subspan(5, 7)); }
  Result<Reply> operator()(const cmd::ReadAlarm& read) const {
    const auto value = bcd_in(data(), "alarm");
    if (!value.ok()) return value.error();
    return number_in(*value, row_of(read.field).max, "alarm");
  }
  Result<Reply> operator()(const cmd::ReadAlarmFlag&) const { return Reply(Number{data()}); }
  Result<Reply> operator()(const cmd::ReadPowerRecovery&) const {
    return number_in(data(), 1, "power recovery");
  }
  Result<Reply> operator()(const cmd::ReadWakeOnLan&) const {
    return number_in(data(), 1, "wake on LAN");
  }
  Result<Reply> operator()(const cmd::SetFanDuty& set) const {
    return Reply(fan_duty(variant, fan_byte(variant, set.duty)));
  }
  Result<Reply> operator()(const cmd::SetLed& led) const {
    return Reply(LedShown{shown_as(led.state), {}});
  }
  template <class Other>
  Result<Reply> operator()(const Other&) const {
    return Reply(Done{});
  }
};

// --- requests read back

std::optional<Command> system_command(ByteView frame) {
  const bool on = frame[3] == 1;
  switch (frame[2]) {
  case 0x01: return cmd::Ready{};
  case 0x02: return frame[3] == 2 ? Command(cmd::ReadPowerRecovery{}) : cmd::SetPowerRecovery{on};
  case 0x08: return cmd::ReadTemperature{};
  case 0x0A: return frame[3] == 2 ? Command(cmd::ReadWakeOnLan{}) : cmd::SetWakeOnLan{on};
  default: return std::nullopt;
  }
}

/// The byte does not say how it is coded: binary as far as that makes sense.
cmd::PowerOff power_command(std::uint8_t byte) {
  if (byte <= 99) return {std::chrono::seconds(byte), DelayCoding::binary};
  return {std::chrono::seconds(from_bcd(byte).value_or(0)), DelayCoding::bcd};
}

std::optional<Command> clock_command(ByteView frame) {
  const bool write = frame[3] == 0x02;
  if (frame.size() == clock_frame) {
    const auto time = clock_in(frame.subspan(5, 7));
    if (!time.ok()) return std::nullopt;
    return cmd::SetClock{std::get<CivilTime>(*time)};
  }
  if (frame[2] == 0x08) return cmd::ReadClock{};
  if (frame[2] == 0x0F) return cmd::ReadAlarmFlag{};
  if (frame[2] == 0x10) return cmd::EnableAlarm{frame[5] == 1};
  const auto row = std::ranges::find(alarm_rows, frame[2], &AlarmRow::command);
  if (row == alarm_rows.end()) return std::nullopt;
  if (!write) return cmd::ReadAlarm{row->field};
  return cmd::SetAlarm{row->field, from_bcd(frame[5]).value_or(-1)};
}

std::optional<Command> led_command(const Variant& variant, ByteView frame) {
  for (const LedRow& row : variant.leds) {
    if (row.group != frame[1] || row.command != frame[2]) continue;
    for (const LedState state : {LedState::off, LedState::on, LedState::blink_slow})
      if (led_byte(row, state) == frame[3]) return cmd::SetLed{std::string(row.name), state, {}};
  }
  return std::nullopt;
}

/// What a frame can only be, if it is one at all; the caller checks by encoding it again.
std::optional<Command> guess(const Variant& variant, ByteView frame) {
  if (auto led = led_command(variant, frame)) return led;
  if (frame[1] == clock_group) return clock_command(frame);
  if (frame[1] == fan_group && frame[2] == 0x01) return cmd::ReadFanSpeed{};
  if (frame[1] == fan_group && frame[2] == 0x00)
    return cmd::SetFanDuty{fan_duty(variant, frame[3])};
  if (frame[1] == system_group && frame[2] == 0x03) return power_command(frame[5]);
  if (frame[1] == system_group) return system_command(frame);
  return std::nullopt;
}

class Dns320l final : public Protocol {
public:
  explicit Dns320l(const Variant& variant) : variant_(variant) {}

  std::string_view name() const override { return variant_.name; }
  LineSettings line() const override {
    return {.baud = variant_.baud, .byte_gap = variant_.byte_gap};
  }
  std::size_t max_pending() const override { return clock_frame; }

  Result<Exchange> encode(const Command& command) const override {
    return std::visit(Encoder{variant_, command}, command);
  }

  Taken take(ByteView rx, const Awaiting* awaiting) const override {
    if (!awaiting || awaiting->frames_seen >= awaiting->exchange.replies.size())
      return rx.empty() ? Taken{} : Taken{Taken::Kind::noise, rx.size()};
    return scan(rx, [&](ByteView rest) { return match(rest, *awaiting); });
  }

  Result<Reply> decode(const Command& command, const Exchange& exchange,
                       std::span<const Bytes> frames) const override {
    // The lengths below follow from the command, so the exchange has to be its own.
    const auto own = encode(command);
    if (!own.ok()) return own.error();
    if (own->replies != exchange.replies) return bad(command, "not its exchange", exchange.tx);
    if (auto status = check_frames(command, exchange, frames); !status.ok())
      return std::move(status).error();
    return std::visit(Decoder{variant_, frames[0]}, command);
  }

  std::optional<Command> parse_request(ByteView frame) const override {
    if (frame.size() != short_frame && frame.size() != clock_frame) return std::nullopt;
    auto command = guess(variant_, frame);
    if (!command) return std::nullopt;
    const auto again = encode(*command);
    if (!again.ok() || !std::ranges::equal(again->tx, frame)) return std::nullopt;
    return command;
  }

  /// First those that a broken temperature sensor cannot spoil.
  std::vector<Command> probes() const override {
    if (variant_.clock_and_wake) return {cmd::ReadPowerRecovery{}, cmd::ReadTemperature{}};
    return {cmd::ReadFanSpeed{}, cmd::ReadTemperature{}};
  }

  /// DeviceShutdown by its first bytes, whatever follows. The relative's boot loader switches the
  /// disks' power with group 06.
  std::vector<std::vector<int>> power_frames() const override {
    std::vector<std::vector<int>> frames = {{start, system_group, 0x03}};
    if (!variant_.clock_and_wake) frames.push_back({start, 0x06});
    return frames;
  }

private:
  const Variant& variant_;
};

} // namespace

std::unique_ptr<Protocol> make_dns320l() { return std::make_unique<Dns320l>(dlink); }
std::unique_ptr<Protocol> make_wd_mirror_gen2() { return std::make_unique<Dns320l>(wd); }

} // namespace mcu
