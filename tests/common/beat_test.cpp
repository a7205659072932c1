// SPDX-License-Identifier: MIT
#include <common/beat.hpp>

#include <catch.hpp>

using namespace nasmcu;
using namespace std::chrono_literals;

using Time = std::chrono::steady_clock::time_point;

TEST_CASE("the next beat is later than now, and no later than a period") {
  const Time whole = Time() + 3000s;
  CHECK(next_beat(whole, 10s) == whole + 10s);
  CHECK(next_beat(whole + 1ns, 10s) == whole + 10s);
  CHECK(next_beat(whole + 10s - 1ns, 10s) == whole + 10s);
  for (const auto period : {1s, 7s, 10s, 60s, 3600s})
    for (auto now = whole; now < whole + 100s; now += 333ms) {
      const Time next = next_beat(now, period);
      CHECK(next > now);
      CHECK(next - now <= period);
    }
}

TEST_CASE("what began at different times is due together, the slower with the faster") {
  const Time start = Time() + 12345678ms;
  const Time often = next_beat(start, 10s);
  CHECK(next_beat(start + 20ms, 10s) == often);
  Time turn = often;
  const Time seldom = next_beat(start + 5ms, 60s);
  while (turn < seldom) turn = next_beat(turn + 1ms, 10s); // a little late each time
  CHECK(turn == seldom);
}
