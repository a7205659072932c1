// SPDX-License-Identifier: MIT
// alerts, disks, identify, metrics.
#include <verbs/alert_text.hpp>
#include <verbs/groups.hpp>
#include <verbs/outcome.hpp>
#include <verbs/prometheus.hpp>
#include <verbs/render.hpp>
#include <verbs/wake_time.hpp>

#include <common/system.hpp>

#include <chrono>
#include <filesystem>

namespace nasmcu {
namespace {

constexpr std::chrono::seconds usual_mute = std::chrono::hours(1);

Task<Outcome> list_alerts(Session session) {
  Result<AlertList> list = co_await session.box->alerts();
  if (!list) co_return fail(list.error());
  list->alerts = worst_first(std::move(list->alerts));
  const std::time_t now = std::time(nullptr);
  const bool muted = list->muted_until > now;
  co_return say(session, alerts_text(*list, now, session.color),
                {{"alerts", json(list->alerts)},
                 {"muted_until", muted ? Json(list->muted_until) : Json()},
                 {"poller", list->poller}});
}

Task<Outcome> acknowledge(Session session, std::string id) {
  Status known = co_await session.box->acknowledge_alert(id);
  if (!known) co_return fail(known.error());
  co_return say(session, id + " is acknowledged until it changes\n", {{"acknowledged", id}});
}

/// How long `word` means to be silent; 0 for "off".
Result<std::chrono::seconds> mute_time(const std::string& word, std::time_t now) {
  if (word == "off") return std::chrono::seconds(0);
  const Result<std::time_t> until = parse_wake_time(word, now);
  if (!until) return mcu::Error{until.error().code, until.error().what + ", or off"};
  return std::chrono::seconds(*until - now);
}

Task<Outcome> mute(Session session, std::chrono::seconds time) {
  const std::time_t until = std::time(nullptr) + time.count();
  Status done = co_await session.box->mute_alerts(time);
  if (!done) co_return fail(done.error());
  if (time.count() == 0)
    co_return say(session, "the buzzer is not muted\n", {{"muted_until", Json()}});
  co_return say(session, "the buzzer is muted until " + minute_text(until) + "\n",
                {{"muted_until", until}});
}

Task<Outcome> try_channels(Session session) {
  Result<std::string> what = co_await session.box->test_alerts();
  if (!what) co_return fail(what.error());
  co_return say(session, *what + "\n", {{"test", *what}});
}

Task<Outcome> forget(Session session, std::string bay) {
  Status forgotten = co_await session.box->forget_bay(bay);
  if (!forgotten) co_return fail(forgotten.error());
  co_return say(session, "bay " + bay + " is not expected to hold a disk any more\n",
                {{"forgotten", bay}});
}

Task<Outcome> self_test(Session session, std::string bay, std::string kind) {
  Result<std::string> what = co_await session.box->test_disk(bay, kind);
  if (!what) co_return fail(what.error());
  co_return say(session, *what + "\n", {{"bay", bay}, {"kind", kind}, {"begun", *what}});
}

} // namespace

Task<Outcome> run_alerts(Session session, Arguments arguments) {
  const std::string what = arguments.empty() ? "" : arguments[0];
  const std::size_t count = arguments.size();
  Outcome outcome = wrong_arguments("alerts");
  if (count == 0) outcome = co_await list_alerts(session);
  if (what == "ack" && count == 2) outcome = co_await acknowledge(session, arguments[1]);
  if (what == "test" && count == 1) outcome = co_await try_channels(session);
  if (what == "mute" && count <= 2) {
    const Result<std::chrono::seconds> time =
        count == 2 ? mute_time(arguments[1], std::time(nullptr)) : usual_mute;
    if (!time) co_return usage(time.error().what);
    outcome = co_await mute(session, *time);
  }
  co_return outcome;
}

Task<Outcome> run_disks(Session session, Arguments arguments) {
  if (arguments.size() == 2 && arguments[0] == "forget") {
    Outcome forgotten = co_await forget(session, arguments[1]);
    co_return forgotten;
  }
  const bool two = arguments.size() == 2;
  const bool kind = arguments.size() == 3 && (arguments[2] == "short" || arguments[2] == "long");
  if ((two || kind) && arguments[0] == "test") {
    const std::string which = two ? "short" : arguments[2];
    Outcome begun = co_await self_test(session, arguments[1], which);
    co_return begun;
  }
  if (!arguments.empty()) co_return wrong_arguments("disks");
  Result<std::vector<DiskView>> disks = co_await session.box->disks();
  if (!disks) co_return fail(disks.error());
  *disks = in_bay_order(std::move(*disks));
  co_return say(session, disks_text(*disks, std::time(nullptr), session.color),
                {{"disks", json(*disks)}});
}

Task<Outcome> run_identify(Session session, Arguments arguments) {
  const bool off = arguments.size() == 2 && arguments[1] == "off";
  if (arguments.size() != 1 && !off) co_return wrong_arguments("identify");
  const std::string bay = arguments[0];
  Result<std::string> led = co_await session.box->identify_bay(bay, !off);
  if (!led) co_return fail(led.error());
  co_return say(session,
                off ? "LED " + *led + " shows bay " + bay + "'s state again\n"
                    : "LED " + *led + " blinks for 10 minutes, or until: identify " + bay +
                          " off\n",
                {{"bay", bay}, {"led", *led}, {"blinking", !off}});
}

/// Without nas-alertd there is still what mcud measures.
Task<Outcome> run_metrics(Session session, Arguments arguments) {
  if (arguments.size() > 1) co_return wrong_arguments("metrics");
  Result<Snapshot> snapshot = co_await session.box->snapshot();
  if (!snapshot) co_return fail(snapshot.error());
  Result<AlertList> list = co_await session.box->alerts();
  Result<std::vector<DiskView>> disks = co_await session.box->disks();
  const std::string text = metrics_text(*snapshot, list.value_or({}).alerts, disks.value_or({}));
  if (!arguments.empty()) {
    const Status written = write_file(std::filesystem::absolute(arguments[0]), text);
    if (!written) co_return fail(written.error());
    co_return done(session);
  }
  co_return say(session, text, {{"metrics", text}});
}

} // namespace nasmcu
