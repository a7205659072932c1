// SPDX-License-Identifier: MIT
#include <alertd/sound.hpp>

#include <algorithm>

namespace nasmcu::alertd {
namespace {

/// What an alert sounds for once: it changes with severity and state.
std::string sound_key(const Alert& alert) {
  return std::string(name(alert.finding.severity)) + " " + alert.finding.state;
}

Pattern pattern_for(Severity severity) {
  switch (severity) {
  case Severity::failed: return Pattern(3, mcu::BeepLength::extended);
  case Severity::warning: return {mcu::BeepLength::brief};
  case Severity::rebuilding: break;
  }
  return {};
}

bool is_quiet(const SoundRules& rules, int minute_of_day) {
  return rules.quiet && rules.quiet->contains(minute_of_day);
}

/// When the quiet hours that hold now are over. The zones of today differ by whole minutes from
/// UTC, so the wall clock's minutes are those of `now`.
WallTime end_of_quiet(const Hours& quiet, WallTime now, int minute_of_day) {
  constexpr int day = 24 * 60;
  const int left = ((quiet.until - minute_of_day) % day + day) % day;
  return std::chrono::floor<std::chrono::minutes>(now) +
         std::chrono::minutes(left == 0 ? day : left);
}

} // namespace

bool Sound::due(const Alert& alert) const {
  if (alert.acknowledged) return false;
  const auto played = played_.find(alert.finding.id);
  return played == played_.end() || played->second != sound_key(alert);
}

bool Sound::repeats(const SoundRules& rules, std::span<const Alert> alerts) const {
  if (!last_ || rules.repeat <= rules.repeat.zero()) return false;
  return std::any_of(alerts.begin(), alerts.end(), [](const Alert& alert) {
    return alert.finding.severity == Severity::failed && !alert.acknowledged;
  });
}

/// Forgets what stands no more, so that it sounds when it comes back. What a person knows of need
/// not sound, and counts as if it had.
void Sound::settle(std::span<const Alert> alerts, WallTime now) {
  std::map<std::string, std::string> played;
  for (const Alert& alert : alerts) {
    if (alert.acknowledged)
      played[alert.finding.id] = sound_key(alert);
    else if (const auto before = played_.find(alert.finding.id); before != played_.end())
      played.insert(*before);
  }
  played_ = std::move(played);
  // The clock was set back: otherwise nothing would repeat until that time comes again.
  if (last_ && *last_ > now) last_ = now;
}

Pattern Sound::next(const SoundRules& rules, std::span<const Alert> alerts, WallTime now,
                    int minute_of_day) {
  settle(alerts, now);
  if (!rules.on || is_quiet(rules, minute_of_day) || muted_until(now)) return {};

  Pattern pattern;
  if (repeats(rules, alerts) && now >= *last_ + rules.repeat)
    pattern = pattern_for(Severity::failed);
  for (const Alert& alert : alerts) {
    if (!due(alert)) continue;
    played_[alert.finding.id] = sound_key(alert);
    Pattern own = pattern_for(alert.finding.severity);
    // The worse, the longer.
    if (own.size() > pattern.size()) pattern = std::move(own);
  }
  if (pattern == pattern_for(Severity::failed)) last_ = now;
  return pattern;
}

std::optional<WallTime> Sound::muted_until(WallTime now) const {
  if (!muted_until_ || *muted_until_ <= now) return {};
  return muted_until_;
}

std::optional<WallTime> Sound::again(const SoundRules& rules, std::span<const Alert> alerts,
                                     WallTime now, int minute_of_day) const {
  if (!rules.on) return {};
  std::optional<WallTime> when;
  if (repeats(rules, alerts)) when = *last_ + rules.repeat;
  if (std::any_of(alerts.begin(), alerts.end(), [this](const Alert& alert) { return due(alert); }))
    when = now;
  if (!when) return {};
  if (const auto muted = muted_until(now)) when = std::max(*when, *muted);
  if (is_quiet(rules, minute_of_day))
    when = std::max(*when, end_of_quiet(*rules.quiet, now, minute_of_day));
  return std::max(*when, now + std::chrono::seconds(1));
}

} // namespace nasmcu::alertd
