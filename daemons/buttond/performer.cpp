// SPDX-License-Identifier: MIT
#include <buttond/performer.hpp>

#include <bus/objects.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace nasmcu::buttond {
namespace {

using Kind = Action::Kind;
using Words = Result<std::string>;

const Target systemd{"org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                     "org.freedesktop.systemd1.Manager"};
constexpr std::size_t most_output = 4096;

/// The last line of what a program said: mostly why it failed.
std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

Words outcome_of(const Ended& ended) {
  if (ended.why.empty()) return std::string("ended with exit status 0");
  const std::string said = last_line(ended.output);
  return mcu::Error{mcu::Errc::failed, ended.why + (said.empty() ? "" : ": " + said)};
}

Task<Words> nothing_to_do() { co_return std::string("nothing to do"); }

} // namespace

Performer::Performer(Bus& bus, Logind& logind, System system)
    : bus_(bus), logind_(logind), system_(std::move(system)), alerts_(bus) {}

void Performer::stop() {
  children_->end();
  for (const auto& [button, worker] : workers_) worker->stop();
}

Task<Words> Performer::perform(Errand errand) {
  switch (errand.action.kind) {
  case Kind::none: break;
  case Kind::poweroff:
  case Kind::reboot:
  case Kind::suspend: return power(errand.action.kind);
  case Kind::unit: return start_unit(std::move(errand));
  case Kind::run: return run(std::move(errand));
  case Kind::identify: return identify(std::move(errand.action.words));
  case Kind::acknowledge: return acknowledge();
  case Kind::mute: return mute(errand.action.time);
  case Kind::beep: return beep(errand.action.words.at(0));
  }
  return nothing_to_do();
}

/// logind where it is there: it tells other programs first and knows inhibitors. shutdown(8)
/// otherwise.
Task<Words> Performer::power(Kind kind) {
  const bool by_logind = system_.real() && logind_.there();
  if (by_logind) {
    std::string method = "Suspend";
    if (kind == Kind::poweroff) method = "PowerOff";
    if (kind == Kind::reboot) method = "Reboot";
    const Status asked = co_await logind_.ask(method);
    if (asked) co_return std::string("logind was asked");
    // What logind refuses (an inhibitor of somebody's) is not forced; one that has gone is no no.
    if (asked.error().code != mcu::Errc::not_running) co_return asked.error();
  }
  const Status asked = ask_shutdown(kind);
  if (!asked) co_return asked.error();
  co_return std::string(system_.real() ? "the system was asked" : "recorded");
}

Status Performer::ask_shutdown(Kind kind) const {
  if (kind == Kind::poweroff) return system_.power_off(delay_);
  if (kind == Kind::reboot) return system_.reboot();
  return system_.suspend();
}

Task<Words> Performer::start_unit(Errand errand) {
  const std::string unit = errand.action.words.at(0);
  if (!system_.real()) {
    const Status recorded = system_.record("start-unit", {unit});
    if (!recorded) co_return recorded.error();
    co_return std::string("recorded");
  }
  const Result<bool> there = co_await bus_.has_owner(systemd.service);
  if (!there.value_or(false)) {
    if (!unit.ends_with(".service"))
      co_return mcu::Error{mcu::Errc::unsupported, unit + " needs systemd, which is not there"};
    const std::string script = unit.substr(0, unit.rfind('.'));
    std::vector<std::string> words{"/usr/sbin/service", script, "start"};
    auto done = co_await run_program(std::move(errand), std::move(words));
    co_return done;
  }
  const std::string mode = "replace";
  const auto job =
      co_await bus_.call<sdbus::ObjectPath>(systemd, "StartUnit", errand.limit, unit, mode);
  if (!job) co_return job.error();
  co_return std::string("systemd was asked");
}

Task<Words> Performer::run(Errand errand) {
  std::vector<std::string> words = errand.action.words;
  if (!system_.real()) {
    const Status recorded = system_.record("run", words);
    if (!recorded) co_return recorded.error();
    // A program of this root is the test's own.
    if (!words.at(0).starts_with(system_.root() + "/")) co_return std::string("recorded");
  }
  auto done = co_await run_program(std::move(errand), std::move(words));
  co_return done;
}

Task<Words> Performer::run_program(Errand errand, std::vector<std::string> words) {
  if (!running_.insert(errand.button).second)
    co_return mcu::Error{mcu::Errc::busy, "the program of the last press still runs"};
  auto& worker = workers_[errand.button];
  if (!worker) worker = std::make_shared<mcu::Worker>(bus_.executor());
  Program program;
  program.words = std::move(words);
  program.environment = {"NASMCU_BUTTON=" + errand.button, "NASMCU_GESTURE=" + errand.gesture};
  program.patience = errand.limit;
  program.most = most_output;
  program.errors = true;
  program.of_owner = true;
  std::function<Words()> job = [children = children_, program] {
    return outcome_of(children->run(program));
  };
  const auto keep = worker;
  Words done = co_await keep->run<Words>(std::move(job));
  running_.erase(errand.button);
  co_return done;
}

Task<Words> Performer::identify(std::vector<std::string> words) {
  const bool on = words.size() == 1;
  const auto led = co_await alerts_.identify_bay(words.at(0), on);
  if (!led) co_return led.error();
  co_return "led " + *led + (on ? " blinks" : " is as before");
}

Task<Words> Performer::acknowledge() {
  const auto list = co_await alerts_.alerts();
  if (!list) co_return list.error();
  unsigned count = 0;
  for (const AlertView& alert : list->alerts) {
    if (alert.acknowledged) continue;
    const Status done = co_await alerts_.acknowledge_alert(alert.id);
    // Gone meanwhile is as good.
    if (!done && done.error().code != mcu::Errc::unsupported) co_return done.error();
    if (done) ++count;
  }
  co_return std::to_string(count) + (count == 1 ? " alert" : " alerts");
}

Task<Words> Performer::mute(std::chrono::seconds time) {
  const Status done = co_await alerts_.mute_alerts(time);
  if (!done) co_return done.error();
  co_return std::string("the buzzer is mute");
}

Task<Words> Performer::beep(std::string length) {
  const Target buzzer(mcud_name, object_path("buzzer", ""), "io.nasmcu1.Buzzer");
  const auto done = co_await bus_.call<>(buzzer, "Beep", call_timeout, length);
  if (!done) co_return done.error();
  co_return std::string("done");
}

} // namespace nasmcu::buttond
