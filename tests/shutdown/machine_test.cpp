// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <shutdown/machine.hpp>

#include <algorithm>
#include <optional>
#include <vector>

using namespace nasmcu::shutdown;
using std::chrono::milliseconds;

namespace {

constexpr Time start{};

Facts facts(Verb verb, bool waits = false) {
  Facts facts;
  facts.verb = verb;
  facts.waits = waits;
  return facts;
}

/// All steps when each takes `pace` and goes well, but for `bad`.
std::vector<Step> steps(const Facts& facts, std::optional<Step> bad = {},
                        milliseconds pace = milliseconds(10)) {
  Time now = start;
  Machine machine(facts, now);
  std::vector<Step> done;
  while (machine.step() != Step::end) {
    REQUIRE(done.size() < 20);
    done.push_back(machine.step());
    now += pace;
    const bool ok = machine.step() != bad;
    machine.done({ok, "because", machine.step() == Step::send}, now);
  }
  return done;
}

std::string why(const Facts& facts) {
  const Machine machine(facts, start);
  CHECK(machine.step() == Step::end);
  return machine.why();
}

const std::vector<Step> whole = {Step::look, Step::stop_arrays, Step::write_back,
                                 Step::settle_disks, Step::send};

} // namespace

TEST_CASE("a power-off goes from the mounts over arrays, caches and disks to the frame") {
  CHECK(steps(facts(Verb::poweroff)) == whole);
  CHECK(steps(facts(Verb::poweroff, true)) == whole);
}

TEST_CASE("a halt cuts the power only where the MCU waits for the system to halt") {
  CHECK(steps(facts(Verb::halt, true)) == whole);
  CHECK(steps(facts(Verb::halt, false)).empty());
}

TEST_CASE("a reboot and a kexec keep the power, whatever else is true") {
  for (const Verb verb : {Verb::reboot, Verb::kexec})
    for (const bool waits : {false, true}) CHECK(steps(facts(verb, waits)).empty());
}

TEST_CASE("nothing is touched while the system runs, without an MCU, or a second time") {
  Facts running = facts(Verb::poweroff);
  running.not_going_down = "it runs";
  CHECK(why(running) == "it runs");
  Facts none = facts(Verb::poweroff);
  none.no_supply = "no MCU";
  CHECK(why(none) == "no MCU");
  Facts twice = facts(Verb::poweroff);
  twice.sent_before = true;
  CHECK(why(twice) == "the MCU has been told already");
}

TEST_CASE("the frame is not sent behind a step that must not fail") {
  for (const Step bad : {Step::look, Step::write_back, Step::settle_disks}) {
    INFO(name(bad));
    const auto done = steps(facts(Verb::poweroff), bad);
    CHECK(done.back() == bad);
  }
  // An array that cannot be stopped is rebuilt; that is no reason to keep the power.
  CHECK(steps(facts(Verb::poweroff), Step::stop_arrays) == whole);
}

TEST_CASE("where a program on a disk would come behind, the hook switches off by itself") {
  Facts last = facts(Verb::poweroff);
  last.last_program = true;
  CHECK(steps(last).back() == Step::switch_off);
  CHECK(steps(last, Step::send).back() == Step::switch_off);
  last.waits = true; // then there is time for it
  CHECK(steps(last).back() == Step::send);
}

TEST_CASE("every share ends within five seconds, and a late frame is none") {
  Time now = start;
  Machine machine(facts(Verb::poweroff), now);
  while (machine.step() != Step::end) {
    CHECK(machine.until() < start + std::chrono::seconds(5));
    now = std::max(now, machine.until()); // every step takes all of its share
    machine.done({true, "", machine.step() == Step::send}, now);
  }
  CHECK(machine.acknowledged());
  CHECK(now < start + std::chrono::seconds(5));
  // One that overruns its share: the kernel may be switching off already.
  const auto late = steps(facts(Verb::poweroff), {}, milliseconds(1500));
  CHECK(std::find(late.begin(), late.end(), Step::send) == late.end());
}

TEST_CASE("an MCU that does not answer is not told again") {
  Machine machine(facts(Verb::poweroff), start);
  while (machine.step() != Step::send) machine.done({}, start);
  machine.done({false, "no answer", true}, start);
  CHECK(machine.step() == Step::end);
  CHECK_FALSE(machine.acknowledged());
  CHECK(machine.why() == "the MCU may not have heard: no answer");
}

TEST_CASE("a frame that could not be sent leaves the switching off to others") {
  Facts last = facts(Verb::poweroff);
  last.last_program = true;
  Machine machine(last, start);
  while (machine.step() != Step::send) machine.done({}, start);
  machine.done({false, "no port", false}, start);
  CHECK(machine.step() == Step::end);
  CHECK(machine.why() == "the power stays on: no port");
}
