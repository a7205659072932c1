// SPDX-License-Identifier: MIT
#include <libmcu/devices/sleep_gate.hpp>

#include <libmcu/model/text.hpp>

#include <charconv>

namespace mcu {
namespace {

using std::chrono::duration_cast;

/// "45 s", "12 min", "3 h".
std::string spoken(SleepGate::Duration time) {
  const auto seconds = duration_cast<std::chrono::seconds>(time).count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3600) + " h";
}

std::optional<std::uint64_t> number(const std::string& word) {
  std::uint64_t value = 0;
  const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (wrong != std::errc() || end != word.data() + word.size()) return {};
  return value;
}

} // namespace

std::optional<std::uint64_t> accesses_of(std::string_view stat) {
  // Reads completed, merged, sectors, time; then the same for writes.
  const std::vector<std::string> words = split_words(stat);
  if (words.size() < 8) return {};
  const auto reads = number(words[0]);
  const auto writes = number(words[4]);
  if (!reads || !writes) return {};
  return *reads + *writes;
}

void SleepGate::observe(const DiskActivity& activity, Time now) {
  // Counters do not run backwards: this is another disk.
  if (seen_ && activity.accesses < seen_->accesses) reset();
  if (!seen_) {
    first_seen_ = now;
  } else if (activity.accesses != seen_->accesses) {
    used_ = now;
    used_just_then_ = now - seen_at_ <= options_.awake;
    used_since_read_ = true;
  }
  if (activity.power != DiskActivity::Power::suspended)
    suspended_.reset();
  else if (!suspended_)
    suspended_ = now;
  seen_ = activity;
  seen_at_ = now;
}

SleepGate::Decision SleepGate::decide(const DiskActivity& activity, Time now) {
  observe(activity, now);
  last_ = judge(activity, now);
  switch (last_.verdict) {
  case Verdict::read: ++counters_.reads; break;
  case Verdict::keep_last: ++counters_.kept; break;
  case Verdict::asleep: ++counters_.withheld; break;
  }
  return last_;
}

SleepGate::Decision SleepGate::judge(const DiskActivity& activity, Time now) const {
  if (activity.power == DiskActivity::Power::suspended)
    return {Verdict::asleep, "put to rest by the kernel " + spoken(now - *suspended_) + " ago"};
  if (read_ && now - *read_ < options_.pause)
    return {Verdict::keep_last, "read " + spoken(now - *read_) + " ago"};
  if (recently_used(now) && used_since_read_) return {Verdict::read, "used since the last reading"};
  // Only the first time: each reading puts the kernel's own timer back.
  if (!tried_ && activity.power == DiskActivity::Power::active)
    return {Verdict::read, "the kernel says that it is awake"};
  if (read_ && now - *read_ < options_.interval)
    return {Verdict::keep_last, "read " + spoken(now - *read_) + " ago and hardly used since"};
  return {Verdict::asleep, at_rest(now)};
}

bool SleepGate::recently_used(Time now) const {
  return used_ && used_just_then_ && now - *used_ <= options_.awake;
}

bool SleepGate::rests(Time now) const {
  if (!seen_ || seen_->power == DiskActivity::Power::suspended) return true;
  return seen_->power != DiskActivity::Power::active && !recently_used(now);
}

std::string SleepGate::at_rest(Time now) const {
  if (!used_)
    return "not seen in use (looked at for " + spoken(now - first_seen_) + "), and may be at rest";
  if (!used_just_then_) return "used at a time that nobody saw, and may be at rest again";
  return "at rest since " + spoken(now - *used_);
}

void SleepGate::done(bool ok, const DiskActivity& activity, Time now) {
  if (seen_ && activity.accesses < seen_->accesses) return observe(activity, now);
  seen_ = activity;
  seen_at_ = now;
  tried_ = true;
  if (!ok) {
    read_.reset(); // and the owner's use still counts: tried again while it is awake
    return;
  }
  read_ = now;
  used_since_read_ = false;
}

void SleepGate::forced(std::string why) {
  ++counters_.reads;
  last_ = {Verdict::read, std::move(why)};
}

void SleepGate::reset() {
  const Counters counters = counters_;
  *this = SleepGate(options_);
  counters_ = counters;
}

} // namespace mcu
