// SPDX-License-Identifier: MIT
// What a line must do, whichever way reaches its chip. A source that includes this makes the rig,
// and has the test cases:
//   gpio_line_test.cpp      the documented fake of another root
//   gpio_libgpiod_test.cpp  libgpiod's functions played by the test
//   gpio_real.cpp           the real library on a kernel's gpio-sim
#pragma once

#include <catch.hpp>

#include <libmcu/kernel/gpio_line.hpp>

#include <poll.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace gpio_contract {

using namespace std::chrono_literals;

/// A chip whose lines can be seen and driven from outside.
class Rig {
public:
  virtual ~Rig() = default;
  virtual std::string root() const = 0;
  virtual std::string chip() const = 0; ///< its label
  virtual unsigned lines() const = 0;   ///< two at least, which nobody holds
  /// The level that the world outside gives a line which nobody drives.
  virtual void drive(unsigned line, bool high) = 0;
  virtual bool level(unsigned line) = 0; ///< as seen from outside
  virtual void remove_chip() = 0;
  virtual void return_chip() = 0;
};

/// Defined by the source that includes this.
std::unique_ptr<Rig> make_rig();

/// For what arrives by another thread or process.
inline bool eventually(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

inline bool wait_readable(int fd) {
  pollfd one = {fd, POLLIN, 0};
  return ::poll(&one, 1, 10'000) == 1;
}

/// The next edges, `count` of them, each waited for at the line's descriptor.
inline std::vector<mcu::LineEdge> next_edges(mcu::InputLine& line, std::size_t count) {
  std::vector<mcu::LineEdge> all;
  while (all.size() < count) {
    REQUIRE(wait_readable(line.fd()));
    const auto some = line.edges();
    REQUIRE(some.ok());
    all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

inline std::unique_ptr<mcu::InputLine> input(const Rig& rig, unsigned line, bool low = false) {
  auto opened = mcu::open_input(rig.root(), {rig.chip(), line, low}, "contract");
  INFO((opened ? "" : opened.error().what));
  REQUIRE(opened.ok());
  return std::move(opened).value();
}

inline std::unique_ptr<mcu::OutputLine> output(const Rig& rig, unsigned line, bool low = false) {
  auto opened = mcu::open_output(rig.root(), {rig.chip(), line, low}, "contract");
  INFO((opened ? "" : opened.error().what));
  REQUIRE(opened.ok());
  return std::move(opened).value();
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("an input says its level, and both edges in order with their time") {
  const auto rig = make_rig();
  rig->drive(0, false);
  const auto line = input(*rig, 0);
  CHECK_FALSE(line->active().value_or(true));
  CHECK(line->edges().value_or({{}}).empty());

  const auto before = std::chrono::steady_clock::now();
  std::vector<mcu::LineEdge> seen;
  for (const bool high : {true, false, true}) {
    rig->drive(0, high);
    const auto edge = next_edges(*line, 1);
    REQUIRE(edge.size() == 1);
    CHECK(edge[0].active == high);
    seen.push_back(edge[0]);
    CHECK(line->active().value_or(!high) == high);
  }
  CHECK(seen[0].at >= before);
  CHECK(seen[1].at >= seen[0].at);
  CHECK(seen[2].at >= seen[1].at);
  CHECK(seen[2].at <= std::chrono::steady_clock::now());
  CHECK(line->edges().value_or({{}}).empty());
}

TEST_CASE("an active-low input is active while its level is low") {
  const auto rig = make_rig();
  rig->drive(0, true);
  const auto line = input(*rig, 0, true);
  CHECK_FALSE(line->active().value_or(true));
  rig->drive(0, false);
  const auto down = next_edges(*line, 1);
  CHECK(down[0].active);
  CHECK(line->active().value_or(false));
  rig->drive(0, true);
  CHECK_FALSE(next_edges(*line, 1)[0].active);
}

TEST_CASE("an output that is taken keeps the level that it has") {
  for (const bool low : {false, true})
    for (const bool high : {false, true}) {
      const auto rig = make_rig();
      rig->drive(1, high);
      REQUIRE(eventually([&] { return rig->level(1) == high; }));
      const auto line = output(*rig, 1, low);
      CHECK(line->active() == (high != low));
      CHECK(rig->level(1) == high);
    }
}

TEST_CASE("what an output is set to can be seen from outside") {
  for (const bool low : {false, true}) {
    const auto rig = make_rig();
    rig->drive(1, false);
    const auto line = output(*rig, 1, low);
    for (const bool active : {true, false, true, true}) {
      REQUIRE(line->set(active).ok());
      CHECK(line->active() == active);
      CHECK(eventually([&] { return rig->level(1) == (active != low); }));
    }
  }
}

TEST_CASE("an output that was let go and is taken again starts with what the line shows then") {
  const auto rig = make_rig();
  rig->drive(1, false);
  {
    const auto line = output(*rig, 1);
    REQUIRE(line->set(true).ok());
    REQUIRE(eventually([&] { return rig->level(1); }));
  }
  // Whether it still shows what was set is the chip's affair: gpio-sim falls back to its pull.
  const auto again = output(*rig, 1);
  CHECK(again->active() == rig->level(1));
}

TEST_CASE("a line that somebody holds is busy until he lets it go") {
  const auto rig = make_rig();
  auto first = input(*rig, 0);
  const auto second = mcu::open_input(rig->root(), {rig->chip(), 0, false}, "second");
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == mcu::Errc::busy);
  CHECK(contains(second.error().what, "line 0 of " + rig->chip()));
  const auto third = mcu::open_output(rig->root(), {rig->chip(), 0, false}, "third");
  REQUIRE_FALSE(third.ok());
  CHECK(third.error().code == mcu::Errc::busy);
  first.reset();
  CHECK(eventually([&] {
    return mcu::open_input(rig->root(), {rig->chip(), 0, false}, "later").ok();
  }));
}

TEST_CASE("a chip that is not there, and a line that it does not have, are told in words") {
  const auto rig = make_rig();
  const auto chip = mcu::open_input(rig->root(), {"no-such-chip", 0, false}, "contract");
  REQUIRE_FALSE(chip.ok());
  CHECK(chip.error().code == mcu::Errc::unsupported);
  CHECK(contains(chip.error().what, "no-such-chip"));
  CHECK(contains(chip.error().what, rig->chip())); // what there is
  const unsigned beyond = rig->lines();
  const auto line = mcu::open_output(rig->root(), {rig->chip(), beyond, false}, "contract");
  REQUIRE_FALSE(line.ok());
  CHECK(line.error().code == mcu::Errc::unsupported);
  CHECK(contains(line.error().what, "line " + std::to_string(beyond) + " of " + rig->chip()));
  CHECK(contains(line.error().what, "has " + std::to_string(rig->lines())));
}

TEST_CASE("a chip that goes away is noticed on its lines, and is found again when it is back") {
  const auto rig = make_rig();
  rig->drive(0, false);
  const auto in = input(*rig, 0);
  const auto out = output(*rig, 1);
  rig->remove_chip();
  REQUIRE(wait_readable(in->fd()));
  const auto edges = in->edges();
  REQUIRE_FALSE(edges.ok());
  CHECK(edges.error().code == mcu::Errc::unsupported);
  const auto active = in->active();
  REQUIRE_FALSE(active.ok());
  CHECK(active.error().code == mcu::Errc::unsupported);
  const auto set = out->set(true);
  REQUIRE_FALSE(set.ok());
  CHECK(set.error().code == mcu::Errc::unsupported);
  const auto again = mcu::open_input(rig->root(), {rig->chip(), 0, false}, "contract");
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == mcu::Errc::unsupported);
  CHECK(contains(again.error().what, rig->chip()));

  rig->return_chip();
  CHECK(eventually([&] {
    return mcu::open_input(rig->root(), {rig->chip(), 0, false}, "contract").ok();
  }));
}

} // namespace gpio_contract
