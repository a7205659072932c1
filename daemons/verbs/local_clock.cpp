// SPDX-License-Identifier: MIT
// LocalBox: the battery clock, and what it can start.
#include <verbs/local_device.hpp>

#include <common/clock_step.hpp>
#include <libmcu/kernel/files.hpp>
#include <libmcu/model/text.hpp>

namespace nasmcu {
namespace {

/// An alarm without a year comes at the first such date: more than a year away is too early then.
Status comes_first(const mcu::CivilTime& wanted, std::time_t now) {
  mcu::CivilTime earlier = wanted;
  while (--earlier.year >= 2000) {
    if (!mcu::check(earlier)) continue; // 29 February
    const auto moment = mcu::to_time_t(earlier, true);
    if (!moment || *moment <= now) break;
    return mcu::Error{mcu::Errc::invalid_argument,
                      "the alarm of this clock has no year, so it would come on " +
                          mcu::iso_text(earlier) + " already: a time within a year is needed"};
  }
  return {};
}

} // namespace

bool LocalBox::clock_utc() const {
  if (options_.clock_utc) return *options_.clock_utc;
  return inventory_.board().clock ? inventory_.board().clock->utc : true;
}

Task<Result<ClockView>> LocalBox::read_clock() {
  Result<mcu::Clock*> clock = fitted(inventory_, inventory_.clock(), "clock");
  if (!clock) co_return clock.error();
  Result<mcu::CivilTime> fields = co_await (*clock)->read();
  if (!fields) co_return fields.error();
  const Result<std::time_t> seconds = mcu::to_time_t(*fields, clock_utc());
  if (!seconds) co_return seconds.error();
  co_return ClockView{*seconds, clock_utc()};
}

Task<Result<ClockPair>> LocalBox::clock_to_system() {
  Result<ClockView> clock = co_await read_clock();
  if (!clock) co_return clock.error();
  const ClockPair pair{clock->time, std::time(nullptr)};
  const Status sensible =
      may_set_system(pair.clock, pair.system, system_.clock_synchronised(), build_date());
  if (!sensible) co_return sensible.error();
  Status set = system_.set_clock(pair.clock);
  if (!set) co_return set.error();
  co_return pair;
}

Task<Result<std::time_t>> LocalBox::system_to_clock() {
  Result<mcu::Clock*> clock = fitted(inventory_, inventory_.clock(), "clock");
  if (!clock) co_return clock.error();
  const std::time_t now = std::time(nullptr);
  const Status sensible = may_set_clock(now, build_date());
  if (!sensible) co_return sensible.error();
  const Result<mcu::CivilTime> fields = mcu::to_civil(now, clock_utc());
  if (!fields) co_return fields.error();
  Status set = co_await (*clock)->set(*fields);
  if (!set) co_return set.error();
  // The alarm is in the clock's own time, which may just have moved.
  const std::optional<WakeWish> wish = wake_wish();
  if (wish && wish->at && *wish->at > now) {
    const Status armed = co_await write_wake(wish->at);
    if (!armed)
      co_return mcu::Error{armed.error().code,
                           "the clock is set, its alarm is not: " + armed.error().what};
  }
  co_return now;
}

// --- when it starts the box
//
// A clock that keeps local time knows nothing of daylight saving: it goes on with the offset it was
// set with. Its alarm is therefore in the offset of now, whatever local clocks will show then.

Task<Result<std::optional<std::time_t>>> LocalBox::wake() {
  Result<mcu::Clock*> clock = fitted(inventory_, inventory_.clock(), "clock");
  if (!clock) co_return clock.error();
  Result<std::optional<mcu::CivilTime>> fields = co_await (*clock)->wake();
  if (!fields) co_return fields.error();
  std::optional<std::time_t> when;
  if (!*fields) co_return when;
  const Result<std::time_t> seconds = mcu::to_time_t(**fields, true);
  if (!seconds) co_return seconds.error();
  const std::optional<WakeWish> wish = wake_wish();
  // Registers alone do not tell that they are switched off.
  const bool off = (*clock)->wakes_without_year() && wish && !wish->at;
  if (!off) when = *seconds - (clock_utc() ? 0 : mcu::zone_offset(std::time(nullptr)));
  co_return when;
}

Task<Status> LocalBox::set_wake(std::optional<std::time_t> when) {
  Status written = co_await write_wake(when);
  if (!written) co_return written;
  const Status kept = keep_wish(when);
  if (!kept)
    co_return mcu::Error{kept.error().code, "it is set, but not again when the system goes down: " +
                                                kept.error().what};
  co_return kept;
}

Task<Status> LocalBox::write_wake(std::optional<std::time_t> when) {
  Result<mcu::Clock*> clock = fitted(inventory_, inventory_.clock(), "clock");
  if (!clock) co_return clock.error();
  std::optional<mcu::CivilTime> wanted;
  if (when) {
    const std::time_t now = std::time(nullptr);
    if (*when <= now)
      co_return mcu::Error{mcu::Errc::invalid_argument, "this time has passed already"};
    const long offset = clock_utc() ? 0 : mcu::zone_offset(now);
    const Result<mcu::CivilTime> fields = mcu::to_civil(*when + offset, true);
    if (!fields) co_return fields.error();
    if ((*clock)->wakes_without_year())
      if (const Status first = comes_first(*fields, now + offset); !first) co_return first;
    wanted = *fields;
  }
  Status set = co_await (*clock)->set_wake(wanted);
  co_return set;
}

Task<Result<std::optional<std::time_t>>> LocalBox::arm_wake() {
  std::optional<std::time_t> next = next_wake(options_.wake, wake_wish(), std::time(nullptr));
  if (!next) co_return next;
  const Status armed = co_await write_wake(next);
  if (!armed) co_return armed.error();
  co_return next;
}

std::string LocalBox::wish_file() const { return system_.root() + "/var/lib/nasmcu/mcud/wake"; }

/// A file that says something else is as good as none.
std::optional<WakeWish> LocalBox::wake_wish() const {
  const auto text = mcu::Files().read(wish_file());
  if (!text) return {};
  if (*text == "off") return WakeWish{};
  const auto seconds = mcu::parse_integer(*text);
  if (!seconds) return {};
  return WakeWish{static_cast<std::time_t>(*seconds)};
}

Status LocalBox::keep_wish(std::optional<std::time_t> when) const {
  return write_file(wish_file(), (when ? std::to_string(*when) : "off") + "\n");
}

} // namespace nasmcu
