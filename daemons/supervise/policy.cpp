// SPDX-License-Identifier: MIT
#include <supervise/policy.hpp>

#include <algorithm>

namespace nasmcu::supervise {
namespace {

using Kind = Action::Kind;

/// Of all our daemons: the command line or the configuration has an error.
constexpr int wrong_configuration = 2;
constexpr int failed = 1;

std::string seconds_words(milliseconds time) {
  const auto tenths = time.count() / 100;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) +
         " s";
}

} // namespace

std::string to_string(const End& end) {
  return end.signal != 0 ? "signal " + std::to_string(end.signal)
                         : "exit status " + std::to_string(end.code);
}

void Policy::await(State state, Time now, milliseconds time) {
  state_ = state;
  due_ = now + time;
}

Action Policy::start(Time now, std::string why) {
  started_ = now;
  reload_waits_ = false;
  await(State::starting, now, rules_.ready);
  return {Kind::start, std::move(why)};
}

Action Policy::begin(Time now) { return start(now, ""); }

Action Policy::ready(Time now) {
  if (state_ != State::starting) return {};
  state_ = State::running;
  alive(now);
  if (!reload_waits_) return {};
  reload_waits_ = false;
  return {Kind::reload, ""};
}

/// One who is being stopped or killed does not win time by it.
Action Policy::alive(Time now) {
  if (state_ != State::running) return {};
  due_.reset();
  if (rules_.sign_of_life.count() > 0) due_ = now + rules_.sign_of_life;
  return {};
}

Action Policy::reload() {
  if (state_ == State::running) return {Kind::reload, ""};
  reload_waits_ = state_ == State::starting;
  return {};
}

Action Policy::terminate(Time now) {
  if (!last_code_) last_code_ = 0;
  switch (state_) {
  case State::starting:
  case State::running: await(State::stopping, now, rules_.stop); return {Kind::terminate, ""};
  case State::off:
  case State::pause: due_.reset(); return {Kind::end, "", *last_code_};
  case State::stopping:
  case State::killed:
  case State::failsafe: break; // on its way
  }
  return {};
}

Action Policy::tick(Time now) {
  if (!due_ || now < *due_) return {};
  switch (state_) {
  case State::starting:
    await(State::killed, now, rules_.stop);
    return {Kind::kill, "not ready after " + seconds_words(rules_.ready) + ": killed"};
  case State::running:
    await(State::killed, now, rules_.stop);
    return {Kind::kill, "no sign of life for " + seconds_words(rules_.sign_of_life) + ": killed"};
  case State::stopping:
    last_code_ = failed;
    await(State::killed, now, rules_.stop);
    return {Kind::kill, "has not ended after " + seconds_words(rules_.stop) + ": killed"};
  case State::killed:
    // Not even SIGKILL ends one that waits for a device. It is waited for, since it may still hold
    // the hardware; its fans are looked after meanwhile, as far as that can be.
    due_.reset();
    return {Kind::none, "cannot be killed: it waits for a device; waiting for its end"};
  case State::failsafe:
    await(State::failsafe, now, rules_.failsafe);
    return {Kind::kill_failsafe, "the failsafe program takes too long: killed"};
  case State::pause: return start(now, "");
  case State::off: due_.reset(); break;
  }
  return {};
}

Action Policy::ended(End end, Time now) {
  if (state_ == State::off || state_ == State::pause || state_ == State::failsafe) return {};
  const bool killed = state_ == State::killed;
  if (end.good() && !killed) {
    due_.reset();
    state_ = State::off;
    return {Kind::end, "", last_code_.value_or(0)};
  }
  if (end.signal == 0 && end.code == wrong_configuration && !last_code_) {
    last_code_ = wrong_configuration;
    return bad_end("ended with exit status 2, a wrong configuration, which does not get better by "
                   "trying again: it stays off until it is started",
                   now);
  }
  if (last_code_ && !killed) last_code_ = failed;
  return bad_end("ended with " + to_string(end), now);
}

Action Policy::not_started(const std::string& why, Time now) {
  if (state_ != State::starting) return {};
  return bad_end("cannot be started: " + why, now);
}

Action Policy::bad_end(const std::string& what, Time now) {
  if (now - started_ >= rules_.steady) pause_ = milliseconds(0);
  pause_ = pause_.count() == 0 ? rules_.first_pause : std::min(2 * pause_, rules_.longest_pause);
  const std::string next = last_code_ ? "" : "; started again in " + seconds_words(pause_);
  if (!rules_.has_failsafe) {
    Action action = after_failsafe(now);
    action.why = what + next;
    return action;
  }
  await(State::failsafe, now, rules_.failsafe);
  return {Kind::failsafe, what + next};
}

Action Policy::failsafe_ended(End end, Time now) {
  if (state_ != State::failsafe) return {};
  Action action = after_failsafe(now);
  if (!end.good()) action.why = "the failsafe program ended with " + to_string(end);
  return action;
}

Action Policy::after_failsafe(Time now) {
  if (last_code_) {
    due_.reset();
    state_ = State::off;
    return {Kind::end, "", *last_code_};
  }
  await(State::pause, now, pause_);
  return {};
}

} // namespace nasmcu::supervise
