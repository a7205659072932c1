// SPDX-License-Identifier: MIT
// watchdog.
#include <verbs/alert_text.hpp>
#include <verbs/groups.hpp>
#include <verbs/outcome.hpp>
#include <verbs/table.hpp>

#include <libmcu/model/text.hpp>

#include <fmt/format.h>

namespace nasmcu {
namespace {

Tone state_tone(const std::string& state) {
  if (state == "healthy") return Tone::good;
  return state == "failing" ? Tone::warn : Tone::bad;
}

Tone check_tone(const std::string& verdict) {
  if (verdict == "passes") return Tone::good;
  return verdict == "fails" ? Tone::bad : Tone::dim;
}

std::string device_words(const WatchdogView& view) {
  if (!view.armed) return "none: " + harmless(view.armed_reason);
  std::string words = fmt::format("{} ({}), resets the box {} s after the last feeding",
                                  view.device, harmless(view.identity), view.timeout);
  if (view.pretimeout > 0) words += fmt::format(", says so {} s before", view.pretimeout);
  return words + (view.feeding ? "; it is fed" : "; it is not fed");
}

std::string resets_words(const WatchdogView& view) {
  return fmt::format("{} of {} since the last hour in which all was well", view.resets,
                     view.most_resets);
}

std::string check_words(const WatchdogCheckView& check) {
  std::string words = harmless(check.why);
  if (check.age >= 0) words += ", " + age_text(check.age) + " ago";
  return words + (check.only_alerts ? " (only alerts)" : "");
}

std::string watchdog_text(const WatchdogView& view, bool color) {
  std::vector<Row> rows = {
      {{"state"}, {view.state + ": " + harmless(view.reason), state_tone(view.state)}},
      {{"device"}, {device_words(view), view.armed ? Tone::plain : Tone::warn}}};
  for (const std::string& remark : view.remarks) rows.push_back({{""}, {harmless(remark)}});
  if (view.keepalive_only) rows.push_back({{""}, {"fed without any check (KeepaliveOnly)"}});
  if (view.no_way_out) rows.push_back({{""}, {"a stop leaves it armed (NoWayOut)"}});
  rows.push_back({{"resets"}, {resets_words(view)}});
  if (view.last_reset != 0)
    rows.push_back({{"last"}, {minute_text(view.last_reset) + ", " + harmless(view.last_reason)}});
  std::vector<Row> checks;
  for (const WatchdogCheckView& check : view.checks)
    checks.push_back(
        {{check.name}, {check.verdict, check_tone(check.verdict)}, {check_words(check)}});
  std::string text = aligned(rows, color);
  if (!checks.empty()) text += heading("Checks", color) + aligned(checks, color);
  return text;
}

Json watchdog_json(const WatchdogView& view) {
  Json checks = Json::array();
  for (const WatchdogCheckView& check : view.checks)
    checks.push_back({{"name", check.name},
                      {"verdict", check.verdict},
                      {"why", check.why},
                      {"age", check.age < 0 ? Json() : Json(check.age)},
                      {"only_alerts", check.only_alerts}});
  Json last;
  if (view.last_reset != 0) last = {{"time", view.last_reset}, {"why", view.last_reason}};
  return {{"state", view.state},
          {"reason", view.reason},
          {"check", view.check.empty() ? Json() : Json(view.check)},
          {"armed", view.armed},
          {"armed_reason", view.armed_reason},
          {"feeding", view.feeding},
          {"device", view.device},
          {"identity", view.identity},
          {"timeout", view.timeout},
          {"pretimeout", view.pretimeout},
          {"remarks", view.remarks},
          {"no_way_out", view.no_way_out},
          {"keepalive_only", view.keepalive_only},
          {"checks", checks},
          {"resets", view.resets},
          {"most_resets", view.most_resets},
          {"last_reset", last}};
}

Task<Outcome> announce_grace(Session session, std::string word) {
  const auto time = mcu::parse_integer(word);
  if (!time || *time < 0 || *time > 3600)
    co_return usage("a grace is 0 to 3600 seconds, not " + mcu::in_quotes(word));
  const std::string why = "something";
  const Status done = co_await session.box->announce(why, std::chrono::seconds(*time));
  if (!done) co_return fail(done.error());
  const std::string text = *time == 0 ? "what fails may lead to a reset again\n"
                                      : "no reset for " + word + " s, whatever fails\n";
  co_return say(session, text, {{"grace", *time}});
}

} // namespace

Task<Outcome> run_watchdog(Session session, Arguments arguments) {
  if (arguments.size() == 2 && arguments[0] == "grace") {
    Outcome announced = co_await announce_grace(session, arguments[1]);
    co_return announced;
  }
  if (!arguments.empty()) co_return wrong_arguments("watchdog");
  const Result<WatchdogView> view = co_await session.box->watchdog();
  if (!view) co_return fail(view.error());
  co_return say(session, watchdog_text(*view, session.color), {{"watchdog", watchdog_json(*view)}});
}

} // namespace nasmcu
