// SPDX-License-Identifier: MIT
#include <libmcu/devices/hwmon_fan.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <cmath>

namespace mcu {
namespace {

constexpr long long manual = 1; // of pwmN_enable: the value of pwmN is what counts
constexpr long long fastest = 100000;

/// The policy under which the kernel leaves the fans of a zone to others, and still minds the
/// zone's critical trip.
const std::string leave_alone = "user_space";

bool in_force(const BoundZone& zone) { return zone.enabled && zone.policy != leave_alone; }

/// Whether the zone knows the policy that takes its fan away from it.
Status can_leave_alone(const Files& files, const BoundZone& zone) {
  const auto policies = files.read(zone.sysfs + "/available_policies");
  if (!policies) return policies.error();
  const auto words = split_words(*policies);
  if (std::find(words.begin(), words.end(), leave_alone) != words.end()) return {};
  return Error{Errc::unsupported, "thermal zone " + zone.type + " does not let go of it: this " +
                                      "kernel has only the policies " + in_quotes(*policies) +
                                      " and " + leave_alone + " is needed"};
}

} // namespace

HwmonFan::HwmonFan(KernelSide& side, const FanSpec& spec)
    : Fan(spec),
      pwm_(side, spec.device, "pwm", ""),
      tach_(HwmonChannel::make(side, spec.tach, "fan", "_input")),
      alarm_(HwmonChannel::make(side, spec.alarm, "fan", "_alarm")) {}

void HwmonFan::refresh() {
  const std::string before = pwm_.node().present() ? pwm_.node().path() : std::string();
  pwm_.refresh();
  if (!pwm_.node().present() || pwm_.node().path() != before) written_.reset();
  if (tach_) tach_->refresh();
  if (alarm_) alarm_->refresh();
}

void HwmonFan::close() {
  written_.reset();
  pwm_.node().leave();
  if (tach_) tach_->node().leave();
  if (alarm_) alarm_->node().leave();
}

Result<HwmonFan::State> HwmonFan::read_state(const Files& files, const std::string& pwm) {
  const auto value = files.number(pwm);
  if (!value) return value.error();
  State state{*value, {}};
  if (!files.exists(pwm + "_enable")) return state;
  const auto enable = files.number(pwm + "_enable");
  if (!enable) return enable.error();
  state.enable = *enable;
  return state;
}

Result<HwmonFan::State> HwmonFan::write_pwm(const Files& files, const std::string& pwm, int value) {
  const std::string enable = pwm + "_enable";
  if (files.exists(enable)) {
    const auto mode = files.number(enable);
    if (!mode) return mode.error();
    if (*mode != manual)
      if (const Status taken = files.write(enable, std::to_string(manual)); !taken)
        return taken.error();
  }
  if (const Status put = files.write(pwm, std::to_string(value)); !put) return put.error();
  return read_state(files, pwm);
}

void HwmonFan::borrow(long long enable) {
  const KernelNode& node = pwm_.node();
  if (!node.present() || enable == manual) return;
  const std::string file = node.path() + "/" + pwm_.file("_enable");
  // When it cannot be noted the fan is driven all the same: a warm box is worse than a chip that
  // does not get its own mode back after a crash.
  (void)node.side().loans.note(
      {node.path() + "/name", pwm_.chip(), {{file, std::to_string(enable)}}});
}

/// Writes the pwm value that was asked for last, which is a newer one where two ask at once.
Task<Result<HwmonFan::State>> HwmonFan::drive() {
  const auto careful = [pwm = pwm_.name(), value = wanted_](const Files& files,
                                                            const std::string& node) {
    const std::string file = node + "/" + pwm;
    const auto mode = files.number(file + "_enable");
    // Not ours yet: nothing is changed before the loan is noted.
    if (mode && *mode != manual) return Result<State>(State{value, *mode});
    return write_pwm(files, file, value);
  };
  auto told = co_await pwm_.node().run<Result<State>>(careful);
  if (!told || !told->enable || *told->enable == manual) co_return told;
  borrow(*told->enable);
  const auto taking = [pwm = pwm_.name(), value = wanted_](const Files& files,
                                                           const std::string& node) {
    return write_pwm(files, node + "/" + pwm, value);
  };
  auto taken = co_await pwm_.node().run<Result<State>>(taking);
  co_return taken;
}

Task<Result<Duty>> HwmonFan::set(Duty duty, Urgency) {
  if (!in_range(duty))
    co_return Error{Errc::invalid_argument, "fan " + name() + ": a duty is 0 to 100 percent"};
  wanted_ = pwm_of(spec(), fit(spec(), duty));
  const auto told = co_await drive();
  if (!told) {
    written_.reset();
    co_return named(told.error());
  }
  written_ = Written{wanted_, *told};
  co_return duty_of(spec(), told->pwm);
}

Task<Result<Duty>> HwmonFan::duty() {
  const auto pwm = co_await pwm_.node().number(pwm_.name());
  if (!pwm) co_return named(pwm.error());
  co_return duty_of(spec(), *pwm);
}

Task<Result<Rpm>> HwmonFan::speed() {
  if (!spec().tach) co_return Error{Errc::unsupported, "fan " + name() + " has no tachometer"};
  if (!tach_)
    co_return Error{Errc::unsupported, "fan " + name() + ": its tachometer " +
                                           to_string(*spec().tach) + " is not on a hwmon chip"};
  const auto rpm = co_await tach_->node().number(tach_->file("_input"));
  if (!rpm) co_return named(rpm.error());
  if (*rpm < 0 || *rpm > fastest)
    co_return Error{Errc::protocol,
                    "fan " + name() + ": " + std::to_string(*rpm) + " rpm is no speed of a fan"};
  co_return Rpm{static_cast<unsigned>(*rpm)};
}

Task<Result<bool>> HwmonFan::alarm() {
  if (!spec().alarm) co_return Error{Errc::unsupported, "fan " + name() + " has no alarm line"};
  if (!alarm_)
    co_return Error{Errc::unsupported, "fan " + name() + ": its alarm line " +
                                           to_string(*spec().alarm) + " is not on a hwmon chip"};
  const auto alarm = co_await alarm_->node().number(alarm_->file("_alarm"));
  if (!alarm) co_return named(alarm.error());
  co_return *alarm != 0;
}

Task<Result<HwmonFan::Seen>> HwmonFan::look() {
  if (!pwm_.node().present()) co_return Error{Errc::unsupported, availability().reason};
  // The zones are found by the folder's name in the class, the files by what is behind it.
  const std::string root = pwm_.node().side().root;
  const std::string folder = pwm_.node().path();
  const auto job = [root, folder, pwm = pwm_.name()](const Files& files, const std::string& node) {
    const auto state = read_state(files, node + "/" + pwm);
    if (!state) return Result<Seen>(state.error());
    Seen all{*state, zones_driving(files, root, folder)};
    std::erase_if(all.zones, [](const BoundZone& zone) { return !in_force(zone); });
    return Result<Seen>(std::move(all));
  };
  auto seen = co_await pwm_.node().run<Result<Seen>>(job);
  co_return seen;
}

std::optional<Rival> HwmonFan::program_in(const State& now) const {
  if (!written_ || now == written_->told) return {};
  const auto text = [](long long value) { return std::to_string(value); };
  if (now.pwm == written_->told.pwm)
    return Rival{Rival::Kind::program,
                 pwm_.file("_enable") + " is " + (now.enable ? text(*now.enable) : "gone") +
                     ", it was " +
                     (written_->told.enable ? text(*written_->told.enable) : "not there")};
  const double percent = std::round(duty_of(spec(), now.pwm).percent);
  return Rival{Rival::Kind::program, pwm_.name() + " is " + text(now.pwm) + " (" +
                                         number_text(percent) + " %), " + text(written_->pwm) +
                                         " was written"};
}

Task<Result<std::optional<Rival>>> HwmonFan::rival() {
  const auto seen = co_await look();
  if (!seen) co_return named(seen.error());
  if (!seen->zones.empty()) {
    const BoundZone& zone = seen->zones.front();
    const Rival rival{Rival::Kind::thermal_zone,
                      "thermal zone " + zone.type + " (" + zone.policy + ")"};
    co_return std::optional<Rival>(rival);
  }
  co_return program_in(seen->state);
}

Task<Status> HwmonFan::take_over() {
  const auto seen = co_await look();
  if (!seen) co_return named(seen.error());
  // A program is not told: the next set() writes over it, and what it has written is no news then.
  written_.reset();
  for (const BoundZone& zone : seen->zones) {
    const Status taken = co_await take_zone(zone);
    if (!taken) co_return named(taken.error());
  }
  co_return Done{};
}

Task<Status> HwmonFan::take_zone(BoundZone zone) {
  const auto asking = [zone](const Files& files, const std::string&) {
    return can_leave_alone(files, zone);
  };
  const auto can = co_await pwm_.node().run<Status>(asking);
  if (!can) co_return can.error();
  const std::string policy = zone.sysfs + "/policy";
  const Loan loan{zone.sysfs + "/type", zone.type, {{policy, zone.policy}}};
  // A zone that would not get its policy back must not be taken: it guards the box.
  if (const Status noted = pwm_.node().side().loans.note(loan); !noted) co_return noted.error();
  const auto taking = [policy](const Files& files, const std::string&) {
    return files.write(policy, leave_alone);
  };
  auto taken = co_await pwm_.node().run<Status>(taking);
  co_return taken;
}

} // namespace mcu
