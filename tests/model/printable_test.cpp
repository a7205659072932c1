// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <libmcu/model/printable.hpp>

#include <random>

using mcu::clip;
using mcu::one_line;
using mcu::plain_lines;
using mcu::valid_utf8;

namespace {

const std::string bad = "\xEF\xBF\xBD"; // U+FFFD

} // namespace

TEST_CASE("what is UTF-8 stays, and each byte that is none is replaced") {
  for (const char* good : {"", "abc", "\xC2\x80", "\xC3\xBC", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK(valid_utf8(good) == good);
  CHECK(valid_utf8("a\xFFz") == "a" + bad + "z");
  CHECK(valid_utf8("\xC3") == bad);
  CHECK(valid_utf8("\xC3x") == bad + "x");
  CHECK(valid_utf8("\xE2\x82") == bad + bad);
  CHECK(valid_utf8("\xF0\x9F\x94z") == bad + bad + bad + "z");
  CHECK(valid_utf8("\xC0\xAF") == bad + bad);                     // overlong '/'
  CHECK(valid_utf8("\xE0\x9F\xBF") == bad + bad + bad);           // overlong
  CHECK(valid_utf8("\xF0\x8F\xBF\xBF") == bad + bad + bad + bad); // overlong
  CHECK(valid_utf8("\xED\xA0\x80") == bad + bad + bad);           // a surrogate
  CHECK(valid_utf8("\xF4\x90\x80\x80") == bad + bad + bad + bad); // beyond U+10FFFF
  CHECK(valid_utf8("\x80\xBF\xF5\xFE") == bad + bad + bad + bad);
}

TEST_CASE("one line has no control characters and single blanks") {
  CHECK(one_line("  a \t\r\n b\x1B[1m\x7F"
                 "c\n") == "a b [1m c");
  CHECK(one_line(std::string("a\0b", 3)) == "a b");
  CHECK(one_line("a\xC2\x9B"
                 "b\xC2\xA0"
                 "c") == "a b\xC2\xA0"
                         "c");
  CHECK(one_line("\n\t ").empty());
}

TEST_CASE("lines keep their line feeds and no other control characters") {
  CHECK(plain_lines("a\r\nb\rc\n\nd  e\t\r") == "a\nb c\n\nd  e  ");
  CHECK(plain_lines("a\r\r\nb") == "a \nb");
  CHECK(plain_lines(std::string("\0\x7F\xC2\x85", 4)) == "   ");
}

TEST_CASE("clipping keeps whole characters") {
  CHECK(clip("abc", 3) == "abc");
  CHECK(clip("abc", 2) == "ab");
  CHECK(clip("a\xE2\x82\xAC", 3) == "a");
  CHECK(clip("a\xE2\x82\xAC", 4) == "a\xE2\x82\xAC");
  CHECK(clip("\xF0\x9F\x94\xA5", 3).empty());
  CHECK(clip("", 0).empty());
}

TEST_CASE("cleaning what is clean changes nothing, whatever it was") {
  std::mt19937 dice(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text(dice() % 40, '\0');
    for (char& c : text) c = static_cast<char>(dice() % 3 == 0 ? dice() % 32 : dice() % 256);
    REQUIRE(valid_utf8(valid_utf8(text)) == valid_utf8(text));
    REQUIRE(one_line(one_line(text)) == one_line(text));
    REQUIRE(plain_lines(plain_lines(text)) == plain_lines(text));
    REQUIRE(valid_utf8(one_line(text)) == one_line(text));
    REQUIRE(one_line(text).find('\n') == std::string::npos);
  }
}
