// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "temp_tree.hpp"

#include <common/system.hpp>

#include <nlohmann/json.hpp>

#include <sstream>

using nasmcu::output_of;
using nasmcu::System;
using nasmcu::write_file;
using namespace std::chrono_literals;

namespace {

std::vector<nlohmann::json> actions(const TempTree& tree) {
  std::vector<nlohmann::json> lines;
  std::istringstream text(tree.read("run/nasmcu/actions"));
  for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

} // namespace

TEST_CASE("under a root, setting the clock and powering off are recorded and not done") {
  const TempTree tree;
  const System system(tree.root(), "mcud");
  CHECK_FALSE(system.real());
  CHECK(system.set_clock(1378847177).ok());
  CHECK(system.power_off(20).ok());
  const auto lines = actions(tree);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["action"] == "set-clock");
  CHECK(lines[0]["args"] == nlohmann::json::array({"1378847177"}));
  CHECK(lines[0]["by"] == "mcud");
  CHECK(lines[0]["t_ms"].get<long long>() > 0);
  CHECK(lines[1]["action"] == "poweroff");
  CHECK(lines[1]["args"] == nlohmann::json::array({"20"}));
  CHECK(lines[1]["t_ms"] >= lines[0]["t_ms"]);
}

TEST_CASE("the delay is left for the shutdown hook, and a second one replaces it") {
  const TempTree tree;
  const System system(tree.root(), "mcud");
  CHECK(system.power_off(20).ok());
  CHECK(tree.read("run/nasmcu/poweroff-delay") == "20\n");
  CHECK(system.power_off(5).ok());
  CHECK(tree.read("run/nasmcu/poweroff-delay") == "5\n");
  CHECK_FALSE(tree.exists("run/nasmcu/poweroff-delay.new"));
}

TEST_CASE("a delay outside 1 to 99 changes nothing") {
  const TempTree tree;
  const System system(tree.root(), "mcud");
  for (const int delay : {0, -1, 100})
    CHECK(system.power_off(delay).error().code == mcu::Errc::invalid_argument);
  CHECK_FALSE(tree.exists("run/nasmcu"));
}

TEST_CASE("whatever the words of an action are, its record is one line of JSON") {
  const TempTree tree;
  const System system(tree.root(), "mcud");
  CHECK(system.record("run", {"a\nb", "\"quoted\"", "\xFF\xFE"}).ok());
  REQUIRE(actions(tree).size() == 1);
  CHECK(actions(tree)[0]["args"][0] == "a\nb");
}

TEST_CASE("a record that cannot be written is an error in words") {
  const TempTree tree;
  tree.write("run/nasmcu/actions/in-the-way", "");
  const auto status = System(tree.root(), "mcud").record("x", {});
  REQUIRE_FALSE(status);
  CHECK(status.error().what.find("/run/nasmcu/actions") != std::string::npos);
}

TEST_CASE("nothing is recorded for the real machine") {
  CHECK(System("", "mcud").real());
  CHECK(System("", "mcud").record("x", {}).error().code == mcu::Errc::invalid_argument);
}

TEST_CASE("a file is written whole, with its folder, in place of the old one") {
  const TempTree tree;
  CHECK(write_file(tree.path("etc/nasmcu/board"), "one\n").ok());
  CHECK(write_file(tree.path("etc/nasmcu/board"), "two\n").ok());
  CHECK(tree.read("etc/nasmcu/board") == "two\n");
  CHECK_FALSE(tree.exists("etc/nasmcu/board.new"));
  tree.write("in-the-way", "");
  const auto status = write_file(tree.path("in-the-way/board"), "x");
  REQUIRE_FALSE(status);
  CHECK(status.error().what.find("in-the-way") != std::string::npos);
}

TEST_CASE("a program's output is taken, cut off, or given up") {
  CHECK(*output_of({"/bin/echo", "a b", "c"}, 10s, 100) == "a b c\n");
  CHECK(output_of({"/bin/sh", "-c", "while :; do echo x; done"}, 10s, 1000)->size() == 1000);
  CHECK(*output_of({"/bin/sh", "-c", "echo wrong >&2; cat"}, 10s, 100) == "");
  CHECK(output_of({"/bin/sleep", "1000"}, 50ms, 100).error().code == mcu::Errc::timeout);
}

// Native: in qemu's user mode posix_spawn() does not hear that exec failed.
TEST_CASE("a program that is not there is told", "[native]") {
  CHECK(output_of({"/nowhere/at/all"}, 10s, 100).error().code == mcu::Errc::unsupported);
}
