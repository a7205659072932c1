// SPDX-License-Identifier: MIT
#include <fand/controller.hpp>

#include <fancontrol/words.hpp>
#include <fand/discovery.hpp>
#include <fand/disk_reading.hpp>

#include <bus/alertd_client.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>

namespace nasmcu::fand {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

/// A lease ends 30 s after the last Set or Renew; three chances to keep it.
constexpr seconds renew_every{10};

/// Between two attempts to get the lease: at first soon, since mcud may just be starting.
constexpr milliseconds backoff_first{100};
constexpr milliseconds backoff_last{10000};

/// mcud answers within its own deadlines; this is for one that is frozen.
constexpr milliseconds patience{5000};

/// What a pass of the loop may take beyond its pause: a reading, Set and Renew, each at its limit.
constexpr seconds slack{30};

} // namespace

struct Controller::Round {
  Round(mcu::asio::any_io_executor executor, Plan by)
      : plan(std::move(by)),
        readings(plan.sources.size()),
        open(readings.size()),
        done(std::move(executor)) {}

  const Plan plan;
  std::vector<Reading> readings;
  std::size_t open; ///< readings still to come
  mcu::Signal done;
};

Controller::Controller(mcu::asio::any_io_executor executor, Bus& bus, Plan plan)
    : bus_(bus),
      plan_(std::move(plan)),
      backoff_(backoff_first),
      cycle_began_(Clock::now()),
      timer_(executor),
      cycled_(executor) {
  view_.name = plan_.fan.name;
  view_.sensor = plan_.sources.front().name;
}

void Controller::start() {
  running_ = true;
  mcu::asio::co_spawn(timer_.get_executor(), run(shared_from_this()), mcu::asio::detached);
}

void Controller::stop() {
  running_ = false;
  attached_ = false;
  ++life_;
  lease_ = 0;
  wake();
  cycled_.notify();
  unpublish();
}

void Controller::use(Plan plan) {
  if (plan.rule != plan_.rule || plan.sources != plan_.sources) {
    state_ = {};
    spdlog::info("fan {}: {} on {}", name(), rule_words(plan), sensor_words(plan));
  }
  plan_ = std::move(plan);
  wake();
}

void Controller::attach() {
  ++life_;
  attached_ = true;
  lease_ = 0;
  backoff_ = backoff_first;
  retry_at_ = {};
  rpm_ = plan_.fan.rpm;
  watch_fan();
  wake();
}

void Controller::detach(const std::string& reason) {
  ++life_;
  attached_ = false;
  lease_ = 0;
  fan_watch_.reset();
  wait_for({mcu::Errc::not_running, reason});
  wake();
}

Task<void> Controller::release(milliseconds timeout) {
  if (lease_ == 0) co_return;
  const std::uint64_t lease = std::exchange(lease_, 0);
  attached_ = false;
  ++life_;
  const Target target = fan();
  const auto done = co_await bus_.call<>(target, "Release", timeout, lease);
  if (done)
    spdlog::info("fan {}: lease given back", name());
  else
    spdlog::warn("fan {}: giving the lease back failed: {}", name(), done.error().what);
}

Task<void> Controller::run(std::shared_ptr<Controller> self) {
  while (self->running_) {
    if (!self->attached_)
      co_await self->pause(mcu::SteadyTime::max());
    else if (self->lease_ == 0)
      co_await self->acquire();
    else {
      co_await self->cycle();
      co_await self->rest();
    }
  }
}

/// Waits, unless somebody has called wake() since the last pause; true when woken.
Task<bool> Controller::pause(mcu::SteadyTime until) {
  if (!woken_) {
    due_ = until == mcu::SteadyTime::max() ? until : until + slack;
    timer_.expires_at(until);
    co_await mcu::expired(timer_);
  }
  due_ = Clock::now() + slack;
  co_return std::exchange(woken_, false);
}

void Controller::wake() {
  woken_ = true;
  timer_.cancel();
}

Task<void> Controller::acquire() {
  if (Clock::now() < retry_at_) {
    co_await pause(retry_at_);
    co_return;
  }
  const std::uint64_t life = life_;
  const unsigned conflicts = conflicts_;
  const Target target = fan();
  const auto got = co_await bus_.call<std::uint64_t>(target, "Acquire", patience);
  if (life != life_) co_return;
  if (!got) {
    wait_for(got.error());
    if (conflicts == conflicts_) back_off(); // else this answer is out of date
    co_return;
  }
  lease_ = std::get<0>(*got);
  state_ = {};
  in_force_.reset();
  spdlog::info("fan {}: lease taken; {} on {}, every {} s", name(), rule_words(plan_),
               sensor_words(plan_), plan_.poll.count());
}

/// mcud stands back from a fan that another one drives, and says so: it is worth asking again when
/// that changes. It also tells how fast the fan turns.
void Controller::watch_fan() {
  conflict_.reset();
  const std::weak_ptr<Controller> weak = weak_from_this();
  const auto on_rpm = [weak](mcu::Rpm rpm) {
    if (const auto self = weak.lock()) self->rpm_ = rpm;
  };
  const auto on_words = [weak](const std::string& words) {
    if (const auto self = weak.lock()) self->on_conflict(words);
  };
  fan_watch_ = follow_fan(bus_, plan_.fan.path, on_rpm, on_words);
}

/// Nothing while the fan cannot be set: then its speed is not our doing.
std::optional<Spin> Controller::spin() const {
  if (!plan_.fan.has_tach || !rpm_ || !in_force_) return std::nullopt;
  return Spin{*rpm_, *in_force_};
}

/// With a lease there is nothing to do: the next Set is answered accordingly.
void Controller::on_conflict(const std::string& words) {
  if (words == conflict_) return;
  conflict_ = words;
  ++conflicts_;
  if (lease_ != 0 || !attached_) return;
  if (words.empty()) backoff_ = backoff_first;
  retry_at_ = std::min<mcu::SteadyTime>(retry_at_, Clock::now() + backoff_first);
  wake();
}

Task<void> Controller::read_one(std::shared_ptr<Controller> self, std::shared_ptr<Round> round,
                                std::size_t which) {
  const Source& source = round->plan.sources[which];
  Reading& reading = round->readings[which];
  reading.sensor = source.name;
  if (source.path.empty()) {
    reading.value = mcu::Error{mcu::Errc::invalid_argument, source.missing};
  } else {
    const Target target{mcud_name, source.path, "io.nasmcu1.Sensor"};
    const auto got = co_await self->bus_.call<double>(target, "Read", round->plan.patience);
    if (got)
      reading.value = mcu::Celsius{std::get<0>(*got)};
    else
      reading.value = got.error();
    const bool no_driver = !got && got.error().code == mcu::Errc::unsupported;
    if (no_driver && !source.bay.empty()) {
      AlertdClient alertd(self->bus_);
      const auto disks = co_await alertd.disks();
      if (disks) reading.value = smart_reading(*disks, source.bay, std::time(nullptr));
    }
  }
  --round->open;
  round->done.notify();
}

/// All at the same time, so that together they take no longer than one.
Task<std::vector<Reading>> Controller::read(Plan plan) {
  const auto executor = timer_.get_executor();
  const auto round = std::make_shared<Round>(executor, std::move(plan));
  for (std::size_t i = 0; i < round->readings.size(); ++i)
    mcu::asio::co_spawn(executor, read_one(shared_from_this(), round, i), mcu::asio::detached);
  while (round->open > 0) co_await round->done.wait();
  co_return std::move(round->readings);
}

/// Every cycle sets, also an unchanged duty: it renews the lease, and mcud may have been told
/// something else in between.
Task<void> Controller::cycle() {
  cycle_began_ = Clock::now();
  woken_ = false; // whatever it was for, this cycle sees it
  const std::uint64_t life = life_;
  const Plan plan = plan_;
  const std::vector<Reading> readings = co_await read(plan);
  if (life != life_) co_return;

  ++cycles_;
  const Step step = control(plan, state_, {readings, manual_, spin(), Clock::now()});
  const unsigned wish = wish_;
  const Target target = fan();
  const auto set =
      co_await bus_.call<double>(target, "Set", patience, lease_, step.decision.duty.percent);
  if (life != life_) co_return;

  // A reload in between began afresh.
  if (plan.rule == plan_.rule && plan.sources == plan_.sources) state_ = step.next;
  again_ = step.again;
  in_force_.reset();
  if (set) in_force_ = mcu::Duty{std::get<0>(*set)};
  log_absent(step.demands);
  settle(readings, step.decision, set);
  served_ = wish;
  cycled_.notify();
}

/// Once when a sensor goes, and once when it is back. Where there is only one it has its place in
/// the decision.
void Controller::log_absent(const std::vector<Demand>& demands) {
  if (demands.size() < 2) return;
  for (const Demand& demand : demands) {
    if (demand.outcome != Outcome::absent) {
      if (absent_.erase(demand.sensor) > 0)
        spdlog::info("fan {}: sensor {} is there again", name(), demand.sensor);
    } else if (absent_.insert(demand.sensor).second) {
      spdlog::info("fan {}: sensor {} is left out: {}", name(), demand.sensor, demand.why);
    }
  }
}

void Controller::settle(const std::vector<Reading>& readings, const Decision& decision,
                        const Result<std::tuple<double>>& set) {
  if (!set && set.error().code == mcu::Errc::busy) return lose_lease(set.error());
  log_outcome(decision, set);
  const auto deciding = std::find_if(readings.begin(), readings.end(), [&](const Reading& reading) {
    return reading.sensor == decision.sensor;
  });
  View view = view_;
  view.present = true;
  view.valid = deciding != readings.end() && deciding->value.ok();
  view.reason = view.valid || deciding == readings.end() ? "" : deciding->value.error().what;
  view.mode = fand::name(decision.mode);
  view.duty = decision.duty.percent;
  view.why = decision.why;
  if (!set) view.why += "; not set: " + set.error().what;
  view.sensor = decision.sensor;
  if (view.valid) view.temperature = deciding->value.value().value;
  show(std::move(view));
}

/// Once for each transition: a new mode, a new duty, the first failing Set and the first good one.
void Controller::log_outcome(const Decision& decision, const Result<std::tuple<double>>& set) {
  const bool changed =
      fand::name(decision.mode) != view_.mode || decision.duty.percent != view_.duty;
  if (changed)
    spdlog::log(decision.mode == Mode::failsafe ? spdlog::level::warn : spdlog::level::info,
                "fan {}: {}: {}", name(), percent(decision.duty), decision.why);
  const bool failed_before = !obstacle_.what.empty() && view_.mode != "waiting";
  if (set) {
    if (failed_before) spdlog::info("fan {}: can be set again", name());
    obstacle_ = {};
    backoff_ = backoff_first;
  } else {
    if (!failed_before)
      spdlog::warn("fan {}: cannot be set: {}; trying again at every poll", name(),
                   set.error().what);
    obstacle_ = set.error();
  }
}

/// Sleeps until the next poll. A long poll is cut into pieces to keep the lease.
Task<void> Controller::rest() {
  while (lease_ != 0) {
    mcu::SteadyTime next = cycle_began_ + plan_.poll;
    if (again_) next = std::min(next, *again_);
    const auto renewal = Clock::now() + renew_every;
    const bool woken = co_await pause(std::min<mcu::SteadyTime>(next, renewal));
    if (woken || next <= renewal) co_return;
    co_await keep_lease();
  }
}

Task<void> Controller::keep_lease() {
  if (lease_ == 0) co_return;
  const std::uint64_t life = life_;
  const Target target = fan();
  const auto kept = co_await bus_.call<>(target, "Renew", patience, lease_);
  if (life == life_ && !kept && kept.error().code == mcu::Errc::busy) lose_lease(kept.error());
}

void Controller::lose_lease(const mcu::Error& error) {
  lease_ = 0;
  wait_for({error.code, "lease lost: " + error.what});
  back_off();
}

/// Only a successful Set makes the pause short again: a lease that is taken away at once each time
/// shall not become a race.
void Controller::back_off() {
  retry_at_ = Clock::now() + backoff_;
  backoff_ = std::min(backoff_ * 2, backoff_last);
}

void Controller::wait_for(mcu::Error error) {
  if (view_.mode != fand::name(Mode::waiting) || obstacle_.code != error.code ||
      obstacle_.what.empty())
    spdlog::warn("fan {}: waiting: {}", name(), error.what);
  View view = view_;
  view.present = attached_;
  view.valid = false;
  view.reason = error.what;
  view.mode = fand::name(Mode::waiting);
  view.why = "waiting: " + error.what;
  obstacle_ = std::move(error);
  show(std::move(view));
  cycled_.notify();
}

void Controller::show(View view) {
  const bool changed = view.mode != view_.mode || view.duty != view_.duty;
  view_ = std::move(view);
  if (face_) face_->show(view_);
  if (changed && on_change) on_change();
}

std::string Controller::summary() const {
  if (view_.mode == fand::name(Mode::waiting)) return name() + " " + view_.why;
  return name() + " " + view_.mode + " " + percent(mcu::Duty{view_.duty});
}

} // namespace nasmcu::fand
