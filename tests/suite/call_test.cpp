// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <suite/programs.hpp>

#include <set>
#include <vector>

namespace {

using namespace nasmcu::suite;

int first(int, char**) { return 1; }
int second(int, char**) { return 2; }
const Program samples[] = {{"mcud", first}, {"nasmcu-shutdown", second, "nasmcu"}};

Call call(const std::vector<const char*>& words) {
  return call_of(samples, static_cast<int>(words.size()), words.data());
}

/// By name and link, as the links of the tree have it.
const Program* named(const char* path) { return call_of(programs(), 1, &path).program; }

} // namespace

TEST_CASE("a program is known by the name under which it is started, wherever its link lies") {
  for (const char* path : {"mcud", "/usr/sbin/mcud", "./mcud", "a b/../mcud"}) {
    CHECK(call({path}).program == &samples[0]);
    CHECK(call({path, "--root", "nasmcu-shutdown"}).program == &samples[0]);
    CHECK(call({path, "nasmcu-shutdown"}).skipped == 0);
  }
}

TEST_CASE("the executable itself takes the name as its first word, which becomes argv[0]") {
  const Call by_word = call({"/usr/libexec/nasmcu/nasmcu-suite", "nasmcu-shutdown", "halt"});
  CHECK(by_word.program == &samples[1]);
  CHECK(by_word.skipped == 1);
}

TEST_CASE("systemd's folder has the late hook under another name, and it gets its verb") {
  const Call hook = call({"/usr/lib/systemd/system-shutdown/nasmcu", "poweroff"});
  CHECK(hook.program == &samples[1]);
  CHECK(hook.skipped == 0);
}

TEST_CASE("what names no program is none") {
  CHECK(call({}).program == nullptr);
  for (const char* word : {"", "mcu", "mcud/", "mcudd", "--help", "/usr/sbin/mcud", "poweroff"}) {
    CHECK(call({"nasmcu-suite", word}).program == nullptr);
  }
  CHECK(call({"nasmcu-suite"}).program == nullptr);
  CHECK(call({""}).program == nullptr);
  CHECK(call({"nasmcu-suite", "--", "mcud"}).program == nullptr);
}

TEST_CASE("what can be said instead is listed, a line each") {
  CHECK(usage(samples) ==
        "nasmcu-suite NAME [ARGUMENT...], or a link to it with one of these names:\n"
        "  mcud\n  nasmcu-shutdown\n");
}

TEST_CASE("each name of the table means one program") {
  std::set<std::string_view> names;
  for (const Program& program : programs()) {
    CHECK(names.insert(program.name).second);
    if (!program.link.empty()) CHECK(names.insert(program.link).second);
    REQUIRE(program.main != nullptr);
    CHECK(named(std::string(program.name).c_str()) == &program);
  }
  REQUIRE(named("mcuctl") != nullptr);
  REQUIRE(named("nasmcu") != nullptr);
  CHECK(named("nasmcu") == named("nasmcu-shutdown"));
  CHECK(names.contains("mcud") == names.contains("nas-fand")); // a build without D-Bus has neither
  CHECK(named("nasmcu-suite") == nullptr);
}

TEST_CASE("every program tells its version") {
  for (const Program& program : programs()) {
    std::string name(program.name), option = "--version";
    char* words[] = {name.data(), option.data(), nullptr};
    CHECK(program.main(2, words) == 0);
  }
}
