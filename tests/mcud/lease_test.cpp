// SPDX-License-Identifier: MIT
#include "clock_start.hpp"

#include <catch.hpp>

#include <mcud/lease.hpp>

using nasmcu::Instant;
using nasmcu::Lease;
using namespace std::chrono_literals;

namespace {}

TEST_CASE("the first holder wins and others are told who drives the fan") {
  Lease lease;
  const auto first = lease.acquire(":1.1", clock_start);
  REQUIRE(first);
  CHECK(*first != 0);
  const auto second = lease.acquire(":1.2", clock_start);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == mcu::Errc::busy);
  CHECK(second.error().what.find(":1.1") != std::string::npos);
  CHECK(lease.holder() == ":1.1");
}

TEST_CASE("a holder that acquires again gets a new lease and the old one is worth nothing") {
  Lease lease;
  const auto first = lease.acquire(":1.1", clock_start);
  const auto second = lease.acquire(":1.1", clock_start);
  REQUIRE(second);
  CHECK(*first != *second);
  CHECK_FALSE(lease.renew(*first, ":1.1", clock_start).ok());
  CHECK(lease.renew(*second, ":1.1", clock_start).ok());
}

TEST_CASE("a lease cannot be used by another bus name, not even with the right number") {
  Lease lease;
  const auto id = lease.acquire(":1.1", clock_start);
  CHECK_FALSE(lease.renew(*id, ":1.2", clock_start).ok());
  CHECK_FALSE(lease.release(*id, ":1.2").ok());
  CHECK(lease.held());
}

TEST_CASE("a lease ends 30 seconds after its last renewal") {
  Lease lease;
  const auto id = lease.acquire(":1.1", clock_start);
  CHECK_FALSE(lease.expire(clock_start + 29999ms));
  REQUIRE(lease.renew(*id, ":1.1", clock_start + 20s).ok());
  CHECK(lease.expires() == clock_start + 50s);
  CHECK_FALSE(lease.expire(clock_start + 49999ms));
  CHECK(lease.expire(clock_start + 50s));
  CHECK_FALSE(lease.held());
  CHECK_FALSE(lease.expire(clock_start + 60s));
  CHECK_FALSE(lease.renew(*id, ":1.1", clock_start + 51s).ok());
}

TEST_CASE("a lease ends with its holder's bus name and with no other") {
  Lease lease;
  REQUIRE(lease.acquire(":1.1", clock_start));
  CHECK_FALSE(lease.holder_gone(":1.2"));
  CHECK(lease.held());
  CHECK(lease.holder_gone(":1.1"));
  CHECK_FALSE(lease.held());
  CHECK(lease.acquire(":1.2", clock_start).ok());
}

TEST_CASE("force takes the lease and the former holder's number no longer works") {
  Lease lease;
  const auto id = lease.acquire(":1.1", clock_start);
  const auto forced = lease.seize(":1.9", clock_start);
  CHECK(lease.holder() == ":1.9");
  CHECK_FALSE(lease.renew(*id, ":1.1", clock_start).ok());
  CHECK(lease.renew(forced, ":1.9", clock_start).ok());
  CHECK_FALSE(lease.holder_gone(":1.1"));
}

TEST_CASE("a released lease is free at once and its number is never given again") {
  Lease lease;
  const auto first = lease.acquire(":1.1", clock_start);
  REQUIRE(lease.release(*first, ":1.1").ok());
  CHECK_FALSE(lease.held());
  CHECK_FALSE(lease.expires());
  const auto second = lease.acquire(":1.2", clock_start);
  REQUIRE(second);
  CHECK(*second != *first);
}
