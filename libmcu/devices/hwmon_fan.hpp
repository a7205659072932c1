// SPDX-License-Identifier: MIT
// Internal to the hwmon back end: a fan on a pwm channel of the kernel.
#pragma once

#include <libmcu/devices/hwmon_channel.hpp>
#include <libmcu/kernel/find.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace mcu {

class HwmonFan : public Fan {
public:
  HwmonFan(KernelSide& side, const FanSpec& spec);

  Availability availability() const override { return pwm_.node().availability(); }
  void refresh() override;
  void close() override;

  Task<Result<Duty>> set(Duty duty, Urgency urgency) override;
  Task<Result<Duty>> duty() override;
  Task<Result<Rpm>> speed() override;
  Task<Result<bool>> alarm() override;
  Task<Result<std::optional<Rival>>> rival() override;
  Task<Status> take_over() override;

private:
  /// What the chip says of the channel.
  struct State {
    long long pwm = 0;
    std::optional<long long> enable; ///< nothing: it has no other mode than ours
    bool operator==(const State&) const = default;
  };
  struct Written {
    int pwm = 0;
    State told; ///< right behind the write; a driver may have rounded or limited it
  };
  struct Seen {
    State state;
    std::vector<BoundZone> zones; ///< that drive the fan now
  };

  static Result<State> read_state(const Files& files, const std::string& pwm);
  static Result<State> write_pwm(const Files& files, const std::string& pwm, int value);
  Task<Result<State>> drive();
  Task<Result<Seen>> look();
  Task<Status> take_zone(BoundZone zone);
  std::optional<Rival> program_in(const State& now) const;
  Error named(const Error& error) const { return about("fan " + name(), error); }
  void borrow(long long enable);

  HwmonChannel pwm_;
  std::unique_ptr<HwmonChannel> tach_, alarm_; ///< null: not on a hwmon chip
  int wanted_ = 0;                             ///< the pwm value that was asked for last
  std::optional<Written> written_;             ///< nothing: no write of ours is in force
};

} // namespace mcu
