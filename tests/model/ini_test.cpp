// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <libmcu/model/ini.hpp>
#include <libmcu/model/text.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>

#include <sys/stat.h>
#include <unistd.h>

using namespace mcu;

namespace {

IniFile parse(const std::string& text) { return parse_ini("t.ini", text); }

std::string only_complaint(const IniFile& ini) {
  REQUIRE(ini.diagnostics.size() == 1);
  return to_string(ini.diagnostics.front());
}

} // namespace

TEST_CASE("every key knows its line, behind comments, blank lines and multi-line leftovers") {
  const auto ini = parse("# top\n\n[Serial]\n; why\nPort = /dev/ttyS1\n\n  Retries=3 ; inline\n");
  REQUIRE(ini.diagnostics.empty());
  REQUIRE(ini.sections.size() == 1);
  const IniSection& serial = ini.sections[0];
  CHECK(serial.line == 3);
  REQUIRE(serial.entries.size() == 2);
  CHECK(serial.entries[0].value == "/dev/ttyS1");
  CHECK(serial.entries[0].line == 5);
  CHECK(serial.entries[1].key == "Retries");
  CHECK(serial.entries[1].value == "3");
  CHECK(serial.entries[1].line == 7);
  CHECK(serial.entries[1].file == "t.ini");
}

TEST_CASE("an indented key is a key of its own and not more of the line above") {
  const auto ini = parse("[a]\nx = 1\n\ty = 2\n");
  REQUIRE(ini.sections[0].entries.size() == 2);
  CHECK(ini.sections[0].find("y")->value == "2");
}

TEST_CASE("CRLF, a byte order mark and a missing last line end make no difference") {
  const auto ini = parse("\xEF\xBB\xBF[a]\r\nx = 1\r\n\r\ny=2");
  CHECK(ini.diagnostics.empty());
  CHECK(ini.sections[0].find("x")->value == "1");
  CHECK(ini.sections[0].find("y")->value == "2");
  CHECK(ini.sections[0].find("y")->line == 4);
}

TEST_CASE(
    "names are compared without case, the last entry counts, sections of one name are joined") {
  const auto ini = parse("[Fan]\nA=1\n[x]\nb=1\n[ fan ]\na=2\n");
  REQUIRE(ini.sections.size() == 2);
  CHECK(ini.sections[0].find("a")->value == "2");
  CHECK(ini.sections[0].find("A")->line == 6);
  CHECK(ini.sections[0].find("c") == nullptr);
}

TEST_CASE("blanks in a heading are folded and long headings are not cut") {
  const std::string name(120, 'n');
  const auto ini = parse("[fan   system]\na=1\n[" + name + "]\nb=2\n");
  CHECK(ini.sections.at(0).name == "fan system");
  CHECK(ini.sections.at(1).name == name);
}

TEST_CASE("a section without keys is kept") {
  const auto ini = parse("[power]\n[buzzer] ; none\n");
  REQUIRE(ini.sections.size() == 2);
  CHECK(ini.sections[0].line == 1);
  CHECK(ini.diagnostics.empty());
}

TEST_CASE("keys before any heading are kept under an empty name") {
  const auto ini = parse("a = 1\n[b]\nc = 2\n");
  REQUIRE(ini.sections.size() == 2);
  CHECK(ini.sections[0].name.empty());
  CHECK(ini.sections[0].entries[0].line == 1);
}

TEST_CASE("a line that is no INI is an error with its line, and the rest is still read") {
  CHECK(only_complaint(parse("[a]\nhello\nx=1\n")) ==
        "t.ini:2: error: neither 'key = value' nor [section] nor a comment");
  CHECK(only_complaint(parse("[a]\nx=1\nhello")).starts_with("t.ini:3: error: neither"));
  CHECK(parse("[a]\nhello\nx=1\n").sections[0].find("x")->value == "1");
  CHECK(only_complaint(parse("[a]\n= 5\n")).starts_with("t.ini:2: error: nothing stands before"));
}

TEST_CASE("each of several bad lines has its own complaint") {
  const auto ini = parse("[a]\none\nx=1\ntwo\n\nthree\n");
  REQUIRE(ini.diagnostics.size() == 3);
  CHECK(ini.diagnostics[0].line == 2);
  CHECK(ini.diagnostics[1].line == 4);
  CHECK(ini.diagnostics[2].line == 6);
}

TEST_CASE("keys below a heading that cannot be read do not fall to the section above it") {
  const auto ini = parse("[a]\nx=1\n[b\nx=2\n");
  CHECK(only_complaint(ini).starts_with("t.ini:3: error: a section heading looks like [name]"));
  REQUIRE(ini.sections.size() == 1);
  CHECK(ini.sections[0].find("x")->value == "1");
  CHECK(only_complaint(parse("[]\nx=2\n")).starts_with("t.ini:1: error: a section heading"));
}

TEST_CASE("a heading that would command a terminal is none, and is shown harmless") {
  const IniFile ini = parse("[fan s\033[31m]\nx=1\n");
  CHECK(ini.sections.empty());
  const std::string said = only_complaint(ini);
  CHECK(said.starts_with("t.ini:1: error: a section heading"));
  CHECK(said.find('\033') == std::string::npos);
}

TEST_CASE("a key behind a heading on its line is not lost silently") {
  CHECK(only_complaint(parse("[fan system] min = 20\n"))
            .starts_with("t.ini:1: error: nothing but a comment may stand behind [fan system]"));
}

TEST_CASE("a line that is too long is refused and not split into two") {
  const std::string longest = "k = " + std::string(186, 'v');
  CHECK(parse("[a]\n" + longest + "\n").sections[0].find("k")->value.size() == 186);
  const auto ini = parse("[a]\nk = " + std::string(5000, 'v') + "=1\nx = 2\n");
  CHECK(only_complaint(ini) == "t.ini:2: error: the line has 5006 characters, allowed are 190");
  REQUIRE(ini.sections[0].entries.size() == 1);
  CHECK(ini.sections[0].entries[0].line == 3);
}

TEST_CASE("a file of another kind is given up after a bounded number of complaints") {
  std::string junk;
  for (int i = 0; i < 100000; ++i)
    junk += "\x7f"
            "ELF junk\n";
  const auto ini = parse(junk);
  CHECK(ini.diagnostics.size() <= 22);
  CHECK(ini.diagnostics.back().text.find("not read") != std::string::npos);
}

TEST_CASE("zero bytes are no text") {
  const auto ini = parse(std::string("[a]\nx=1\0y=2\nz=3\n", 16));
  CHECK(only_complaint(ini).starts_with("t.ini:2: error: a zero byte"));
  CHECK(ini.sections[0].find("z")->value == "3");
}

TEST_CASE("reading says what is wrong with a path and never waits for a pipe") {
  char folder[] = "/tmp/ini-test-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string base = folder;
  CHECK(read_ini(base + "/none").error().what.find("No such file") != std::string::npos);
  CHECK(read_ini(base).error().what.find("directory") != std::string::npos);
  REQUIRE(::mkfifo((base + "/pipe").c_str(), 0600) == 0);
  CHECK(read_ini(base + "/pipe").ok()); // nobody writes: empty at once
  std::ofstream(base + "/big") << std::string((1U << 20U) + 5000, '#');
  CHECK(read_ini(base + "/big").error().what.find("1 MiB") != std::string::npos);
  std::ofstream(base + "/good") << "[a]\nb=c\n";
  CHECK(read_ini(base + "/good")->sections[0].find("b")->value == "c");
  CHECK(read_ini("/dev/null")->sections.empty());
  for (const char* name : {"/pipe", "/big", "/good"}) ::unlink((base + name).c_str());
  ::rmdir(folder);
}

TEST_CASE("numbers are taken whole or not at all") {
  CHECK(parse_integer("42") == 42);
  CHECK(parse_integer("-7") == -7);
  CHECK(parse_integer("+7") == 7);
  for (const char* bad : {"", "+", "4x", "x", " 4", "4 ", "4.0", "0x10", "99999999999999999999"})
    CHECK_FALSE(parse_integer(bad));
  CHECK(parse_decimal("33.5") == 33.5);
  CHECK(parse_decimal("-1") == -1);
  for (const char* bad : {"", ".", "nan", "inf", "1e5", "4x", "1,5", "--1", "0x10"})
    CHECK_FALSE(parse_decimal(bad));
  CHECK(parse_bool("YES") == true);
  CHECK(parse_bool("0") == false);
  CHECK_FALSE(parse_bool("maybe"));
  CHECK(number_text(33.30) == "33.3");
  CHECK(number_text(20) == "20");
}

TEST_CASE("quoted text can neither colour nor flood a terminal") {
  CHECK(in_quotes("a\x1B[31mb\n") == "'a\\x1B[31mb\\x0A'");
  CHECK(in_quotes(std::string(5000, 'x')).size() < 80);
}
