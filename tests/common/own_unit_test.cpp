// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <common/own_unit.hpp>

#include <algorithm>
#include <cstdlib>

using nasmcu::Children;
using nasmcu::in_own_unit;
using nasmcu::Program;
using namespace std::chrono_literals;

namespace {

Program hook() {
  Program program;
  program.words = {"/etc/nasmcu/alert.d/tell", "--setenv=x", "two words"};
  program.environment = {"NASMCU_ALERT_TEXT=a=b", "NASMCU_ALERT_BAY="};
  program.input = "mail";
  program.patience = 30s;
  return program;
}

bool has(const Program& program, const std::string& word) {
  return std::count(program.words.begin(), program.words.end(), word) == 1;
}

} // namespace

TEST_CASE(
    "the owner's program becomes a unit that ends with the daemon's, or just behind its time") {
  const Program outside = in_own_unit(hook(), "nas-alertd.service");
  CHECK(outside.words[0] == "/usr/bin/systemd-run");
  CHECK(has(outside, "--property=BindsTo=nas-alertd.service"));
  CHECK(has(outside, "--property=RuntimeMaxSec=32000ms"));
  CHECK(has(outside, "--wait"));
  CHECK(has(outside, "--pipe"));
  CHECK(outside.patience == 30s);
  CHECK(outside.input == "mail");
}

TEST_CASE("its words stay its own, whatever they look like") {
  const Program outside = in_own_unit(hook(), "nas-alertd.service");
  const auto mark = std::find(outside.words.begin(), outside.words.end(), "--");
  REQUIRE(mark != outside.words.end());
  CHECK(std::vector<std::string>(mark + 1, outside.words.end()) == hook().words);
}

TEST_CASE("its environment is handed on by name, and not told to who lists processes") {
  const Program outside = in_own_unit(hook(), "nas-alertd.service");
  CHECK(has(outside, "--setenv=NASMCU_ALERT_TEXT"));
  CHECK(has(outside, "--setenv=NASMCU_ALERT_BAY"));
  CHECK(outside.environment == hook().environment);
  for (const std::string& word : outside.words) CHECK(word.find("a=b") == std::string::npos);
}

TEST_CASE("without systemd's word the owner's program is a plain child") {
  REQUIRE(std::getenv(nasmcu::unit_variable) == nullptr);
  Program program;
  program.words = {"/bin/echo", "said"};
  program.of_owner = true;
  Children children;
  CHECK(children.run(program).output == "said\n");
}
