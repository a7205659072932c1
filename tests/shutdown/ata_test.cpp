// SPDX-License-Identifier: MIT
// Sense data after SAT and SPC; synthetic.
#include <catch.hpp>

#include <shutdown/ata.hpp>

#include <array>

using namespace nasmcu::shutdown;

namespace {

using Sense = std::array<std::uint8_t, 32>;

Sense descriptors(std::uint8_t count) {
  Sense sense{};
  sense[0] = 0x72;
  sense[1] = 0x01; // recovered error: "information available"
  sense[3] = 0x1D;
  sense[7] = 14;
  sense[8] = 0x09; // ATA status return
  sense[9] = 12;
  sense[13] = count;
  return sense;
}

Sense fixed(std::uint8_t count) {
  Sense sense{};
  sense[0] = 0x70;
  sense[2] = 0x01;
  sense[6] = count;
  sense[13] = 0x1D;
  return sense;
}

} // namespace

TEST_CASE("a disk's power mode is read from sense data of both formats") {
  for (const auto& make : {descriptors, fixed}) {
    CHECK(power_mode_in(make(0x00)) == AtaPower::standby);
    CHECK(power_mode_in(make(0x01)) == AtaPower::standby);
    CHECK(power_mode_in(make(0x80)) == AtaPower::idle);
    CHECK(power_mode_in(make(0x83)) == AtaPower::idle);
    CHECK(power_mode_in(make(0xFF)) == AtaPower::active);
    CHECK(power_mode_in(make(0x41)) == AtaPower::active);
  }
}

TEST_CASE("sense data of something else is no power mode") {
  CHECK(power_mode_in(Sense{}) == AtaPower::unknown);
  CHECK(power_mode_in({}) == AtaPower::unknown);
  Sense refused = fixed(0);
  refused[2] = 0x05; // illegal request
  refused[12] = 0x20;
  refused[13] = 0x00;
  CHECK(power_mode_in(refused) == AtaPower::unknown);
}
