// SPDX-License-Identifier: MIT
#include <mcusim/thermal.hpp>

#include <catch.hpp>

using mcusim::Thermal;

TEST_CASE("a box starts at the temperature of its room") {
  CHECK(Thermal(21, 15).celsius() == Approx(21));
}

TEST_CASE("more air makes it cooler, and the three speeds settle where the manual says") {
  const Thermal box(25, 15);
  CHECK(box.settled(0) == Approx(62.5));
  CHECK(box.settled(0.5) == Approx(43.75));
  CHECK(box.settled(1) == Approx(37.5));
}

TEST_CASE("after one time constant 63 percent of the way is done") {
  Thermal box(25, 15);
  box.advance(100, 0);
  CHECK(box.celsius() == Approx(25 + 37.5 * 0.63212).epsilon(0.001));
}

TEST_CASE("many small steps give what one long step gives") {
  Thermal steps(25, 15);
  Thermal leap(25, 15);
  for (int i = 0; i < 1000; ++i) steps.advance(0.1, 0.5);
  leap.advance(100, 0.5);
  CHECK(steps.celsius() == Approx(leap.celsius()));
}

TEST_CASE("a pinned temperature stays until it is released, and goes on from there") {
  Thermal box(25, 15);
  box.pin(70);
  box.advance(1000, 1);
  CHECK(box.celsius() == Approx(70));
  box.release();
  CHECK(box.celsius() == Approx(70));
  box.advance(10'000, 1);
  CHECK(box.celsius() == Approx(37.5));
}

TEST_CASE("time that runs backwards and airflow beyond full speed change nothing absurd") {
  Thermal box(25, 15);
  box.advance(-5, 1);
  CHECK(box.celsius() == Approx(25));
  CHECK(box.settled(7) == Approx(box.settled(1)));
}
