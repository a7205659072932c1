// SPDX-License-Identifier: MIT
// Every interleaving, up to a depth, of what can happen to a box that goes down: the machine of the
// hook inside a model of the system around it, with the rules of the contract checked at each step.
#include <catch.hpp>

#include <shutdown/facts.hpp>
#include <shutdown/machine.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace nasmcu::shutdown;
using std::chrono::milliseconds;

namespace {

enum class Event {
  ask_poweroff, ///< mcuctl poweroff, the port's DeviceShutdown, logind
  ask_halt,
  ask_reboot,
  stop_daemons, ///< package upgrade, systemctl stop
  restart_mcud,
  go_on,          ///< the system reaches its next stage
  first_steps,    ///< the hook that was started first does its next step
  second_steps,   ///< and the other one
  call_hook,      ///< a second one, or a person's on a running system
  mount_writable, ///< a file system on a disk stays, or gets, writable
  mount_gone,
  mcu_silent,
  time_passes, ///< half of what the hook has
};
constexpr std::array all_events = {Event::ask_poweroff,   Event::ask_halt,     Event::ask_reboot,
                                   Event::stop_daemons,   Event::restart_mcud, Event::go_on,
                                   Event::first_steps,    Event::second_steps, Event::call_hook,
                                   Event::mount_writable, Event::mount_gone,   Event::mcu_silent,
                                   Event::time_passes};

/// A hook that runs, or has run.
struct Running {
  Machine machine;
  Verb told;
  bool late; ///< started while the last programs run
  Time began;
  bool sent = false; ///< its frame is on the wire
};

/// The box. The first rule that a run breaks is noted in `broken`.
struct Box {
  bool waits = false;    ///< the MCU waits (D-Link), or cuts at once (QNAP)
  bool sysvinit = false; ///< who comes behind the hook

  enum class Stage : unsigned char { running, going_down, last_programs, off };
  Stage stage = Stage::running;
  std::optional<Verb> verb;
  bool writable = true;
  bool silent = false;
  bool note = false; ///< /run/nasmcu/power-off-sent
  Time now{};
  std::vector<Running> hooks;
  int frames = 0;
  bool disks_settled = false;
  const char* broken = nullptr;

  void wrong(const char* what) {
    if (broken == nullptr) broken = what;
  }

  Surroundings around() const {
    const bool late = stage == Stage::last_programs;
    const bool to_zero = verb == Verb::poweroff || verb == Verb::halt;
    if (sysvinit) return {0, "init", late && to_zero ? "0" : "2"};
    return {0, late ? "systemd-shutdow" : "systemd", ""};
  }

  void start_hook(Verb told) {
    Facts facts;
    facts.verb = told;
    facts.waits = waits;
    facts.not_going_down = not_going_down(around());
    facts.last_program = !systemd_is_last(around());
    facts.sent_before = note;
    hooks.push_back({Machine(facts, now), told, stage == Stage::last_programs, now});
  }

  void ask(Verb wanted) {
    if (stage != Stage::running) return; // the first one counts
    verb = wanted;
    stage = Stage::going_down;
  }

  void go_on() {
    if (stage == Stage::going_down) {
      stage = Stage::last_programs;
      start_hook(*verb);
    } else if (stage == Stage::last_programs) {
      // Nobody waits for a hook longer than it has.
      stage = Stage::off;
    }
  }

  void step(Running& hook) {
    const Step doing = hook.machine.step();
    if (doing == Step::end || stage == Stage::off) return;
    if (hook.sent && doing != Step::switch_off) wrong("something behind the frame");
    Outcome outcome;
    if (doing == Step::look) outcome.ok = !writable;
    if (doing == Step::settle_disks) disks_settled = true;
    if (doing == Step::send) outcome = send(hook);
    if (doing == Step::switch_off && frames == 0) wrong("switched off without the frame");
    if (doing == Step::switch_off) stage = Stage::off;
    hook.machine.done(outcome, now);
  }

  /// As the shell does it: all in one go.
  Outcome send(Running& hook) {
    if (now > hook.machine.until()) return {false, "too late", false};
    if (writable) return {false, "writable", false};
    if (std::exchange(note, true)) return {false, "the note is there", false};
    ++frames;
    hook.sent = true;
    if (frames > 1) wrong("sent twice");
    if (stage != Stage::last_programs) wrong("sent on a running system");
    if (verb == Verb::reboot || verb == Verb::kexec) wrong("sent on a reboot");
    if (verb == Verb::halt && !waits && hook.told == Verb::halt) wrong("cut on a halt");
    if (!disks_settled) wrong("sent before the disks were settled");
    if (now - hook.began > std::chrono::seconds(5)) wrong("sent too late");
    return {!silent, "", true};
  }

  void happen(Event event) {
    switch (event) {
    case Event::ask_poweroff: return ask(Verb::poweroff);
    case Event::ask_halt: return ask(Verb::halt);
    case Event::ask_reboot: return ask(Verb::reboot);
    // They have no way to the frame: tests/layers.sh and tests/e2e/test_poweroff.py.
    case Event::stop_daemons:
    case Event::restart_mcud: return;
    case Event::go_on: return go_on();
    case Event::call_hook:
      if (hooks.size() < 2) start_hook(verb.value_or(Verb::poweroff));
      return;
    case Event::first_steps:
    case Event::second_steps: {
      const std::size_t which = event == Event::first_steps ? 0 : 1;
      if (which < hooks.size()) step(hooks[which]);
      return;
    }
    case Event::mount_writable: writable = true; return;
    case Event::mount_gone: writable = false; return;
    case Event::mcu_silent: silent = true; return;
    case Event::time_passes:
      if (now < Time{} + 4 * Machine::latest_frame)
        now += Machine::latest_frame / 2 + milliseconds(1);
      return;
    }
  }

  /// Equal for boxes that will behave equally.
  std::vector<std::int64_t> key() const {
    std::vector<std::int64_t> key = {static_cast<std::int64_t>(stage),
                                     verb ? static_cast<std::int64_t>(*verb) : -1,
                                     writable,
                                     silent,
                                     note,
                                     frames,
                                     disks_settled,
                                     now.time_since_epoch().count()};
    for (const Running& hook : hooks)
      for (const std::int64_t part :
           {static_cast<std::int64_t>(hook.machine.step()), static_cast<std::int64_t>(hook.told),
            static_cast<std::int64_t>(hook.late), static_cast<std::int64_t>(hook.sent),
            static_cast<std::int64_t>(hook.machine.until().time_since_epoch().count())})
        key.push_back(part);
    return key;
  }
};

/// Goes through every sequence of at most `depth` events; a state that was met before with as many
/// events to come is not gone through again.
struct Search {
  std::map<std::vector<std::int64_t>, int> met;
  std::size_t states = 0;
  int most_frames = 0;
  std::set<std::string> broken;

  void from(const Box& box, int depth) {
    const auto [known, fresh] = met.try_emplace(box.key(), depth);
    if (!fresh && known->second >= depth) return;
    if (fresh) ++states;
    known->second = depth;
    most_frames = std::max(most_frames, box.frames);
    if (box.broken != nullptr) {
      broken.insert(box.broken);
      return;
    }
    if (depth == 0) return;
    for (const Event event : all_events) {
      Box next = box;
      next.happen(event);
      from(next, depth - 1);
    }
  }
};

} // namespace

TEST_CASE("no interleaving of 16 events sends the frame where it must not be sent") {
  for (const bool waits : {false, true})
    for (const bool sysvinit : {false, true}) {
      INFO("waits " << waits << ", sysvinit " << sysvinit);
      Search search;
      Box box;
      box.waits = waits;
      box.sysvinit = sysvinit;
      search.from(box, 16);
      CHECK(search.broken == std::set<std::string>{});
      // The search has been where it matters.
      CHECK(search.most_frames == 1);
      CHECK(search.states > 1000);
    }
}
