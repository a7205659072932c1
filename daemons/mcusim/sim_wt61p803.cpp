// SPDX-License-Identifier: MIT
// The system MCU of the QNAP TS-133, TS-233 and TS-433. A frame is command bytes and their XOR; its
// end is known from the command alone. What is not publicly known is refused with "@9".
#include <mcusim/sim_mcus.hpp>

#include <libmcu/protocol/checksum.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace mcusim {
namespace {

using mcu::Bytes;
using mcu::ByteView;
using mcu::Done;
using mcu::Status;

const Bytes ack_body{0x40, 0x30};
const Bytes wrong_checksum_body{0x40, 0x38};
const Bytes other_error_body{0x40, 0x39};

/// r of the speed reply counts 30 rpm each; a byte cannot say more.
constexpr int rpm_unit = 30;
/// Speed at pwm 255, as the recorded session of the kernel's driver shows it.
constexpr int full_rpm = 2550;
/// A tap shorter than this is not reported: the key has to be held "for a while"; how long is not
/// publicly known.
constexpr std::chrono::milliseconds debounce{200};

/// The three looks of one colour of the status LED, by the third byte of `@C?`.
struct StatusLook {
  std::uint8_t byte;
  std::string_view green;
  std::string_view red;
};
constexpr StatusLook status_looks[] = {
    {0x39, "off", "off"},   {0x36, "on", "off"},    {0x37, "off", "on"},      {0x44, "on", "on"},
    {0x35, "blink", "off"}, {0x34, "off", "blink"}, {0x38, "blink", "blink"},
};
constexpr std::string_view disk_looks[] = {"on", "off", "blink-fast", "blink-slow"};
constexpr std::string_view usb_looks[] = {"on", "blink", "off"};

enum class Bit7 { clear, set, random };

class SimWt61p803 final : public SimMcu {
public:
  SimWt61p803(const McuOptions& options, Time start);

  std::string_view protocol() const override { return "wt61p803"; }
  unsigned baud() const override { return 115200; }
  /// The middle of the 20 to 50 ms that the protocol notes give, taken long for slow hosts.
  Duration idle_gap() const override { return std::chrono::milliseconds(50); }
  std::size_t shortest_frame() const override { return 3; }
  bool can_refuse() const override { return true; }

private:
  Cut cut(ByteView buffer) const override;
  Reply handle(ByteView frame, Time now) override;
  Reply expire(ByteView buffer) override;
  void describe(nlohmann::json& state, Time now) override;
  void elapse(Time) override {}
  double airflow(Time now) const override;
  void on_press(Time) override;

  static std::string_view word(ByteView frame);
  Bytes answer(ByteView frame, Time now);
  Bytes answer_control(std::uint8_t what, Time now);
  Bytes answer_disk_led(std::uint8_t disk, std::uint8_t look);
  Bytes answer_speed() const;
  Bytes answer_temperature();
  Bytes answer_eeprom(ByteView frame) const;
  void fill_eeprom(const McuOptions& options);
  void add_settings();
  Status set_version(const Words& words);
  Status set_bit7(const Words& words);
  Status set_eeprom(const Words& words);
  Status set_fan_bytes(const Words& words);
  bool button(Time now) const;
  int rpm() const;

  Bytes version_{0x01, 0x02, 0x03, 0x04};
  Bit7 bit7_ = Bit7::random;
  std::array<std::uint8_t, 256> eeprom_{};
  std::vector<std::string_view> disks_;
  std::optional<std::string_view> usb_; ///< nothing: no such LED
  std::string_view green_ = "off";
  std::string_view red_ = "off";
  int pwm_ = 255; ///< the fan runs at full speed until the host says otherwise
  std::array<std::uint8_t, 3> speed_bytes_{0x30, 0x00, 0x00};
  bool speed_fixed_ = false; ///< the middle one is `set fan-bytes`'s and not the model's
  unsigned short_beeps_ = 0;
  unsigned long_beeps_ = 0;
  bool rails_ = true;
};

SimWt61p803::SimWt61p803(const McuOptions& options, Time start)
    : SimMcu(options, start), disks_(std::min(options.disks, 9U), "off") {
  if (options.usb_led) usb_ = "off";
  fill_eeprom(options);
  add_settings();
}

/// Serial number, number of external ports, and one MAC address per network port, at the places
/// that the kernel's device trees name; the rest reads FF.
void SimWt61p803::fill_eeprom(const McuOptions& options) {
  eeprom_.fill(0xFF);
  const auto put = [this](std::size_t at, std::string_view text) {
    std::copy(text.begin(), text.end(), eeprom_.begin() + static_cast<std::ptrdiff_t>(at));
  };
  std::fill_n(eeprom_.begin(), 0x13, 0);
  put(0x00, "Q21XX00000S");
  eeprom_[0x22] = 0;
  eeprom_[0x23] = 2;
  put(0x24, "24:5e:be:00:00:01");
  // Only the four-bay box has a second network port.
  if (options.disks >= 4) put(0x35, "24:5e:be:00:00:02");
}

void SimWt61p803::add_settings() {
  add_number("pwm N", 0, 255, pwm_);
  add_flag("rails 0|1", rails_);
  add_setting("version HEX...", [this](const Words& words, Time) { return set_version(words); });
  add_setting("temp-bit7 0|1|random", [this](const Words& words, Time) { return set_bit7(words); });
  add_setting("eeprom OFFSET HEX...",
              [this](const Words& words, Time) { return set_eeprom(words); });
  add_setting("fan-bytes X R Y|auto...",
              [this](const Words& words, Time) { return set_fan_bytes(words); });
}

// ---- frames -----------------------------------------------------------------------------------

/// Bytes of the frame that begins like this, checksum included; 0 while that is not known.
std::size_t frame_length(ByteView b) {
  if (b.size() < 2) return 0;
  if (b[0] == 0x25 && b[1] == 0x56) return 3;
  if (b[0] == 0xF7 && b[1] == 0xA1) return 5;
  if (b[0] != 0x40) return 0;
  if (b[1] == 0x43 || b[1] == 0x54) return 4;
  if (b[1] == 0x52) return 5;
  if (b[1] != 0x46 || b.size() < 3) return 0;
  if (b[2] == 0x41) return 4;
  if (b[2] == 0x5A) return 5;
  return b[2] == 0x57 ? 6 : 0;
}

SimMcu::Cut SimWt61p803::cut(ByteView buffer) const {
  if (buffer[0] != 0x25 && buffer[0] != 0x40 && buffer[0] != 0xF7) return {Cut::Kind::noise, 1};
  const std::size_t length = frame_length(buffer);
  if (length != 0 && buffer.size() >= length) return {Cut::Kind::frame, length};
  // An unknown command ends with the line's silence; a babbling host must not fill the memory.
  if (length == 0 && buffer.size() > 64) return {Cut::Kind::broken, buffer.size()};
  return {};
}

Reply message(Bytes body) {
  body.push_back(mcu::xor_of(body));
  return {Outgoing{std::move(body)}};
}

Reply SimWt61p803::expire(ByteView buffer) {
  // Something known that lost its end is dropped without a word.
  if (buffer.size() < 3 || frame_length(buffer) != 0) return {};
  if (buffer[0] == 0x40 && buffer[1] == 0x46) return {};
  count("unknown", false);
  const bool intact = mcu::xor_of(buffer.first(buffer.size() - 1)) == buffer.back();
  return message(intact ? other_error_body : wrong_checksum_body);
}

std::string_view SimWt61p803::word(ByteView frame) {
  if (frame[0] == 0x25) return "version";
  if (frame[0] == 0xF7) return "eeprom";
  switch (frame[1]) {
  case 0x54: return "temperature";
  case 0x52: return "disk-led";
  case 0x46: return frame[2] == 0x41 ? "fan-rpm" : frame[2] == 0x5A ? "fan-pwm-get" : "fan-pwm-set";
  default: break;
  }
  switch (frame[2]) {
  case 0x30: return "power-off";
  case 0x32: return "beep-short";
  case 0x33: return "beep-long";
  case 0x45:
  case 0x46:
  case 0x47: return "usb-led";
  case 0x56: return "button";
  default: break;
  }
  const bool status = std::any_of(std::begin(status_looks), std::end(status_looks),
                                  [&](const StatusLook& look) { return look.byte == frame[2]; });
  return status ? "status-led" : "unknown";
}

Reply SimWt61p803::handle(ByteView frame, Time now) {
  const Verdict decision = verdict();
  const bool intact = mcu::xor_of(frame.first(frame.size() - 1)) == frame.back();
  if (decision != Verdict::answer || !intact) {
    count(word(frame), false);
    if (decision == Verdict::ignore) return {};
    return message(decision == Verdict::refuse_other ? other_error_body : wrong_checksum_body);
  }
  Bytes reply = answer(frame, now);
  const bool good = reply != other_error_body;
  count(word(frame), good);
  return message(std::move(reply));
}

// ---- answers, without checksum ----------------------------------------------------------------

Bytes SimWt61p803::answer(ByteView frame, Time now) {
  if (frame[0] == 0x25) {
    Bytes reply{0x25, 0x56};
    reply.insert(reply.end(), version_.begin(), version_.end());
    return reply;
  }
  if (frame[0] == 0xF7) return answer_eeprom(frame);
  switch (frame[1]) {
  case 0x43: return answer_control(frame[2], now);
  case 0x52: return answer_disk_led(frame[2], frame[3]);
  case 0x54: return frame[2] == 0x33 ? answer_temperature() : other_error_body;
  default: break;
  }
  if (frame[2] == 0x41) return answer_speed();
  // '0' may be the fan's number; other fans are not publicly known.
  if (frame[3] != 0x30) return other_error_body;
  if (frame[2] == 0x5A) return {0x40, 0x46, 0x5A, static_cast<std::uint8_t>(pwm_)};
  pwm_ = frame[4];
  return ack_body;
}

Bytes SimWt61p803::answer_control(std::uint8_t what, Time now) {
  switch (what) {
  case 0x30:
    // Drives, fan and LEDs lose their supply at once; the MCU itself goes on answering.
    rails_ = false;
    return ack_body;
  case 0x32: ++short_beeps_; return ack_body;
  case 0x33: ++long_beeps_; return ack_body;
  case 0x45:
  case 0x46:
  case 0x47:
    if (!usb_) return other_error_body;
    usb_ = usb_looks[what - 0x45];
    return ack_body;
  case 0x56: return {0x40, 0x43, 0x56, static_cast<std::uint8_t>(button(now) ? 0x31 : 0x30)};
  default: break;
  }
  for (const StatusLook& look : status_looks) {
    if (look.byte != what) continue;
    green_ = look.green;
    red_ = look.red;
    return ack_body;
  }
  return other_error_body;
}

Bytes SimWt61p803::answer_disk_led(std::uint8_t disk, std::uint8_t look) {
  if (disk < 0x30 || disk - 0x30U >= disks_.size()) return other_error_body;
  if (look < 0x30 || look > 0x33) return other_error_body;
  disks_[disk - 0x30U] = disk_looks[look - 0x30U];
  return ack_body;
}

Bytes SimWt61p803::answer_speed() const {
  const auto steps = static_cast<std::uint8_t>(std::clamp(rpm() / rpm_unit, 0, 255));
  return {0x40, 0x46, 0x41, speed_bytes_[0], steps, speed_bytes_[2]};
}

Bytes SimWt61p803::answer_temperature() {
  if (fixed_raw_) return {0x40, 0x54, 0x33, static_cast<std::uint8_t>(*fixed_raw_)};
  const double degrees = std::clamp(std::round(thermal_.celsius()), 0.0, 127.0);
  auto byte = static_cast<std::uint8_t>(degrees);
  if (bit7_ == Bit7::set || (bit7_ == Bit7::random && random_.chance(0.5))) byte |= 0x80U;
  return {0x40, 0x54, 0x33, byte};
}

Bytes SimWt61p803::answer_eeprom(ByteView frame) const {
  const std::size_t offset = frame[2];
  const std::size_t length = frame[3];
  if (length < 1 || length > 32 || offset + length > eeprom_.size()) return other_error_body;
  Bytes reply{0xF7, 0xA1, frame[2], frame[3]};
  const auto first = eeprom_.begin() + static_cast<std::ptrdiff_t>(offset);
  reply.insert(reply.end(), first, first + static_cast<std::ptrdiff_t>(length));
  return reply;
}

// ---- state ------------------------------------------------------------------------------------

bool SimWt61p803::button(Time now) const {
  const std::optional<Duration> since = held(now);
  return since && *since >= debounce;
}

int SimWt61p803::rpm() const {
  if (rpm_) return *rpm_;
  if (speed_fixed_) return speed_bytes_[1] * rpm_unit;
  return rails_ ? pwm_ * full_rpm / 255 : 0;
}

double SimWt61p803::airflow(Time) const { return static_cast<double>(rpm()) / full_rpm; }

/// The button brings back what power off took; the fan then runs at full speed until told
/// otherwise.
void SimWt61p803::on_press(Time) {
  if (rails_) return;
  rails_ = true;
  pwm_ = 255;
}

void SimWt61p803::describe(nlohmann::json& state, Time now) {
  nlohmann::json leds = nlohmann::json::object();
  for (std::size_t i = 0; i < disks_.size(); ++i) {
    leds["disk" + std::to_string(i + 1)] = rails_ ? disks_[i] : "off";
  }
  if (usb_) leds["usb"] = rails_ ? *usb_ : "off";
  leds["status-green"] = rails_ ? green_ : "off";
  leds["status-red"] = rails_ ? red_ : "off";
  state["leds"] = leds;
  state["fan"] = {{"pwm", pwm_},
                  {"duty", std::round(pwm_ * 1000.0 / 255) / 10},
                  {"rpm", rpm()},
                  {"rpm_set", rpm_.has_value() || speed_fixed_}};
  state["beeps"] = {{"short", short_beeps_}, {"long", long_beeps_}};
  state["rails"] = rails_;
  state["button"]["reported"] = button(now);
  state["version"] = mcu::to_hex(version_);
  state["eeprom"] = mcu::to_hex(eeprom_);
}

// ---- settings ---------------------------------------------------------------------------------

Status SimWt61p803::set_version(const Words& words) {
  const mcu::Result<Bytes> bytes = hex_bytes("version", words, 1);
  if (!bytes.ok()) return bytes.error();
  if (bytes.value().size() != 4) return invalid("version", words[1], "four bytes in hex");
  version_ = bytes.value();
  return Done{};
}

Status SimWt61p803::set_bit7(const Words& words) {
  if (words[1] == "0") {
    bit7_ = Bit7::clear;
  } else if (words[1] == "1") {
    bit7_ = Bit7::set;
  } else if (words[1] == "random") {
    bit7_ = Bit7::random;
  } else {
    return invalid("temp-bit7", words[1], "0, 1, random");
  }
  return Done{};
}

Status SimWt61p803::set_eeprom(const Words& words) {
  const mcu::Result<Bytes> offset = hex_bytes("eeprom offset", {words[1]}, 0);
  if (!offset.ok()) return offset.error();
  const mcu::Result<Bytes> bytes = hex_bytes("eeprom", words, 2);
  if (!bytes.ok()) return bytes.error();
  const std::size_t at = offset.value().front();
  if (offset.value().size() != 1 || at + bytes.value().size() > eeprom_.size()) {
    return invalid("eeprom", words[1], "an offset 00 to FF and bytes that end at FF or before");
  }
  std::copy(bytes.value().begin(), bytes.value().end(),
            eeprom_.begin() + static_cast<std::ptrdiff_t>(at));
  return Done{};
}

Status SimWt61p803::set_fan_bytes(const Words& words) {
  if (words.size() == 2 && words[1] == "auto") {
    speed_fixed_ = false;
    return Done{};
  }
  const mcu::Result<Bytes> bytes = hex_bytes("fan-bytes", words, 1);
  if (!bytes.ok()) return bytes.error();
  if (bytes.value().size() != 3) return invalid("fan-bytes", words[1], "three bytes in hex, auto");
  std::copy_n(bytes.value().begin(), 3, speed_bytes_.begin());
  speed_fixed_ = true;
  return Done{};
}

} // namespace

std::unique_ptr<SimMcu> make_sim_wt61p803(const McuOptions& options, Time start) {
  return std::make_unique<SimWt61p803>(options, start);
}

} // namespace mcusim
