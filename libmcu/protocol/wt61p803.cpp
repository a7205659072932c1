// SPDX-License-Identifier: MIT
// Weltrend WT61P803, the system MCU of the QNAP TS-133, TS-233 and TS-433.
//
//   host -> MCU   command (2 to 5 bytes)   check     check = XOR of all bytes before it
//   MCU -> host   reply   (2 to 36 bytes)  check
//
// No start, end or length: the length of a reply follows from its command alone. A set is answered
// by "@0", a read by its own first bytes and the data, and either of them by "@8" (the MCU saw a
// wrong checksum) or "@9" (any other error), which are 3 bytes long whatever was expected.
#include <libmcu/model/text.hpp>
#include <libmcu/protocol/checksum.hpp>
#include <libmcu/protocol/protocol.hpp>
#include <libmcu/protocol/scan.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

namespace mcu {
namespace {

constexpr std::size_t answer_size = 3;    ///< "@0", "@8", "@9" with check byte
constexpr std::size_t longest_reply = 37; ///< EEPROM: 4 mirrored bytes, 32 of data, check byte
constexpr int eeprom_block = 32;

constexpr int pwm_full = 255;
constexpr int pwm_min = 51; ///< the vendor's own lower limit of a turning fan

constexpr double celsius_max = 120; ///< hotter is no board that still answers (safety rule 1)

Bytes checked(Bytes body) {
  body.push_back(xor_of(body));
  return body;
}

Exchange telling(Bytes body) { return {checked(std::move(body)), {answer_size}, true}; }

Exchange asking(Bytes body, std::size_t reply) {
  return {checked(std::move(body)), {reply + 1}, false};
}

// --- LEDs

struct LedFrame {
  Bytes body;
  LedShown shown;
};

/// The front LED has two colours behind one byte, and not every pair of states exists.
struct StatusRow {
  LedState green;
  LedState red;
  std::uint8_t byte;
};
constexpr std::array<StatusRow, 7> status_rows = {{
    {LedState::off, LedState::off, 0x39},
    {LedState::on, LedState::off, 0x36},
    {LedState::off, LedState::on, 0x37},
    {LedState::on, LedState::on, 0x44},
    {LedState::blink_slow, LedState::off, 0x35},
    {LedState::off, LedState::blink_slow, 0x34},
    {LedState::blink_slow, LedState::blink_slow, 0x38},
}};
constexpr std::string_view status_green = "status-green";
constexpr std::string_view status_red = "status-red";

/// There is one blink of unpublished speed; it is called slow.
LedState one_blink(LedState state) {
  return state == LedState::blink_fast ? LedState::blink_slow : state;
}

LedFrame status_led(const cmd::SetLed& led) {
  const bool is_red = led.led == status_red;
  const LedState red = one_blink(is_red ? led.state : led.partner);
  const LedState green = one_blink(is_red ? led.partner : led.state);
  const StatusRow* best = nullptr;
  for (const StatusRow& row : status_rows) {
    // Of a pair that does not exist the red half is shown alone: it tells of a fault.
    if (row.red == red && row.green == LedState::off && !best) best = &row;
    if (row.red == red && row.green == green) best = &row;
  }
  const LedShown shown =
      is_red ? LedShown{best->red, best->green} : LedShown{best->green, best->red};
  return {{0x40, 0x43, best->byte}, shown};
}

LedFrame usb_led(LedState state) {
  if (state == LedState::on) return {{0x40, 0x43, 0x45}, {LedState::on, {}}};
  if (state == LedState::off) return {{0x40, 0x43, 0x47}, {LedState::off, {}}};
  // 250 ms on and off: nearer to fast (100 ms) than to slow (500 ms).
  return {{0x40, 0x43, 0x46}, {LedState::blink_fast, {}}};
}

/// '0' lights a disk LED and '1' puts it out, against all expectation.
constexpr std::array<LedState, 4> disk_modes = {LedState::on, LedState::off, LedState::blink_fast,
                                                LedState::blink_slow};

LedFrame disk_led(char bay, LedState state) {
  const auto mode = std::find(disk_modes.begin(), disk_modes.end(), state) - disk_modes.begin();
  return {{0x40, 0x52, static_cast<std::uint8_t>(bay - 1), static_cast<std::uint8_t>('0' + mode)},
          {state, {}}};
}

std::optional<LedFrame> led_frame(const cmd::SetLed& led) {
  if (led.led == status_green || led.led == status_red) return status_led(led);
  if (led.led == "usb") return usb_led(led.state);
  if (led.led.size() == 5 && led.led.starts_with("disk") && led.led[4] >= '1' && led.led[4] <= '4')
    return disk_led(led.led[4], led.state);
  return std::nullopt;
}

// --- requests

int pwm_of(Duty duty) {
  if (duty.percent <= 0) return 0;
  const int pwm = static_cast<int>(std::lround(duty.percent * pwm_full / 100));
  return std::clamp(pwm, pwm_min, pwm_full);
}
Duty duty_of(int pwm) { return {pwm * 100.0 / pwm_full}; }

struct Encoder {
  const Command& command;

  Result<Exchange> operator()(const cmd::Identify&) const { return asking({0x25, 0x56}, 6); }
  Result<Exchange> operator()(const cmd::ReadTemperature&) const {
    return asking({0x40, 0x54, 0x33}, 4);
  }
  Result<Exchange> operator()(const cmd::ReadFanSpeed&) const {
    return asking({0x40, 0x46, 0x41}, 6);
  }
  Result<Exchange> operator()(const cmd::ReadFanDuty&) const {
    return asking({0x40, 0x46, 0x5A, 0x30}, 4);
  }
  Result<Exchange> operator()(const cmd::SetFanDuty& set) const {
    if (!in_range(set.duty))
      return Error{Errc::invalid_argument,
                   "a fan duty is 0 to 100 percent, not " + number_text(set.duty.percent)};
    return telling({0x40, 0x46, 0x57, 0x30, static_cast<std::uint8_t>(pwm_of(set.duty))});
  }
  Result<Exchange> operator()(const cmd::SetLed& led) const {
    const auto frame = led_frame(led);
    if (!frame)
      return Error{Errc::unsupported,
                   "this MCU has no LED " + in_quotes(led.led) +
                       "; there are status-green, status-red, usb, disk1 to disk4"};
    return telling(frame->body);
  }
  Result<Exchange> operator()(const cmd::Beep& beep) const {
    const std::uint8_t length = beep.length == BeepLength::brief ? 0x32 : 0x33;
    return telling({0x40, 0x43, length});
  }
  Result<Exchange> operator()(const cmd::ReadButton& read) const {
    if (read.button == "power") return asking({0x40, 0x43, 0x56}, 4);
    return Error{Errc::unsupported,
                 "this MCU has no button " + in_quotes(read.button) + "; there is power"};
  }
  Result<Exchange> operator()(const cmd::ReadEeprom& read) const {
    if (read.length < 1 || read.length > eeprom_block || read.offset + read.length > 256)
      return Error{Errc::invalid_argument,
                   "an EEPROM read is 1 to 32 bytes long and ends within 256 bytes, not offset " +
                       std::to_string(read.offset) + " length " + std::to_string(read.length)};
    return asking({0xF7, 0xA1, read.offset, read.length}, 4U + read.length);
  }
  /// Without a delay: drives, fan and LEDs go off at once.
  Result<Exchange> operator()(const cmd::PowerOff&) const { return telling({0x40, 0x43, 0x30}); }

  template <class Other>
  Result<Exchange> operator()(const Other&) const {
    return Error{Errc::unsupported, "this MCU cannot do: " + describe(command)};
  }
};

// --- replies

/// How many bytes of the request its reply repeats. Of the fan speed's only two are known for sure.
ByteView mirrored(const Exchange& exchange) {
  const ByteView tx = exchange.tx;
  std::size_t count = 3;
  if (!tx.empty() && tx[0] == 0x25) count = 2;
  if (!tx.empty() && tx[0] == 0xF7) count = 4;
  if (tx.size() > 2 && tx[1] == 0x46 && tx[2] == 0x41) count = 2;
  return tx.first(std::min(count, tx.size()));
}

/// The fan's speed and duty replies share two mirrored bytes; the duty's third tells them apart.
bool is_late_duty(ByteView rx, const Exchange& exchange) {
  return rx.size() > 2 && exchange.tx.size() > 2 && exchange.tx[2] == 0x41 && rx[2] == 0x5A;
}

/// The request itself came back and the real reply begins behind it.
bool is_echo(ByteView frame, const Exchange& exchange) {
  const std::size_t sent = exchange.tx.size();
  if (frame.size() <= sent || !may_begin_with(frame, exchange.tx)) return false;
  return may_begin_with(frame.subspan(sent), mirrored(exchange));
}

Taken match(ByteView rx, const Exchange& exchange) {
  constexpr Taken nothing{Taken::Kind::noise, 1};
  const std::size_t declared = std::clamp(exchange.replies[0], answer_size, longest_reply);
  if (rx[0] == 0x40 && rx.size() == 1) return {}; // any reply may begin so, and each refusal does
  if (rx[0] == 0x40) {
    const bool refusal = rx[1] == 0x38 || rx[1] == 0x39;
    const bool answer = declared == answer_size && rx[1] >= 0x30 && rx[1] <= 0x39;
    if (refusal || answer) return reply_of(rx, answer_size);
  }
  if (declared == answer_size) return nothing;
  if (!may_begin_with(rx, mirrored(exchange)) || is_late_duty(rx, exchange)) return nothing;
  if (rx.size() >= declared && is_echo(rx.first(declared), exchange)) return nothing;
  return reply_of(rx, declared);
}

/// The meaning of a reply whose checksum, length and mirrored bytes are right.
struct Decoder {
  const Exchange& exchange;
  ByteView frame;

  Result<Reply> operator()(const cmd::Identify&) const {
    return Reply(Identity{to_hex(frame.subspan(2, 4))});
  }
  Result<Reply> operator()(const cmd::ReadTemperature&) const {
    const double celsius = frame[3] & 0x7FU; // bit 7 is seen set, its meaning is not known
    if (celsius > celsius_max)
      return Error{Errc::protocol, "the MCU's temperature sensor is faulty: it says " +
                                       number_text(celsius) + " degrees, 120 is the limit"};
    return Reply(Celsius{celsius});
  }
  Result<Reply> operator()(const cmd::ReadFanSpeed&) const { return Reply(Rpm{frame[4] * 30U}); }
  Result<Reply> operator()(const cmd::ReadFanDuty&) const { return Reply(duty_of(frame[3])); }
  Result<Reply> operator()(const cmd::ReadButton&) const {
    if (frame[3] != 0x30 && frame[3] != 0x31)
      return Error{Errc::protocol, "the button is neither 30 nor 31: " + to_hex(frame)};
    return Reply(Pressed{frame[3] == 0x31});
  }
  Result<Reply> operator()(const cmd::ReadEeprom&) const {
    const ByteView data = frame.subspan(4, frame.size() - 5);
    return Reply(Bytes(data.begin(), data.end()));
  }
  Result<Reply> operator()(const cmd::SetFanDuty& set) const {
    return Reply(duty_of(pwm_of(set.duty)));
  }
  Result<Reply> operator()(const cmd::SetLed& led) const {
    const auto sent = led_frame(led);
    return Reply(sent ? sent->shown : LedShown{led.state, led.partner});
  }
  template <class Other>
  Result<Reply> operator()(const Other&) const {
    return Reply(Done{});
  }
};

Error bad(const Command& command, const std::string& why, ByteView frame) {
  return {Errc::protocol, describe(command) + ": " + why + ": " + to_hex(frame)};
}

/// Everything that must hold before a reply means something.
Status check_reply(const Command& command, const Exchange& exchange, ByteView frame) {
  if (xor_of(frame) != 0) return bad(command, "wrong checksum", frame);
  if (frame.size() == answer_size && frame[0] == 0x40) {
    if (frame[1] == 0x38) return bad(command, "the MCU refused (it saw a wrong checksum)", frame);
    if (frame[1] == 0x39) return bad(command, "the MCU refused (unknown or bad request)", frame);
  }
  if (frame.size() != exchange.replies.at(0) || frame.size() < answer_size)
    return bad(command, "wrong length", frame);
  if (exchange.ambiguous) {
    if (frame[0] == 0x40 && frame[1] == 0x30) return Done{};
    return bad(command, "neither accepted nor refused", frame);
  }
  if (!may_begin_with(frame, mirrored(exchange)) || is_late_duty(frame, exchange))
    return bad(command, "the answer belongs to another command", frame);
  // A duty of 48 is answered by the bytes of the question, so neither it nor an echo is believed.
  if (is_echo(frame, exchange) || std::ranges::equal(frame, exchange.tx))
    return bad(command, "the answer is the request itself (an echo?)", frame);
  return Done{};
}

// --- requests read back

std::optional<Command> control_command(std::uint8_t byte) {
  switch (byte) {
  case 0x30: return cmd::PowerOff{};
  case 0x32: return cmd::Beep{BeepLength::brief};
  case 0x33: return cmd::Beep{BeepLength::extended};
  case 0x45: return cmd::SetLed{"usb", LedState::on, {}};
  case 0x46: return cmd::SetLed{"usb", LedState::blink_fast, {}};
  case 0x47: return cmd::SetLed{"usb", LedState::off, {}};
  case 0x56: return cmd::ReadButton{"power"};
  default: break;
  }
  for (const StatusRow& row : status_rows)
    if (row.byte == byte) return cmd::SetLed{std::string(status_green), row.green, row.red};
  return std::nullopt;
}

std::optional<Command> disk_command(std::uint8_t bay, std::uint8_t mode) {
  if (bay < '0' || bay > '3' || mode < '0' || mode > '3') return std::nullopt;
  const std::string led = "disk" + std::string(1, static_cast<char>(bay + 1));
  return cmd::SetLed{led, disk_modes.at(static_cast<std::size_t>(mode - '0')), {}};
}

/// What a frame can only be, if it is one at all; the caller checks by encoding it again.
std::optional<Command> guess(ByteView frame) {
  const std::size_t size = frame.size();
  const bool at_sign = frame[0] == 0x40;
  if (size == 3 && frame[0] == 0x25) return cmd::Identify{};
  if (size == 4 && at_sign && frame[1] == 0x43) return control_command(frame[2]);
  if (size == 4 && at_sign && frame[1] == 0x46) return cmd::ReadFanSpeed{};
  if (size == 4 && at_sign && frame[1] == 0x54) return cmd::ReadTemperature{};
  if (size == 5 && at_sign && frame[1] == 0x46) return cmd::ReadFanDuty{};
  if (size == 5 && at_sign && frame[1] == 0x52) return disk_command(frame[2], frame[3]);
  if (size == 6 && at_sign && frame[1] == 0x46) return cmd::SetFanDuty{duty_of(frame[4])};
  if (size == 5 && frame[0] == 0xF7) return cmd::ReadEeprom{frame[2], frame[3]};
  return std::nullopt;
}

class Wt61p803 final : public Protocol {
public:
  std::string_view name() const override { return "wt61p803"; }
  LineSettings line() const override { return {}; }
  std::size_t max_pending() const override { return longest_reply; }
  Bytes with_check(Bytes body) const override { return checked(std::move(body)); }

  Result<Exchange> encode(const Command& command) const override {
    return std::visit(Encoder{command}, command);
  }

  Taken take(ByteView rx, const Awaiting* awaiting) const override {
    if (!awaiting || awaiting->frames_seen >= awaiting->exchange.replies.size())
      return rx.empty() ? Taken{} : Taken{Taken::Kind::noise, rx.size()};
    return scan(rx, [&](ByteView rest) { return match(rest, awaiting->exchange); });
  }

  Result<Reply> decode(const Command& command, const Exchange& exchange,
                       std::span<const Bytes> frames) const override {
    if (exchange.replies.empty()) return Error{Errc::protocol, "no answer was asked for"};
    if (frames.empty()) return Error{Errc::timeout, describe(command) + ": no answer"};
    if (auto status = check_reply(command, exchange, frames[0]); !status.ok())
      return std::move(status).error();
    // The lengths below follow from the command, so the exchange has to be its own.
    const auto own = encode(command);
    if (!own.ok()) return own.error();
    if (own->replies != exchange.replies) return bad(command, "not its exchange", exchange.tx);
    return std::visit(Decoder{exchange, frames[0]}, command);
  }

  std::optional<Command> parse_request(ByteView frame) const override {
    if (frame.size() < 3 || frame.size() > 6) return std::nullopt;
    auto command = guess(frame);
    if (!command) return std::nullopt;
    const auto again = encode(*command);
    if (!again.ok() || !std::ranges::equal(again->tx, frame)) return std::nullopt;
    return command;
  }

  std::optional<std::string_view> led_partner(std::string_view led) const override {
    if (led == status_green) return status_red;
    if (led == status_red) return status_green;
    return std::nullopt;
  }

  std::vector<Command> probes() const override { return {cmd::Identify{}, cmd::ReadTemperature{}}; }

  /// Whatever the check byte: one flipped bit on the way could make a wrong one right.
  std::vector<std::vector<int>> power_frames() const override { return {{0x40, 0x43, 0x30}}; }
};

} // namespace

std::unique_ptr<Protocol> make_wt61p803() { return std::make_unique<Wt61p803>(); }

} // namespace mcu
