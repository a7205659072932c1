// SPDX-License-Identifier: MIT
// clock, hctosys, systohc, wake.
#include <verbs/clock_text.hpp>
#include <verbs/groups.hpp>
#include <verbs/outcome.hpp>
#include <verbs/wake_time.hpp>

#include <fmt/format.h>

#include <array>

namespace nasmcu {
namespace {

/// "2013-09-10 21:06:17 +0200".
std::string local_text(std::time_t seconds) {
  std::tm fields{};
  std::array<char, 64> buffer{};
  if (!localtime_r(&seconds, &fields)) return "?";
  std::strftime(buffer.data(), buffer.size(), "%Y-%m-%d %H:%M:%S %z", &fields);
  return buffer.data();
}

Outcome tell_wake(const Session& session, std::optional<std::time_t> when) {
  const std::string local = when ? local_text(*when) : "";
  return say(session, (when ? local : "off") + "\n",
             {{"wake", when ? Json(*when) : Json()}, {"local", when ? Json(local) : Json()}});
}

} // namespace

std::string ctime_text(std::time_t seconds) {
  std::array<char, 64> buffer{}; // ctime_r needs 26; years beyond 9999 need more and give null
  if (!ctime_r(&seconds, buffer.data())) return "?";
  std::string text = buffer.data();
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string hctosys_text(const ClockPair& clocks) {
  return fmt::format("RTC: {}\nSys: {}\nDiff: {}s\n", ctime_text(clocks.clock),
                     ctime_text(clocks.system), clocks.system - clocks.clock);
}

Task<Outcome> run_clock(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("clock");
  Result<ClockView> clock = co_await session.box->read_clock();
  if (!clock) co_return fail(clock.error());
  const std::string local = local_text(clock->time);
  co_return say(session,
                fmt::format("{} (it keeps {})\n", local, clock->utc ? "UTC" : "local time"),
                {{"clock", {{"time", clock->time}, {"local", local}, {"utc", clock->utc}}}});
}

Task<Outcome> run_hctosys(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("hctosys");
  Result<ClockPair> clocks = co_await session.box->clock_to_system();
  if (!clocks) co_return fail(clocks.error());
  co_return say(session, hctosys_text(*clocks),
                {{"clock", clocks->clock},
                 {"system", clocks->system},
                 {"difference", clocks->system - clocks->clock}});
}

Task<Outcome> run_systohc(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("systohc");
  Result<std::time_t> written = co_await session.box->system_to_clock();
  if (!written) co_return fail(written.error());
  co_return say(session, "RTC: " + ctime_text(*written) + "\n", {{"clock", *written}});
}

Task<Outcome> run_wake(Session session, Arguments arguments) {
  if (arguments.size() > 1) co_return wrong_arguments("wake");
  std::optional<std::time_t> when;
  if (arguments.empty()) {
    Result<std::optional<std::time_t>> set = co_await session.box->wake();
    if (!set) co_return fail(set.error());
    when = *set;
  } else if (arguments[0] == "arm") {
    Result<std::optional<std::time_t>> armed = co_await session.box->arm_wake();
    if (!armed) co_return fail(armed.error());
    when = *armed;
  } else {
    if (arguments[0] != "off") {
      const Result<std::time_t> wanted = parse_wake_time(arguments[0], std::time(nullptr));
      if (!wanted) co_return usage(wanted.error().what + "; or off, or arm");
      when = *wanted;
    }
    Status set = co_await session.box->set_wake(when);
    if (!set) co_return fail(set.error());
  }
  co_return tell_wake(session, when);
}

} // namespace nasmcu
