// SPDX-License-Identifier: MIT
#include <mcusim/pacing.hpp>

#include <catch.hpp>

using namespace mcusim;
using namespace std::chrono_literals;

static const Time origin{1h};

TEST_CASE("a byte at 115200 baud takes 86.8 microseconds, at 19200 six times that") {
  CHECK(byte_time(115200) == 86805ns);
  CHECK(byte_time(19200) == 520833ns);
}

TEST_CASE("a frame written at once arrives byte by byte") {
  Arrivals arrivals(100us);
  CHECK(arrivals.next(origin) == origin + 100us);
  CHECK(arrivals.next(origin) == origin + 200us);
  CHECK(arrivals.next(origin + 5ms) == origin + 5100us);
}

TEST_CASE("a wire without pace delivers at once") {
  Arrivals arrivals(0us);
  CHECK(arrivals.next(origin) == origin);
  Departures departures(0us);
  departures.push({1, 2, 3}, origin, 0us);
  CHECK(departures.take(origin) == mcu::Bytes{1, 2, 3});
  CHECK_FALSE(departures.next());
}

TEST_CASE("reply bytes leave one at a time on an absolute schedule") {
  Departures departures(100us);
  departures.push({1, 2, 3}, origin, 0us);
  CHECK(*departures.next() == origin + 100us);
  CHECK(departures.take(origin + 99us).empty());
  CHECK(departures.take(origin + 100us) == mcu::Bytes{1});
  CHECK(*departures.next() == origin + 200us);
  // A wake-up that comes late does not push the next byte back.
  CHECK(departures.take(origin + 270us) == mcu::Bytes{2});
  CHECK(*departures.next() == origin + 300us);
  CHECK(departures.take(origin + 300us) == mcu::Bytes{3});
  CHECK(departures.empty());
}

TEST_CASE("a whole exchange takes its bytes' time: 21 bytes are 1.823 ms") {
  const Duration per_byte = byte_time(115200);
  Arrivals arrivals(per_byte);
  Departures departures(per_byte);
  Time request{};
  for (int i = 0; i < 7; ++i) request = arrivals.next(origin);
  departures.push(mcu::Bytes(7, 1), request, 0us);
  departures.push(mcu::Bytes(7, 2), request, 0us);
  Time last{};
  mcu::Bytes all;
  while (departures.next()) {
    last = *departures.next();
    const mcu::Bytes bytes = departures.take(last);
    CHECK(bytes.size() == 1);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  CHECK(all.size() == 14);
  CHECK(last - origin == 21 * per_byte);
}

TEST_CASE("the pause of a message counts from the end of the one before it") {
  Departures departures(100us);
  departures.push({1}, origin, 0us);
  departures.push({2}, origin, 1ms);
  CHECK(departures.take(origin + 100us) == mcu::Bytes{1});
  CHECK(*departures.next() == origin + 1200us);
}

TEST_CASE("what is ready later stays in order behind a late message") {
  Departures departures(0us);
  departures.push({1}, origin, 600ms);
  departures.push({2}, origin + 510ms, 0us);
  CHECK(departures.take(origin + 599ms).empty());
  CHECK(departures.take(origin + 600ms) == mcu::Bytes{1, 2});
}
