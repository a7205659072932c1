// SPDX-License-Identifier: MIT
// ready, failsafe, power-recovery, wol, poweroff, sleep.
#include <verbs/groups.hpp>
#include <verbs/outcome.hpp>
#include <verbs/parse.hpp>

namespace nasmcu {
namespace {

/// A setting that is read without and set with an argument.
struct Switch {
  const char* verb;
  const char* key; ///< in JSON
  Task<Result<bool>> (Box::*read)();
  Task<Status> (Box::*set)(bool on);
};

Task<Outcome> run_switch(Session session, Arguments arguments, Switch what) {
  if (arguments.size() > 1) co_return wrong_arguments(what.verb);
  if (arguments.size() == 1) {
    const Result<bool> wanted = parse_switch(arguments[0]);
    if (!wanted) co_return usage(wanted.error().what);
    Status set = co_await (session.box->*what.set)(*wanted);
    if (!set) co_return fail(set.error());
    co_return say(session, "", {{what.key, *wanted}});
  }
  Result<bool> on = co_await (session.box->*what.read)();
  if (!on) co_return fail(on.error());
  co_return say(session, *on ? "on\n" : "off\n", {{what.key, *on}});
}

} // namespace

Task<Outcome> run_ready(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("ready");
  Status told = co_await session.box->ready();
  if (!told) co_return fail(told.error());
  co_return done(session);
}

Task<Outcome> run_failsafe(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("failsafe");
  Status safe = co_await session.box->failsafe();
  if (!safe) co_return fail(safe.error());
  co_return say(session, "every fan is at its failsafe duty\n", {{"failsafe", true}});
}

Task<Outcome> run_power_recovery(Session session, Arguments arguments) {
  Outcome outcome = co_await run_switch(
      session, arguments,
      {"power-recovery", "power_recovery", &Box::power_recovery, &Box::set_power_recovery});
  co_return outcome;
}

Task<Outcome> run_wol(Session session, Arguments arguments) {
  Outcome outcome = co_await run_switch(
      session, arguments, {"wol", "wake_on_lan", &Box::wake_on_lan, &Box::set_wake_on_lan});
  co_return outcome;
}

Task<Outcome> run_poweroff(Session session, Arguments arguments) {
  if (arguments.size() > 1) co_return wrong_arguments("poweroff");
  int delay = 0; // the configured one
  if (arguments.size() == 1) {
    const Result<int> seconds = parse_delay(arguments[0]);
    if (!seconds) co_return usage(seconds.error().what);
    delay = *seconds;
  }
  Status asked = co_await session.box->power_off(delay);
  if (!asked) co_return fail(asked.error());
  co_return say(session, "the system is going down\n", {{"poweroff", true}});
}

Task<Outcome> run_sleep(Session session, Arguments arguments) {
  const bool before = arguments.size() == 1 && arguments[0] == "before";
  const bool after = arguments.size() == 1 && arguments[0] == "after";
  if (!before && !after) co_return wrong_arguments("sleep");
  Status told = co_await session.box->sleeping(before);
  if (!told) co_return fail(told.error());
  co_return say(session, "", {{"sleep", arguments[0]}});
}

} // namespace nasmcu
