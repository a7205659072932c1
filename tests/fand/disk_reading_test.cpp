// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <fand/disk_reading.hpp>

using nasmcu::DiskView;
using nasmcu::fand::oldest_smart_reading;
using nasmcu::fand::smart_reading;

namespace {

constexpr std::time_t disk_read_at = 1803988800;

DiskView read_disk(std::string bay, std::optional<double> celsius) {
  DiskView disk;
  disk.present = disk.valid = true;
  disk.bay = std::move(bay);
  disk.celsius = celsius;
  disk.last_read = disk_read_at;
  return disk;
}

mcu::Errc why_not(const std::vector<DiskView>& disks, std::time_t later = 0) {
  const auto reading = smart_reading(disks, "2", disk_read_at + later);
  REQUIRE_FALSE(reading);
  CHECK(reading.error().what.find("bay 2") != std::string::npos);
  return reading.error().code;
}

} // namespace

TEST_CASE("the temperature that SMART told of a bay's disk is taken for half an hour") {
  const std::vector<DiskView> disks{read_disk("1", 20), read_disk("2", 41)};
  for (const std::time_t later : {std::time_t(-5), std::time_t(0), oldest_smart_reading}) {
    const auto reading = smart_reading(disks, "2", disk_read_at + later);
    REQUIRE(reading);
    CHECK(reading->value == 41);
  }
  CHECK(why_not(disks, oldest_smart_reading + 1) == mcu::Errc::unsupported);
}

TEST_CASE("a disk at rest is asleep, and what is not there or tells nothing is absent") {
  DiskView resting = read_disk("2", 41);
  resting.asleep = true;
  CHECK(why_not({resting}) == mcu::Errc::asleep);
  CHECK(why_not({read_disk("2", std::nullopt)}) == mcu::Errc::unsupported);
  CHECK(why_not({read_disk("1", 41)}) == mcu::Errc::unsupported);
  CHECK(why_not({}) == mcu::Errc::unsupported);
  DiskView missing = read_disk("2", 41);
  missing.present = false;
  CHECK(why_not({missing}) == mcu::Errc::unsupported);
}
