// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <common/records.hpp>

#include <algorithm>

using namespace nasmcu;

namespace {

const std::vector<std::string> some_records = {R"({"serial":"WD-1","verdict":"failed"})",
                                               "",
                                               "plain words",
                                               R"({"serial":"WD-2"})",
                                               "bytes \x01\x7f\xc3\xa4 of all kinds",
                                               R"({"serial":"WD-2"})"};

/// All records are there as written, or something is said; and nothing is there that was not
/// written.
void check_honest(const std::vector<std::string>& written, const std::string& text) {
  const Records read = decode_records("disks", text);
  if (read.good != written) CHECK_FALSE(read.damage.empty());
  for (const std::string& record : read.good)
    CHECK(std::count(written.begin(), written.end(), record) > 0);
}

} // namespace

TEST_CASE("records come back as they were written") {
  const Records read = decode_records("disks", encode_records("disks", some_records));
  CHECK(read.good == some_records);
  CHECK(read.damage.empty());
  const Records none = decode_records("disks", encode_records("disks", {}));
  CHECK(none.good.empty());
  CHECK(none.damage.empty());
}

TEST_CASE("the form of a file of records stays readable for later versions") {
  CHECK(encode_records("disks", {"a"}) == "nasmcu-disks 1 1 355d8aec\n66bda062 a\n");
}

TEST_CASE("a record is one line: a line feed in it becomes a blank") {
  const Records read = decode_records("disks", encode_records("disks", {"two\nlines", "x"}));
  CHECK(read.good == std::vector<std::string>{"two lines", "x"});
  CHECK(read.damage.empty());
}

TEST_CASE("a file cut at any byte never loses a record silently") {
  const std::string whole = encode_records("disks", some_records);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO("cut behind " << size);
    const Records read = decode_records("disks", whole.substr(0, size));
    // Only the last line feed may be missing without a loss.
    CHECK(read.damage.empty() == (size + 1 == whole.size()));
    check_honest(some_records, whole.substr(0, size));
  }
}

TEST_CASE("a file with its first bytes cut off never loses a record silently") {
  const std::string whole = encode_records("disks", some_records);
  for (std::size_t from = 1; from <= whole.size(); ++from) {
    INFO("from " << from);
    CHECK_FALSE(decode_records("disks", whole.substr(from)).damage.empty());
    check_honest(some_records, whole.substr(from));
  }
}

TEST_CASE("any flipped bit is noticed, and costs two records at most") {
  const std::string whole = encode_records("disks", some_records);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    INFO("bit " << bit % 8 << " of byte " << bit / 8);
    const Records read = decode_records("disks", flipped);
    CHECK_FALSE(read.damage.empty());
    CHECK(read.good.size() + 2 >= some_records.size());
    check_honest(some_records, flipped);
  }
}

TEST_CASE("a sector of zeros costs only what was in it") {
  std::string text = encode_records("disks", std::vector<std::string>(40, "a record of some size"));
  std::fill_n(text.begin() + 512, 512, '\0');
  const Records read = decode_records("disks", text);
  CHECK(read.good.size() >= 21);
  CHECK_THAT(read.damage, ContainsSubstring("of 40 records can be read"));
}

TEST_CASE("damage is told in numbers") {
  std::string text = encode_records("disks", {"one", "two", "three", "four"});
  text[text.find("two")] = 'x';
  CHECK(decode_records("disks", text).damage == "3 of 4 records can be read");
  text = encode_records("disks", {"one", "two"});
  text[0] = 'x';
  CHECK(decode_records("disks", text).damage == "the first line is damaged, 2 records can be read");
  CHECK(decode_records("disks", "").damage == "the file is empty");
}

TEST_CASE("what is no file of this kind gives no record, and says so") {
  const std::string alerts = encode_records("alerts", {"an alert"});
  CHECK(decode_records("disks", alerts).good.empty());
  CHECK_THAT(decode_records("disks", alerts).damage, ContainsSubstring("nasmcu-alerts 1"));
  SECTION("not even behind a damaged first line") {
    CHECK(decode_records("disks", "x" + alerts).good.empty());
  }
  for (const char* text :
       {"\n", "hello", "nasmcu-disks", "nasmcu-disks 1 0", "\n\n\n", " ", "  \n"})
    CHECK_FALSE(decode_records("disks", text).damage.empty());
}

TEST_CASE("lines of another file among the records are noticed") {
  const std::string text = encode_records("disks", {"one"});
  CHECK_THAT(decode_records("disks", text + "0badc0de two\n").damage,
             ContainsSubstring("that are none"));
  const std::string twice = text + text.substr(text.find('\n') + 1);
  CHECK(decode_records("disks", twice).damage == "2 of 1 records can be read");
}
