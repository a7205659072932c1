// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <common/reset_notes.hpp>

using namespace nasmcu;

TEST_CASE("a note of this boot is no reset, and one of an earlier boot is") {
  ResetNotes notes;
  notes.write("one", 1000, "fan", "nas-fand does not answer");
  CHECK(notes.last("one") == nullptr);
  CHECK(notes.counted() == 0);

  ResetNotes next(notes.text());
  CHECK(next == notes);
  REQUIRE(next.last("two") != nullptr); // also before the watchdog daemon has begun
  next.begin("two", true, 1060);
  CHECK(next.counted() == 1);
  CHECK(next.last("two")->certain);
  CHECK(next.last("two")->check == "fan");
  CHECK(next.last("two")->why == "nas-fand does not answer");
  CHECK(next.last("two")->time == 1000);
  CHECK(ResetNotes(next.text()) == next);
}

TEST_CASE("a note is void when it is withdrawn, or when the daemon begins again in the same boot") {
  ResetNotes notes;
  notes.write("one", 1000, "fan", "why");
  notes.withdraw("one");
  CHECK(notes.last("two") == nullptr);
  notes.write("one", 1000, "fan", "why");
  notes.begin("one", std::nullopt, 1001);
  CHECK(notes.last("two") == nullptr);
}

TEST_CASE("resets count until an hour was well, and are told behind it too") {
  ResetNotes notes;
  for (const char* boot : {"one", "two", "three"}) {
    notes.begin(boot, false, 1000);
    notes.write(boot, 1000, "fan", "why");
  }
  notes.begin("four", false, 1000);
  CHECK(notes.counted() == 3);
  CHECK_FALSE(notes.last("four")->certain);
  notes.settle();
  CHECK(notes.counted() == 0);
  CHECK(notes.last("four") != nullptr);
}

TEST_CASE("a reset that only the device tells of counts once") {
  ResetNotes notes;
  notes.begin("one", true, 1000);
  notes.begin("one", true, 1010);
  CHECK(notes.counted() == 1);
  CHECK_THAT(notes.last("one")->why, ContainsSubstring("nothing was noted"));
  CHECK(ResetNotes(notes.text()) == notes);
}

TEST_CASE("notes that a power cut tore are left out, and that is said") {
  ResetNotes notes;
  notes.write("one", 1000, "fan", "why");
  std::string damage;
  CHECK(ResetNotes(notes.text().substr(0, 40), &damage).last("two") == nullptr);
  CHECK_FALSE(damage.empty());
}

TEST_CASE("only the last ten resets are kept") {
  ResetNotes notes;
  for (int i = 0; i < 30; ++i) {
    notes.begin(std::to_string(i), false, 1000);
    notes.write(std::to_string(i), 1000, "fan", "why");
  }
  CHECK(notes.counted() <= 10);
}
