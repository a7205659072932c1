// SPDX-License-Identifier: MIT
#pragma once

#include <mcusim/dlink_clock.hpp>
#include <mcusim/sim_mcu.hpp>

namespace mcusim {

/// Both speak the same frames; fan, LED and speed of the line differ.
enum class Family { dlink, wd };

/// The MCU of the D-Link DNS-320L and DNS-327L, and its relative in the WD My Cloud Mirror gen2.
/// Frames are FA, group, command, ..., FB with no checksum; every request is acknowledged, behind
/// its data frame where it has one.
class SimDns320l final : public SimMcu {
public:
  SimDns320l(Family family, const McuOptions& options, Time start);

  std::string_view protocol() const override {
    return family_ == Family::wd ? "wd-mirror-gen2" : "dns320l";
  }
  unsigned baud() const override { return family_ == Family::wd ? 19200 : 115200; }
  /// Longer than any pause that public programs leave between bytes (200 us), many times over.
  Duration idle_gap() const override { return std::chrono::milliseconds(100); }
  std::size_t shortest_frame() const override { return 7; }
  bool can_refuse() const override { return false; }

private:
  Cut cut(mcu::ByteView buffer) const override;
  Reply handle(mcu::ByteView frame, Time now) override;
  Reply expire(mcu::ByteView) override { return {}; }
  void describe(nlohmann::json& state, Time now) override;
  void elapse(Time now) override;
  double airflow(Time now) const override;
  void on_press(Time now) override;

  /// What a request calls for: its name, and the data byte(s) of the reply frame if it has one.
  struct Answer {
    std::string_view word; ///< empty: unknown
    std::optional<mcu::Bytes> data;
  };
  Answer answer(mcu::ByteView frame, Time now);
  Answer answer_fan(mcu::ByteView frame);
  Answer answer_system(mcu::ByteView frame, Time now);
  Answer answer_led(mcu::ByteView frame);
  Answer answer_wd_led(mcu::ByteView frame);
  Answer answer_switch(std::string_view word, std::uint8_t argument, bool& target);
  Answer answer_clock(mcu::ByteView frame, Time now);
  Answer answer_alarm(mcu::ByteView frame);
  std::uint8_t raw_temperature() const;
  std::uint8_t tacho() const;
  int rpm() const;
  nlohmann::json describe_fan() const;
  void shut_down(std::uint8_t delay, Time now);
  void power_on(Time now);
  void add_settings();
  void add_clock_settings();
  mcu::Status set_alarm(const Words& words);

  Family family_;
  std::chrono::microseconds ack_gap_;
  bool ack_unknown_ = false;
  bool bcd_delay_ = false;
  bool ready_ = false;
  std::string_view led_ = "blink"; ///< boot blink, until DeviceReady
  int fan_ = 1;                    ///< steps 0 to 2; pwm on the WD
  bool recovery_ = false;
  bool wake_on_lan_ = false;
  DlinkClock clock_;
  std::optional<Time> cut_at_; ///< DeviceShutdown is running
  int tacho_byte_ = -1;        ///< `set fan-bytes`; -1: from the model
};

} // namespace mcusim
