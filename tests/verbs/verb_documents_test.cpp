// SPDX-License-Identifier: MIT
// The table is the one list of verbs; what repeats it for people must not lag behind.
#include <catch.hpp>

#include <verbs/verbs.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

using namespace nasmcu;

namespace {

std::string read(const std::string& name) {
  std::ifstream file(std::string(NASMCU_SOURCE_DIR) + "/daemons/mcuctl/" + name);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("bash completes exactly the verbs of the table") {
  const std::string text = read("mcuctl.bash");
  const std::size_t begin = text.find("verbs='") + 7;
  std::istringstream words(text.substr(begin, text.find('\'', begin) - begin));
  std::set<std::string> completed;
  for (std::string word; words >> word;) completed.insert(word);
  std::set<std::string> expected = {"help"};
  for (const Verb& verb : verbs()) expected.emplace(verb.name);
  CHECK(completed == expected);
}

TEST_CASE("the manual page describes every verb of the table") {
  std::string page = read("mcuctl.8");
  for (std::size_t at; (at = page.find("\\-")) != std::string::npos;) page.erase(at, 1);
  for (const Verb& verb : verbs()) {
    CAPTURE(verb.name);
    const std::string name(verb.name);
    CHECK((page.find("\n.B " + name + "\n") != std::string::npos ||
           page.find("\n.B " + name + " \\f") != std::string::npos ||
           page.find("\n.BR " + name + " ") != std::string::npos));
  }
}
