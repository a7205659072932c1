// SPDX-License-Identifier: MIT
#include <mcud/fan_driver.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <spdlog/spdlog.h>

#include <cstdio>
#include <utility>

namespace nasmcu {
namespace {

/// Pause before a failed write is tried again: the Link has made its own tries by then.
constexpr std::chrono::seconds retry_pause{1};

} // namespace

FanDriver::FanDriver(mcu::asio::any_io_executor executor, mcu::Fan& fan)
    : executor_(executor), fan_(fan), timer_(executor), settled_(executor), claim_(fan) {
  decision_ = {fan.spec().failsafe, true, "starting"};
}

void FanDriver::start() {
  running_ = true;
  begin();
  apply();
}

/// From the beginning: nobody knows what the fan shows now.
void FanDriver::begin() {
  rewrite_ = true;
  retry_at_.reset();
  claim_.forget();
  look_for_rivals();
}

void FanDriver::stop() {
  running_ = false;
  timer_.cancel();
  settled_.notify();
}

mcu::Result<std::uint64_t> FanDriver::acquire(const std::string& who) {
  if (claim_.theirs()) return claim_.refusal();
  const std::string before = lease_.holder();
  mcu::Result<std::uint64_t> got = lease_.acquire(who, Clock::now());
  if (!got) return got;
  if (before != who) spdlog::info("fan {}: driven by {}", fan_.name(), who);
  wish_.reset();
  hand_.reset();
  apply();
  return got;
}

mcu::Result<std::uint64_t> FanDriver::seize(const std::string& who) {
  if (claim_.theirs()) return claim_.refusal();
  if (lease_.held())
    spdlog::warn("fan {}: {} took the lease from {} by force", fan_.name(), who, lease_.holder());
  const std::uint64_t lease = lease_.seize(who, Clock::now());
  wish_.reset();
  hand_.reset();
  apply();
  return lease;
}

mcu::Status FanDriver::renew(std::uint64_t lease, const std::string& who) {
  mcu::Status done = lease_.renew(lease, who, Clock::now());
  if (done) arm(Clock::now());
  return done;
}

mcu::Status FanDriver::release(std::uint64_t lease, const std::string& who) {
  mcu::Status done = lease_.release(lease, who);
  if (done) lease_ended(who + " gave the lease back");
  return done;
}

void FanDriver::holder_gone(const std::string& who) {
  if (lease_.holder_gone(who)) lease_ended(who + " left the bus");
}

void FanDriver::end_all(const std::string& reason) {
  const bool driven = lease_.held() || hand_;
  lease_.end();
  hand_.reset();
  if (driven)
    lease_ended(reason);
  else
    apply();
}

void FanDriver::lease_ended(const std::string& reason) {
  spdlog::warn("fan {}: {}; failsafe {:.0f} %", fan_.name(), reason, fan_.spec().failsafe.percent);
  wish_.reset();
  // Even when the duty looks the same: the write in force may still be on its way.
  rewrite_ = true;
  apply();
}

mcu::Task<mcu::Result<double>> FanDriver::set(std::uint64_t lease, std::string who,
                                              mcu::Duty duty) {
  if (!mcu::in_range(duty))
    co_return mcu::Error{mcu::Errc::invalid_argument, "a duty is a number from 0 to 100 percent"};
  if (claim_.theirs()) co_return claim_.refusal();
  const mcu::Status mine = lease_.renew(lease, who, Clock::now());
  if (!mine) co_return mine.error();
  if (!wish_) rewrite_ = true; // the first decision after taking a lease is always written
  wish_ = duty;
  apply();
  const mcu::Status done = co_await settled();
  if (!done) co_return done.error();
  co_return real_.value_or(decision_.duty).percent;
}

mcu::Task<mcu::Result<std::string>> FanDriver::set_by_hand(mcu::Duty duty) {
  if (!mcu::in_range(duty))
    co_return mcu::Error{mcu::Errc::invalid_argument, "a duty is a number from 0 to 100 percent"};
  if (claim_.theirs()) co_return claim_.refusal();
  if (lease_.held())
    co_return mcu::Error{mcu::Errc::busy, "fan " + fan_.name() + " is driven by " +
                                              lease_.holder() + "; set the duty there"};
  hand_ = HandDuty{duty, Clock::now() + HandDuty::lifetime};
  apply();
  const mcu::Status done = co_await settled();
  if (!done) co_return done.error();
  const double real = real_.value_or(decision_.duty).percent;
  char text[96];
  std::snprintf(text, sizeof text,
                "fan %s at %.0f %% for 30 minutes, then failsafe (nas-fand is not running)",
                fan_.name().c_str(), real);
  co_return std::string(text);
}

mcu::Task<mcu::Result<std::string>> FanDriver::end_hand() {
  if (lease_.held())
    co_return mcu::Error{mcu::Errc::busy,
                         "fan " + fan_.name() + " is driven by " + lease_.holder() + "; ask it"};
  hand_.reset();
  apply();
  const mcu::Status done = co_await settled();
  if (!done) co_return done.error();
  co_return "fan " + fan_.name() + " in failsafe until a fan daemon drives it";
}

void FanDriver::presence_changed(bool present) {
  if (!running_) return;
  if (present) {
    begin();
  } else {
    written_.reset();
    real_.reset();
  }
  apply();
  if (on_change) on_change();
}

void FanDriver::look_for_rivals() {
  if (!running_) return;
  look_again_ = looking_;
  if (!std::exchange(looking_, true)) mcu::asio::co_spawn(executor_, look(), mcu::asio::detached);
}

mcu::Task<void> FanDriver::look() {
  do {
    look_again_ = false;
    while (running_ && in_flight_ > 0) co_await settled_.wait();
    const std::string words = claim_.words();
    const FanClaim::Change change = co_await claim_.look(writes_);
    if (change == FanClaim::Change::ours) rewrite_ = true;
    if (change == FanClaim::Change::lost) let_go();
    if (claim_.theirs()) co_await read_duty();
    if (words != claim_.words() && on_change) on_change();
  } while (running_ && look_again_);
  looking_ = false;
  apply();
  settled_.notify();
}

/// The fan is somebody else's from now on.
void FanDriver::let_go() {
  lease_.end();
  wish_.reset();
  hand_.reset();
  written_.reset();
  retry_at_.reset();
  error_.reset();
}

/// What the rival drives it at, as far as the fan can tell.
mcu::Task<void> FanDriver::read_duty() {
  const mcu::Result<mcu::Duty> duty = co_await fan_.duty();
  std::optional<mcu::Duty> now;
  if (duty) now = *duty;
  const bool differs = std::exchange(real_, now) != now;
  if (differs && on_change) on_change();
}

void FanDriver::sleep(bool going) {
  suspended_ = going;
  if (going) rewrite_ = true;
  if (!going) begin();
  apply();
}

bool FanDriver::by_hand() const { return hand_ && !lease_.held(); }

mcu::Task<mcu::Status> FanDriver::settled() {
  while (running_ && (in_flight_ > 0 || !claim_.known())) co_await settled_.wait();
  if (claim_.theirs()) co_return claim_.refusal();
  if (error_) co_return *error_;
  co_return mcu::Done{};
}

/// Decides anew and lets the fan follow.
void FanDriver::apply() {
  if (!running_) return;
  const Instant now = Clock::now();
  if (hand_ && now >= hand_->until) {
    spdlog::info("fan {}: the duty set by hand has run out", fan_.name());
    hand_.reset();
  }
  GuardDecision decision = decide_now(now);
  if (decision != decision_) {
    if (decision.failsafe && decision.why != decision_.why)
      spdlog::warn("fan {}: failsafe {:.0f} %: {}", fan_.name(), decision.duty.percent,
                   decision.why);
    decision_ = std::move(decision);
    retry_at_.reset(); // what failed was another duty
    if (on_change) on_change();
  }
  drive();
  arm(now);
}

GuardDecision FanDriver::decide_now(Instant now) const {
  if (claim_.theirs()) return {fan_.spec().failsafe, false, claim_.words()};
  return decide(fan_.spec(), inputs(), now);
}

GuardInputs FanDriver::inputs() const {
  GuardInputs inputs{suspended_, lease_.held(), wish_, hand_, {}, sensor_timeout};
  if (limits) inputs.limits = limits();
  return inputs;
}

void FanDriver::drive() {
  if (!claim_.known() || claim_.theirs()) return;
  if (!rewrite_ && written_ == decision_.duty) return;
  const bool urgent = decision_.failsafe;
  // One write at a time, but failsafe does not wait for an ordinary one to finish or fail.
  if (in_flight_ > 0 && (!urgent || urgent_in_flight_)) return;
  if (retry_at_ && Clock::now() < *retry_at_ && !rewrite_) return;
  rewrite_ = false;
  ++in_flight_;
  ++writes_;
  urgent_in_flight_ = urgent;
  mcu::asio::co_spawn(executor_,
                      write(decision_.duty, urgent ? mcu::Urgency::urgent : mcu::Urgency::normal),
                      mcu::asio::detached);
}

mcu::Task<void> FanDriver::write(mcu::Duty duty, mcu::Urgency urgency) {
  const mcu::Result<mcu::Duty> took = co_await fan_.set(duty, urgency);
  --in_flight_;
  if (urgency == mcu::Urgency::urgent) urgent_in_flight_ = false;
  if (took) {
    if (error_) spdlog::info("fan {}: obeys again", fan_.name());
    error_.reset();
    written_ = duty;
    real_ = *took;
    retry_at_.reset();
  } else if (urgency == mcu::Urgency::normal && urgent_in_flight_) {
    written_.reset(); // overtaken: failsafe has its own answer
  } else {
    if (!error_) spdlog::error("fan {}: {}", fan_.name(), took.error().what);
    error_ = took.error();
    written_.reset();
    real_.reset();
    // A fan that is away says when it is back (presence_changed); anything else is tried again.
    retry_at_ = fan_.availability().present ? Clock::now() + retry_pause : Instant::max();
  }
  if (on_change) on_change();
  // A write that was on its way before a failsafe may end after it: apply() sees the difference.
  apply();
  settled_.notify();
}

void FanDriver::arm(Instant now) {
  if (!running_) return;
  std::optional<Instant> next = lease_.expires();
  const auto consider = [&next](std::optional<Instant> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  consider(next_change(inputs(), now));
  consider(retry_at_);
  if (!next || *next == Instant::max()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(*next);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || !running_) return;
    if (lease_.expire(Clock::now()))
      lease_ended("the lease was not renewed for 30 s");
    else
      apply();
  });
}

} // namespace nasmcu
