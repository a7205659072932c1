// SPDX-License-Identifier: MIT
// LocalBox: the battery clock, and what it can start.
#include <verbs/local_device.hpp>

namespace nasmcu {

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
  Status set = system_.set_clock(pair.clock);
  if (!set) co_return set.error();
  co_return pair;
}

Task<Result<std::time_t>> LocalBox::system_to_clock() {
  Result<mcu::Clock*> clock = fitted(inventory_, inventory_.clock(), "clock");
  if (!clock) co_return clock.error();
  const std::time_t now = std::time(nullptr);
  const Result<mcu::CivilTime> fields = mcu::to_civil(now, clock_utc());
  if (!fields) co_return fields.error();
  Status set = co_await (*clock)->set(*fields);
  if (!set) co_return set.error();
  co_return now;
}

Task<Result<std::optional<std::time_t>>> LocalBox::wake() {
  Result<mcu::Clock*> clock = fitted(inventory_, inventory_.clock(), "clock");
  if (!clock) co_return clock.error();
  Result<std::optional<mcu::CivilTime>> fields = co_await (*clock)->wake();
  if (!fields) co_return fields.error();
  std::optional<std::time_t> when;
  if (*fields) {
    const Result<std::time_t> seconds = mcu::to_time_t(**fields, clock_utc());
    if (!seconds) co_return seconds.error();
    when = *seconds;
  }
  co_return when;
}

Task<Status> LocalBox::set_wake(std::optional<std::time_t> when) {
  Result<mcu::Clock*> clock = fitted(inventory_, inventory_.clock(), "clock");
  if (!clock) co_return clock.error();
  std::optional<mcu::CivilTime> wanted;
  if (when) {
    if (*when <= std::time(nullptr))
      co_return mcu::Error{mcu::Errc::invalid_argument, "this time has passed already"};
    const Result<mcu::CivilTime> fields = mcu::to_civil(*when, clock_utc());
    if (!fields) co_return fields.error();
    wanted = *fields;
  }
  Status set = co_await (*clock)->set_wake(wanted);
  co_return set;
}

} // namespace nasmcu
