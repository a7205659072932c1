// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <libmcu/devices/debounce.hpp>

#include <random>

using namespace mcu;
using namespace std::chrono_literals;

namespace {

const SteadyTime t0(100s);

struct Seen {
  std::chrono::microseconds at; ///< behind t0
  bool active;
};

/// A line as a button's owner sees it: edges as they come, and a look at the line at each deadline.
class Contact {
public:
  explicit Contact(bool active = false) : debounce(active), level_(active) {}

  void edge(std::chrono::microseconds at, bool active) {
    run_to(at);
    level_ = active;
    for (const bool change : debounce.edge(active, t0 + at)) told.push_back(change);
  }
  /// The level changes and no edge tells.
  void slip(std::chrono::microseconds at, bool active) {
    run_to(at);
    level_ = active;
  }
  void run_to(std::chrono::microseconds at) {
    while (debounce.deadline() && *debounce.deadline() <= t0 + at)
      if (const auto change = debounce.settle(level_, *debounce.deadline()))
        told.push_back(*change);
  }

  Debounce debounce;
  std::vector<bool> told;

private:
  bool level_;
};

using Calls = std::vector<bool>;

} // namespace

TEST_CASE("a clean press and release are told once each, and at once") {
  Contact contact;
  contact.edge(0us, true);
  CHECK(contact.told == Calls{true});
  contact.run_to(19'999us);
  CHECK(contact.debounce.deadline() == t0 + 20ms);
  contact.run_to(20ms);
  CHECK_FALSE(contact.debounce.deadline());
  contact.edge(300ms, false);
  CHECK(contact.told == Calls{true, false});
  contact.run_to(1s);
  CHECK(contact.told == Calls{true, false});
  CHECK_FALSE(contact.debounce.active());
}

TEST_CASE("a button that bounces fires once for a press and once for a release") {
  Contact contact;
  for (const Seen& one : std::initializer_list<Seen>{{0us, true},
                                                     {300us, false},
                                                     {800us, true},
                                                     {5ms, false},
                                                     {5'200us, true},
                                                     {24ms, false}, // within 20 ms of the last
                                                     {25ms, true}})
    contact.edge(one.at, one.active);
  CHECK(contact.told == Calls{true});
  contact.run_to(400ms);
  for (const Seen& one : std::initializer_list<Seen>{
           {400ms, false}, {401ms, true}, {403ms, false}, {404ms, true}, {410ms, false}})
    contact.edge(one.at, one.active);
  contact.run_to(2s);
  CHECK(contact.told == Calls{true, false});
}

TEST_CASE("a touch shorter than the quiet time is a press, and a release behind it") {
  Contact contact;
  contact.edge(0us, true);
  contact.edge(2ms, false);
  CHECK(contact.told == Calls{true});
  contact.run_to(21'999us);
  CHECK(contact.told == Calls{true});
  contact.run_to(22ms);
  CHECK(contact.told == Calls{true, false});
}

TEST_CASE("edges that were read late count by their own time") {
  Debounce debounce(false);
  CHECK(debounce.edge(true, t0) == Calls{true});
  CHECK(debounce.edge(false, t0 + 5ms).empty());
  // The quiet behind the release has passed long ago, but nobody came to look.
  CHECK(debounce.edge(true, t0 + 300ms) == Calls{false, true});
  CHECK(debounce.edge(false, t0 + 600ms) == Calls{false});
}

TEST_CASE("an edge that was lost is made up for by the level at the deadline") {
  Contact contact;
  contact.edge(0us, true);
  contact.slip(10ms, false);
  contact.run_to(1s);
  CHECK(contact.told == Calls{true, false});
}

TEST_CASE("an edge to what was told already changes nothing") {
  Contact contact(true);
  contact.edge(0us, true); // both edges were so close that both were seen at the later level
  contact.run_to(1s);
  CHECK(contact.told.empty());
  CHECK(contact.debounce.active());
}

TEST_CASE("nothing settles before the deadline") {
  Debounce debounce(false);
  CHECK_FALSE(debounce.settle(true, t0));
  debounce.edge(true, t0);
  CHECK_FALSE(debounce.settle(false, t0 + 19ms));
  CHECK(debounce.deadline() == t0 + 20ms);
  CHECK(debounce.settle(false, t0 + 20ms) == false);
}

TEST_CASE("whatever the noise, changes alternate, stay apart and end at the line's level") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Contact contact;
    std::chrono::microseconds now{};
    bool level = false;
    for (int i = 0; i < 100; ++i) {
      now += std::chrono::microseconds(random() % 60'000);
      level = random() % 2 == 0;
      contact.edge(now, level);
    }
    contact.run_to(now + 1s);
    for (std::size_t i = 0; i < contact.told.size(); ++i) CHECK(contact.told[i] == (i % 2 == 0));
    CHECK(contact.debounce.active() == level);
  }
}
