// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <libmcu/devices/reading_filter.hpp>

#include <limits>

using namespace mcu;
using Judged = ReadingFilter::Verdict;

namespace {

ReadingFilter settled_at(double degrees) {
  ReadingFilter filter;
  (void)filter.judge(Celsius{degrees});
  REQUIRE(filter.judge(Celsius{degrees}) == Judged::accept);
  return filter;
}

} // namespace

TEST_CASE("the first reading ever needs a second that agrees") {
  ReadingFilter filter;
  CHECK(filter.judge(Celsius{40}) == Judged::read_again);
  CHECK_FALSE(filter.accepted());
  CHECK(filter.judge(Celsius{41}) == Judged::accept);
  CHECK(filter.accepted() == Celsius{41});
}

TEST_CASE("a step of 5 degrees is believed at once, a larger one only twice") {
  ReadingFilter filter = settled_at(40);
  CHECK(filter.judge(Celsius{45}) == Judged::accept);
  CHECK(filter.judge(Celsius{40}) == Judged::accept);
  CHECK(filter.judge(Celsius{45.1}) == Judged::read_again);
  CHECK(filter.accepted() == Celsius{40});
  CHECK(filter.judge(Celsius{45.1}) == Judged::accept);
  CHECK(filter.accepted() == Celsius{45.1});
}

TEST_CASE("a single wrong reading, up or down, is forgotten when the next is as before") {
  for (const double wrong : {0.0, 104.0}) {
    ReadingFilter filter = settled_at(40);
    CHECK(filter.judge(Celsius{wrong}) == Judged::read_again);
    CHECK(filter.judge(Celsius{40}) == Judged::accept);
    CHECK(filter.judge(Celsius{wrong}) == Judged::read_again);
  }
}

TEST_CASE("readings that go on disagreeing are never believed") {
  ReadingFilter filter = settled_at(40);
  for (const double wild : {60.0, 80.0, 20.0, 100.0, 0.0})
    CHECK(filter.judge(Celsius{wild}) == Judged::read_again);
  CHECK(filter.accepted() == Celsius{40});
}

TEST_CASE("a failed reading between two that agree starts the agreement anew") {
  ReadingFilter filter = settled_at(40);
  CHECK(filter.judge(Celsius{60}) == Judged::read_again);
  filter.failed();
  CHECK(filter.judge(Celsius{60}) == Judged::read_again);
  CHECK(filter.judge(Celsius{60}) == Judged::accept);
}

TEST_CASE("what is no number agrees with nothing, itself included") {
  const Celsius nan{std::numeric_limits<double>::quiet_NaN()};
  ReadingFilter filter = settled_at(40);
  CHECK(filter.judge(nan) == Judged::read_again);
  CHECK(filter.judge(nan) == Judged::read_again);
  CHECK(filter.judge(Celsius{40}) == Judged::accept);
}
