// SPDX-License-Identifier: MIT
// FanDriver against a fan that answers when the test says so.
#include <catch.hpp>

#include <mcud/fan_driver.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

using namespace nasmcu;

namespace {

mcu::FanSpec stepped_spec(mcu::Conflict conflict) {
  mcu::FanSpec fan;
  fan.name = "system";
  fan.levels = {mcu::Duty{0}, mcu::Duty{50}, mcu::Duty{100}};
  fan.stop = true;
  fan.failsafe = mcu::Duty{100};
  fan.conflict = conflict;
  return fan;
}

/// Remembers each write; answers at once, or only after answer() while `held`.
class SlowFan final : public mcu::Fan {
public:
  struct Write {
    double percent;
    bool urgent;
  };
  SlowFan(mcu::asio::any_io_executor executor, mcu::Conflict conflict)
      : mcu::Fan(stepped_spec(conflict)), answered_(std::move(executor)) {}

  mcu::Availability availability() const override { return {true, ""}; }
  mcu::Task<mcu::Result<mcu::Rpm>> speed() override { co_return mcu::Rpm{0}; }
  mcu::Task<mcu::Result<mcu::Duty>> set(mcu::Duty duty, mcu::Urgency urgency) override {
    writes.push_back({duty.percent, urgency == mcu::Urgency::urgent});
    const bool wait = held && urgency == mcu::Urgency::normal;
    while (wait && held) co_await answered_.wait();
    if (failure) co_return *failure;
    co_return duty;
  }
  mcu::Task<mcu::Result<mcu::Duty>> duty() override { co_return mcu::Duty{33}; }
  mcu::Task<mcu::Result<std::optional<mcu::Rival>>> rival() override {
    ++asked;
    while (rival_held) co_await answered_.wait();
    if (rival_failure) co_return *rival_failure;
    co_return other;
  }
  mcu::Task<mcu::Status> take_over() override {
    ++taken;
    if (take_failure) co_return *take_failure;
    if (other && other->kind == mcu::Rival::Kind::thermal_zone) other.reset();
    co_return mcu::Done{};
  }
  void answer() {
    held = rival_held = false;
    answered_.notify();
  }

  std::vector<Write> writes;
  bool held = false;
  bool rival_held = false;
  std::optional<mcu::Error> failure, rival_failure, take_failure;
  std::optional<mcu::Rival> other;
  int asked = 0, taken = 0;

private:
  mcu::Signal answered_;
};

struct Rig {
  explicit Rig(mcu::Conflict conflict = mcu::Conflict::stand_back)
      : fan(io.get_executor(), conflict), driver(io.get_executor(), fan) {}
  ~Rig() {
    fan.answer();
    driver.stop();
    io.poll();
  }
  void turn() {
    io.restart();
    io.poll();
  }
  void look() {
    driver.look_for_rivals();
    turn();
  }
  /// Starts set() and leaves its outcome in `outcome`.
  void set(std::uint64_t lease, const std::string& who, double percent) {
    outcome.reset();
    mcu::asio::co_spawn(
        io,
        [](Rig& rig, std::uint64_t id, std::string name, double duty) -> mcu::Task<void> {
          mcu::Result<double> got = co_await rig.driver.set(id, name, mcu::Duty{duty});
          rig.outcome = got;
        }(*this, lease, who, percent),
        mcu::asio::detached);
    turn();
  }

  boost::asio::io_context io;
  SlowFan fan;
  FanDriver driver;
  std::optional<mcu::Result<double>> outcome;
};

const mcu::Rival zone{mcu::Rival::Kind::thermal_zone, "thermal zone hdd-thermal (step_wise)"};
const mcu::Rival program{mcu::Rival::Kind::program, "pwm1 is 77, 128 was written"};

} // namespace

TEST_CASE("the first thing written is failsafe, urgently") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  REQUIRE(rig.fan.writes.size() == 1);
  CHECK(rig.fan.writes[0].percent == 100);
  CHECK(rig.fan.writes[0].urgent);
}

TEST_CASE("the first wish of a lease is written even when the duty does not change") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  REQUIRE(lease);
  rig.set(*lease, ":1.1", 100);
  REQUIRE(rig.fan.writes.size() == 2);
  CHECK(rig.fan.writes[1].percent == 100);
  rig.set(*lease, ":1.1", 100);
  CHECK(rig.fan.writes.size() == 2);
  REQUIRE(rig.outcome);
  CHECK(rig.outcome->value() == 100);
}

TEST_CASE("a lost holder's failsafe is written at once, though an ordinary write is under way") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  rig.fan.held = true;
  rig.set(*lease, ":1.1", 0);
  REQUIRE(rig.fan.writes.size() == 2);
  CHECK_FALSE(rig.outcome);
  rig.driver.holder_gone(":1.1");
  rig.turn();
  REQUIRE(rig.fan.writes.size() == 3);
  CHECK(rig.fan.writes[2].percent == 100);
  CHECK(rig.fan.writes[2].urgent);
  // The ordinary write ends last: it must not have the last word.
  rig.fan.answer();
  rig.turn();
  CHECK(rig.fan.writes.back().percent == 100);
  CHECK(rig.fan.writes.size() == 4);
  CHECK(rig.driver.real() == mcu::Duty{100});
}

TEST_CASE("somebody else's lease number changes nothing") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  rig.set(*lease, ":1.2", 0);
  REQUIRE(rig.outcome);
  CHECK(rig.outcome->error().code == mcu::Errc::busy);
  rig.set(*lease + 1, ":1.1", 0);
  CHECK(rig.outcome->error().code == mcu::Errc::busy);
  CHECK(rig.fan.writes.size() == 1);
}

TEST_CASE("a duty outside 0 to 100 is refused in words") {
  Rig rig;
  rig.driver.start();
  const auto lease = rig.driver.acquire(":1.1");
  for (const double duty : {-1.0, 100.5, std::numeric_limits<double>::quiet_NaN()}) {
    rig.set(*lease, ":1.1", duty);
    REQUIRE(rig.outcome);
    CHECK(rig.outcome->error().code == mcu::Errc::invalid_argument);
  }
}

TEST_CASE("a failed write is told to the holder and nothing is claimed about the fan") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  rig.fan.failure = mcu::Error{mcu::Errc::link_down, "port gone"};
  rig.set(*lease, ":1.1", 50);
  REQUIRE(rig.outcome);
  CHECK(rig.outcome->error().code == mcu::Errc::link_down);
  CHECK_FALSE(rig.driver.real());
  rig.fan.failure.reset();
  rig.driver.presence_changed(true);
  rig.turn();
  CHECK(rig.fan.writes.back().percent == 50);
  CHECK(rig.driver.real() == mcu::Duty{50});
  CHECK_FALSE(rig.driver.error());
}

TEST_CASE("a sensor at its limit drives the fan to failsafe whatever the holder wishes") {
  Rig rig;
  double celsius = 40;
  rig.driver.limits = [&celsius] {
    LimitReading reading{"board", mcu::Celsius{60}, mcu::Celsius{celsius},
                         std::chrono::steady_clock::now(), false};
    return std::vector<LimitReading>{reading};
  };
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  rig.set(*lease, ":1.1", 0);
  CHECK(rig.driver.real() == mcu::Duty{0});
  celsius = 61;
  rig.driver.readings_changed();
  rig.turn();
  CHECK(rig.fan.writes.back().percent == 100);
  CHECK(rig.fan.writes.back().urgent);
  rig.set(*lease, ":1.1", 0);
  CHECK(rig.outcome->value() == 100);
  celsius = 50;
  rig.driver.readings_changed();
  rig.turn();
  CHECK(rig.driver.real() == mcu::Duty{0});
}

TEST_CASE("a duty by hand waits for no holder and is refused while there is one") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  std::optional<mcu::Result<std::string>> note;
  const auto by_hand = [&](double duty) {
    note.reset();
    mcu::asio::co_spawn(
        rig.io,
        [](FanDriver& driver, double percent, auto& result) -> mcu::Task<void> {
          mcu::Result<std::string> got = co_await driver.set_by_hand(mcu::Duty{percent});
          result = got;
        }(rig.driver, duty, note),
        mcu::asio::detached);
    rig.turn();
  };
  by_hand(0);
  REQUIRE(note);
  REQUIRE(note->ok());
  CHECK(rig.driver.real() == mcu::Duty{100}); // never below failsafe
  CHECK(note->value().find("30 minutes") != std::string::npos);
  REQUIRE(rig.driver.acquire(":1.1"));
  by_hand(50);
  CHECK(note->error().code == mcu::Errc::busy);
}

TEST_CASE("nothing is written before the fan has told who else drives it") {
  Rig rig;
  rig.fan.rival_held = true;
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  REQUIRE(lease);
  rig.set(*lease, ":1.1", 50);
  CHECK(rig.fan.writes.empty());
  CHECK_FALSE(rig.outcome);
  rig.fan.answer();
  rig.turn();
  REQUIRE(rig.outcome);
  CHECK(rig.outcome->value() == 50);
}

TEST_CASE("a fan that a thermal zone drives is left alone until the zone is gone") {
  Rig rig;
  rig.fan.other = zone;
  rig.driver.start();
  rig.turn();
  CHECK(rig.fan.writes.empty());
  const auto refused = rig.driver.acquire(":1.1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == mcu::Errc::busy);
  CHECK(refused.error().what == "fan system is left to thermal zone hdd-thermal (step_wise)");
  CHECK(rig.driver.seize(":1.1").error().code == mcu::Errc::busy);
  rig.set(1, ":1.1", 50);
  CHECK(rig.outcome->error().what == refused.error().what);
  rig.driver.end_all("test");
  rig.look();
  CHECK(rig.fan.writes.empty());
  CHECK_FALSE(rig.driver.decision().failsafe);
  CHECK(rig.driver.real() == mcu::Duty{33}); // what the zone drives it at
  rig.fan.other.reset();
  rig.look();
  REQUIRE(rig.fan.writes.size() == 1);
  CHECK(rig.fan.writes[0].percent == 100);
  CHECK(rig.fan.writes[0].urgent);
  CHECK(rig.driver.acquire(":1.1"));
}

TEST_CASE("a holder whose fan is taken by another program loses the lease") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  rig.set(*lease, ":1.1", 50);
  rig.fan.other = program;
  const auto before = rig.fan.writes.size();
  rig.look();
  CHECK_FALSE(rig.driver.lease().held());
  CHECK(rig.driver.renew(*lease, ":1.1").error().code == mcu::Errc::busy);
  CHECK(rig.fan.writes.size() == before);
}

TEST_CASE("what a program is taken for, while a write of ours was under way, does not count") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  rig.fan.rival_held = true;
  rig.fan.other = program;
  rig.look();
  const auto lease = rig.driver.acquire(":1.1");
  rig.set(*lease, ":1.1", 50);
  rig.fan.answer();
  rig.turn();
  CHECK(rig.driver.lease().held());
  rig.look();
  CHECK_FALSE(rig.driver.lease().held());
}

TEST_CASE("a fan that cannot tell who else drives it is driven") {
  Rig rig;
  rig.fan.rival_failure = mcu::Error{mcu::Errc::protocol, "Input/output error"};
  rig.driver.start();
  rig.turn();
  CHECK(rig.fan.writes.size() == 1);
  rig.fan.rival_failure.reset();
  rig.fan.other = zone;
  rig.look();
  CHECK_FALSE(rig.driver.acquire(":1.1"));
  rig.fan.rival_failure = mcu::Error{mcu::Errc::protocol, "Input/output error"};
  rig.look();
  CHECK_FALSE(rig.driver.acquire(":1.1")); // no news is no end of the zone
}

TEST_CASE("take-over takes the fan from a zone and writes failsafe") {
  Rig rig(mcu::Conflict::take_over);
  rig.fan.other = zone;
  rig.driver.start();
  rig.turn();
  CHECK(rig.fan.taken == 1);
  REQUIRE(rig.fan.writes.size() == 1);
  CHECK(rig.fan.writes[0].percent == 100);
  CHECK(rig.driver.acquire(":1.1"));
  CHECK(rig.driver.claim().words() == "taken over from thermal zone hdd-thermal (step_wise)");
}

TEST_CASE("take-over overwrites a program each time it is seen") {
  Rig rig(mcu::Conflict::take_over);
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  rig.set(*lease, ":1.1", 50);
  rig.fan.other = program;
  const auto before = rig.fan.writes.size();
  rig.look();
  rig.look();
  REQUIRE(rig.fan.writes.size() == before + 2);
  CHECK(rig.fan.writes.back().percent == 50);
  CHECK(rig.driver.lease().held());
}

TEST_CASE("a fan that cannot be taken over is left alone") {
  Rig rig(mcu::Conflict::take_over);
  rig.fan.other = zone;
  rig.fan.take_failure = mcu::Error{mcu::Errc::failed, "policy: Permission denied"};
  rig.driver.start();
  rig.turn();
  CHECK(rig.fan.writes.empty());
  CHECK(rig.driver.acquire(":1.1").error().code == mcu::Errc::busy);
  rig.fan.take_failure.reset();
  rig.look();
  CHECK(rig.fan.writes.size() == 1);
}

TEST_CASE("a refused fan stays refused when the zone has gone") {
  Rig rig(mcu::Conflict::refuse);
  rig.fan.other = zone;
  rig.driver.start();
  rig.turn();
  rig.fan.other.reset();
  rig.look();
  CHECK(rig.fan.writes.empty());
  CHECK_FALSE(rig.driver.acquire(":1.1"));
}

TEST_CASE("a fan that comes back is written again, whatever it shows by then") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  rig.set(*lease, ":1.1", 50);
  rig.driver.presence_changed(false);
  rig.turn();
  rig.fan.other = program; // its driver began with a value of its own
  rig.driver.presence_changed(true);
  rig.turn();
  CHECK(rig.fan.writes.back().percent == 50);
  CHECK(rig.driver.lease().held());
}

TEST_CASE("in sleep the fan is in failsafe, a wish is kept, and after it all is written again") {
  Rig rig;
  rig.driver.start();
  rig.turn();
  const auto lease = rig.driver.acquire(":1.1");
  rig.set(*lease, ":1.1", 50);
  rig.driver.sleep(true);
  rig.turn();
  CHECK(rig.fan.writes.back().percent == 100);
  CHECK(rig.fan.writes.back().urgent);
  rig.set(*lease, ":1.1", 0);
  CHECK(rig.outcome->value() == 100);
  CHECK(rig.driver.decision().why == "the box goes to sleep");
  const auto before = rig.fan.writes.size();
  const int asked = rig.fan.asked;
  rig.driver.sleep(false);
  rig.turn();
  CHECK(rig.fan.asked > asked); // a zone may have come meanwhile
  CHECK(rig.fan.writes.size() > before);
  CHECK(rig.fan.writes.back().percent == 0);
}
