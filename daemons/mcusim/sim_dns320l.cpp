// SPDX-License-Identifier: MIT
// Frames in, answers out. State and settings: sim_dns320l_state.cpp.
#include <mcusim/sim_dns320l.hpp>
#include <mcusim/sim_mcus.hpp>

#include <algorithm>

namespace mcusim {

using mcu::Bytes;
using mcu::ByteView;

static constexpr std::uint8_t frame_start = 0xFA;
static constexpr std::uint8_t frame_end = 0xFB;
static const Bytes ack_frame{0xFA, 0x30, 0, 0, 0, 0, 0xFB};

SimDns320l::SimDns320l(Family family, const McuOptions& options, Time start)
    : SimMcu(options, start),
      family_(family),
      ack_gap_(options.ack_gap),
      clock_(options.clock, start) {
  fan_ = family == Family::wd ? 0x50 : 1;
  add_settings();
}

// ---- frames -----------------------------------------------------------------------------------

/// Bytes of the frame that begins like this; 0 while that is not known. Only writes of the clock
/// group have a length of their own, in byte 4.
static std::size_t frame_length(ByteView b) {
  static constexpr std::size_t standard = 7;
  if (b.size() < 2) return 0;
  if (b[1] != 0x01) return standard;
  if (b.size() < 5) return 0;
  if (b[3] != 0x02 || b[4] < 1 || b[4] > 7) return standard;
  return 6U + b[4];
}

SimMcu::Cut SimDns320l::cut(ByteView buffer) const {
  const auto next_start = [&buffer](std::size_t from) {
    const auto found =
        std::find(buffer.begin() + static_cast<std::ptrdiff_t>(from), buffer.end(), frame_start);
    return static_cast<std::size_t>(found - buffer.begin());
  };
  if (buffer[0] != frame_start) return {Cut::Kind::noise, next_start(1)};
  const std::size_t length = frame_length(buffer);
  if (length == 0 || buffer.size() < length) return {};
  if (buffer[length - 1] == frame_end) return {Cut::Kind::frame, length};
  return {Cut::Kind::broken, next_start(1)};
}

Reply SimDns320l::handle(ByteView frame, Time now) {
  const Verdict decision = verdict();
  if (decision == Verdict::ignore) {
    count("ignored", false);
    return {};
  }
  const Answer reply = answer(frame, now);
  const Outgoing ack{ack_frame, Duration{0}, true};
  count(reply.word.empty() ? "unknown" : reply.word, !reply.word.empty());
  if (reply.word.empty()) return ack_unknown_ ? Reply{ack} : Reply{};
  if (!reply.data) return {ack};
  Bytes data(frame.begin(), frame.begin() + 5);
  data.insert(data.end(), reply.data->begin(), reply.data->end());
  data.push_back(frame_end);
  return {Outgoing{std::move(data)}, Outgoing{ack_frame, ack_gap_, true}};
}

// ---- answers ----------------------------------------------------------------------------------

SimDns320l::Answer SimDns320l::answer(ByteView frame, Time now) {
  switch (frame[1]) {
  case 0x01: return frame[2] == 0x08 ? answer_clock(frame, now) : answer_alarm(frame);
  case 0x02: return answer_fan(frame);
  case 0x03: return answer_system(frame, now);
  case 0x26: return family_ == Family::wd ? answer_wd_led(frame) : Answer{};
  default: return {};
  }
}

SimDns320l::Answer SimDns320l::answer_fan(ByteView frame) {
  if (frame[4] != 0 || frame[5] != 0) return {};
  const bool wd = family_ == Family::wd;
  if (frame[2] == 0x01 && wd && frame[3] == 0) return {"fan-tacho", Bytes{tacho()}};
  if (frame[2] != 0x00 || (!wd && frame[3] > 2)) return {};
  fan_ = frame[3];
  return {"fan", {}};
}

SimDns320l::Answer SimDns320l::answer_system(ByteView frame, Time now) {
  const std::uint8_t argument = frame[3];
  if (frame[2] == 0x03) {
    if (argument != 0x01 || frame[4] != 0x01) return {};
    shut_down(frame[5], now);
    return {"shutdown", {}};
  }
  if (frame[2] == 0x06) return answer_led(frame);
  if (frame[4] != 0 || frame[5] != 0) return {};
  switch (frame[2]) {
  case 0x01:
    if (argument != 0) return {};
    if (!ready_) led_ = "on";
    ready_ = true;
    return {"ready", {}};
  case 0x02: return answer_switch("recovery", argument, recovery_);
  case 0x0C:
    // The WD relative sets power recovery here.
    if (family_ != Family::wd || argument > 1) return {};
    recovery_ = argument == 1;
    return {"recovery", {}};
  case 0x08: return argument == 0 ? Answer{"temperature", Bytes{raw_temperature()}} : Answer{};
  case 0x0A: return answer_switch("wol", argument, wake_on_lan_);
  default: return {};
  }
}

/// 0 and 1 set, 2 asks.
SimDns320l::Answer SimDns320l::answer_switch(std::string_view word, std::uint8_t argument,
                                             bool& target) {
  if (argument > 2) return {};
  if (argument == 2) return {word, Bytes{static_cast<std::uint8_t>(target ? 1 : 0)}};
  target = argument == 1;
  return {word, {}};
}

SimDns320l::Answer SimDns320l::answer_led(ByteView frame) {
  static constexpr std::string_view looks[] = {"off", "on", "blink"};
  if (frame[3] > 2 || frame[4] != 0 || frame[5] != 1) return {};
  led_ = looks[frame[3]];
  return {"power-led", {}};
}

/// Low nibble the colour (1 blue, 2 orange, 4 red), high nibble the mode; off is 01.
SimDns320l::Answer SimDns320l::answer_wd_led(ByteView frame) {
  struct Look {
    std::uint8_t byte;
    std::string_view name;
  };
  static constexpr Look looks[] = {
      {0x01, "off"},    {0x11, "blue"}, {0x21, "blue-blink"}, {0x41, "blue-fade"},
      {0x12, "orange"}, {0x14, "red"},  {0x24, "red-blink"},  {0x22, "orange-blink"},
  };
  if (frame[2] != 0x00 || frame[4] != 0 || frame[5] != 1) return {};
  for (const Look& look : looks) {
    if (look.byte != frame[3]) continue;
    led_ = look.name;
    return {"power-led", {}};
  }
  return {};
}

SimDns320l::Answer SimDns320l::answer_clock(ByteView frame, Time now) {
  if (frame[3] == 0x01 && frame[4] == 0x01 && frame[5] == 0) {
    return {"clock-read", clock_.raw(now)};
  }
  if (frame[3] != 0x02 || frame[4] != 0x07) return {};
  clock_.set_raw(frame.subspan(5, 7), now);
  return {"clock-write", {}};
}

SimDns320l::Answer SimDns320l::answer_alarm(ByteView frame) {
  const bool reads = frame[3] == 0x01 && frame[4] == 0x01 && frame[5] == 0;
  const bool writes = frame[3] == 0x02 && frame[4] == 0x01;
  DlinkAlarm& alarm = clock_.alarm;
  if (frame[2] == 0x0F && reads) return {"alarm-flag", Bytes{alarm.flag}};
  if (frame[2] == 0x10 && writes && frame[5] <= 1) {
    alarm.enabled = frame[5] == 1;
    return {"alarm-enable", {}};
  }
  if (frame[2] < 0x0A || frame[2] > 0x0E) return {};
  std::uint8_t& value = alarm.fields[frame[2] - 0x0AU];
  if (reads) return {"alarm-read", Bytes{value}};
  if (!writes) return {};
  value = frame[5];
  return {"alarm-write", {}};
}

std::unique_ptr<SimMcu> make_sim_dns320l(const McuOptions& options, Time start) {
  return std::make_unique<SimDns320l>(Family::dlink, options, start);
}

std::unique_ptr<SimMcu> make_sim_wd_mirror_gen2(const McuOptions& options, Time start) {
  return std::make_unique<SimDns320l>(Family::wd, options, start);
}

} // namespace mcusim
