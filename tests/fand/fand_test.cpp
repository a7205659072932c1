// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "fake_alertd.hpp"
#include "fake_mcud.hpp"

#include <fand/fand.hpp>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <sstream>

using namespace std::chrono_literals;
using nasmcu::fand::Fand;
using test::Box;
using test::FakeAlertd;
using test::FakeMcud;

namespace {

constexpr const char* guide = "[Fan]\nPollTime = 1\nTempLow = 25\nTempHigh = 34\nHysteresis = 2\n";

/// nas-fand, a client and a private bus; mcud comes and goes.
class Rig {
public:
  explicit Rig(const std::string& config = guide) {
    write(config);
    options_.config = (bus_.dir() / "nasmcu.conf").string();
    client_.start();
    fand_ = std::make_unique<Fand>(io_, options_, nasmcu::load_config(options_.config, "").config);
    fand_->start();
  }
  ~Rig() {
    fand_->stop();
    mcud_.reset();
    client_.stop();
    io_.run_for(5s);
  }

  void write(const std::string& config) { std::ofstream(bus_.dir() / "nasmcu.conf") << config; }
  void start_mcud() { mcud_ = std::make_unique<FakeMcud>(io_.get_executor(), box); }
  void stop_mcud() { mcud_.reset(); }
  FakeMcud& mcud() { return *mcud_; }

  /// Turns the loop until `done` says so; false after `limit`.
  template <class Done>
  bool until(Done done, std::chrono::milliseconds limit = 8s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io_.run_one_for(20ms);
    }
    return true;
  }
  bool until_set(double duty) {
    return until([&] { return box.last() == duty; });
  }

  /// Calls FanControl and waits for the answer.
  template <class... In>
  nasmcu::Result<std::string> call(const std::string& method, In... arguments) {
    using Answer = nasmcu::Result<std::tuple<std::string>>;
    auto answer = std::make_shared<std::optional<Answer>>();
    mcu::asio::co_spawn(io_, ask<std::string>(client_, control(), method, answer, arguments...),
                        mcu::asio::detached);
    if (!until([&] { return answer->has_value(); }))
      return mcu::Error{mcu::Errc::timeout, "no answer"};
    if (!**answer) return (*answer)->error();
    return std::get<0>((*answer)->value());
  }
  template <class T>
  T property(const std::string& name) {
    using Answer = nasmcu::Result<std::tuple<sdbus::Variant>>;
    auto answer = std::make_shared<std::optional<Answer>>();
    nasmcu::Target target = control();
    const std::string interface =
        std::exchange(target.interface, "org.freedesktop.DBus.Properties");
    mcu::asio::co_spawn(io_, ask<sdbus::Variant>(client_, target, "Get", answer, interface, name),
                        mcu::asio::detached);
    if (!until([&] { return answer->has_value(); }) || !**answer) return T{};
    return std::get<0>((*answer)->value()).get<T>();
  }
  bool until_mode(const std::string& mode) {
    return until([&] { return property<std::string>("Mode") == mode; });
  }

  Box box;
  test::PrivateBus& bus() { return bus_; }
  Fand& fand() { return *fand_; }
  mcu::asio::io_context& io() { return io_; }
  void drop_client() { client_.stop(); }

private:
  static nasmcu::Target control() {
    return {"io.nasmcu1.fand", "/io/nasmcu1/fancontrol/system", "io.nasmcu1.FanControl"};
  }
  template <class Out, class Answer, class... In>
  static nasmcu::Task<void> ask(nasmcu::Bus& bus, nasmcu::Target target, std::string method,
                                std::shared_ptr<Answer> answer, In... arguments) {
    auto got = co_await bus.call<Out>(target, method, 5000ms, arguments...);
    answer->emplace(std::move(got));
  }

  test::PrivateBus bus_;
  mcu::asio::io_context io_{1};
  nasmcu::CommonOptions options_;
  nasmcu::Bus client_{io_.get_executor(), ""};
  std::unique_ptr<FakeMcud> mcud_;
  std::unique_ptr<Fand> fand_;
};

/// What is logged while it lives.
class Log {
public:
  Log() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~Log() { spdlog::set_default_logger(before_); }
  int count(const std::string& words) const {
    const std::string all = text_.str();
    int found = 0;
    for (auto at = all.find(words); at != std::string::npos; at = all.find(words, at + 1)) ++found;
    return found;
  }

private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

} // namespace

TEST_CASE("it takes the lease and drives the fan by the configured rule") {
  Rig rig;
  rig.box.celsius = 20;
  rig.start_mcud();
  REQUIRE(rig.until_set(0));
  rig.box.celsius = 40;
  REQUIRE(rig.until_set(100));
  CHECK(rig.box.acquired == 1);
  CHECK(rig.property<std::string>("Mode") == "auto");
  REQUIRE(rig.until([&] { return rig.property<double>("Duty") == 100; }));
  CHECK(rig.property<std::string>("Sensor") == "board");
  CHECK(rig.property<double>("Temperature") == 40);
  CHECK(rig.property<bool>("Valid"));
  CHECK(rig.property<std::string>("Why") ==
        "40.0 °C on board: full (low 25, high 34, hysteresis 2)");
  rig.box.celsius = 20;
  REQUIRE(rig.until_set(0));
  CHECK(rig.box.sets.front() == 0);
}

TEST_CASE("the board's curve drives a fan that the configuration says nothing about") {
  Rig rig("[Fan]\nPollTime = 1\n");
  rig.box.curve = {sdbus::Struct<double, double>{20, 30}, sdbus::Struct<double, double>{40, 90}};
  rig.start_mcud();
  CHECK(rig.until_set(60));
}

TEST_CASE("every poll sets again, which keeps the lease") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until([&] { return rig.box.sets.size() >= 3; }));
  CHECK(rig.box.reads <= rig.box.sets.size() + 1);
  CHECK(rig.box.last() == 50);
}

TEST_CASE("a poll longer than 10 s renews the lease in between") {
  Rig rig("[Fan]\nPollTime = 60\n");
  rig.start_mcud();
  REQUIRE(rig.until_set(0));
  CHECK(rig.until([&] { return rig.box.renewed == 1; }, 13s));
  CHECK(rig.box.sets.size() == 1);
}

TEST_CASE("a failed reading brings failsafe, a good one ends it") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  rig.box.sensor_error = "no answer in 500 ms";
  REQUIRE(rig.until_set(70));
  REQUIRE(rig.until_mode("failsafe"));
  CHECK_FALSE(rig.property<bool>("Valid"));
  CHECK(rig.property<std::string>("Reason") == "no answer in 500 ms");
  rig.box.sensor_error.clear();
  CHECK(rig.until_set(50));
}

TEST_CASE("while another holds the lease it waits, and takes it when it is free") {
  Rig rig;
  rig.box.busy = true;
  rig.start_mcud();
  REQUIRE(rig.until(
      [&] { return rig.property<std::string>("Why") == "waiting: the fan is driven by :1.99"; }));
  CHECK(rig.property<std::string>("Mode") == "waiting");
  CHECK(rig.box.sets.empty());
  const auto refused = rig.call("SetManual", 40.0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == mcu::Errc::busy);
  rig.box.busy = false;
  CHECK(rig.until_set(50)); // the duty that was refused is not kept
}

TEST_CASE("a lease that was lost is taken again") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  ++rig.box.lease; // somebody else's
  const auto sets = rig.box.sets.size();
  CHECK(rig.until([&] { return rig.box.sets.size() > sets; }));
  CHECK(rig.box.acquired == 2);
}

TEST_CASE("a fan that cannot be set is reported, and tried again") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  rig.box.set_fails = true;
  const auto failed = rig.call("SetManual", 80.0);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == mcu::Errc::link_down);
  rig.box.set_fails = false;
  const auto sets = rig.box.sets.size();
  REQUIRE(rig.until([&] { return rig.box.sets.size() > sets; }));
  CHECK(rig.box.last() == 50);
  CHECK(rig.box.acquired == 1);
}

TEST_CASE("mcud may vanish and come back") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  rig.stop_mcud();
  REQUIRE(rig.until_mode("waiting"));
  CHECK_FALSE(rig.property<bool>("Present"));
  rig.box.celsius = 40;
  rig.start_mcud();
  CHECK(rig.until_set(100));
  CHECK(rig.box.acquired == 2);
  CHECK(rig.until_mode("auto"));
}

TEST_CASE("the bus may die and come back") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  rig.bus().stop();
  rig.box.celsius = 40;
  rig.bus().start();
  CHECK(rig.until_set(100));
  CHECK(rig.until_mode("auto"));
}

TEST_CASE("a duty set by hand is kept until auto, and heat overrides it") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  const auto note = rig.call("SetManual", 30.0);
  REQUIRE(note);
  CHECK(rig.box.last() == 30); // the answer comes when the fan has been set
  CHECK(note->find("30 % until auto") == 0);
  CHECK(rig.property<std::string>("Mode") == "manual");
  rig.box.celsius = 40;
  REQUIRE(rig.until_set(100));
  rig.box.celsius = 28;
  REQUIRE(rig.until_set(30));
  REQUIRE(rig.call("Auto"));
  CHECK(rig.box.last() == 50);
  CHECK(rig.property<std::string>("Mode") == "auto");
}

TEST_CASE("a duty by hand that is none changes nothing") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  for (const double bad : {-1.0, 100.5, std::nan("")}) {
    const auto note = rig.call("SetManual", bad);
    REQUIRE_FALSE(note);
    CHECK(note.error().code == mcu::Errc::invalid_argument);
  }
  CHECK(rig.property<std::string>("Mode") == "auto");
}

TEST_CASE("SIGHUP takes a good configuration and refuses a bad one") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  rig.write("[Fan]\nPollTime = 1\nTempLow = often\n");
  std::raise(SIGHUP);
  const auto sets = rig.box.sets.size();
  REQUIRE(rig.until([&] { return rig.box.sets.size() > sets + 1; }));
  CHECK(rig.box.last() == 50);
  rig.write("[Fan]\nPollTime = 1\nTempLow = 40\nTempHigh = 50\n");
  std::raise(SIGHUP);
  CHECK(rig.until_set(0));
  CHECK(rig.box.acquired == 1);
}

TEST_CASE("a curve for one fan beats the step rule, and a wrong sensor means failsafe") {
  Rig rig(std::string(guide) + "[Fan system]\nCurve = 20:20 40:40\n");
  rig.start_mcud();
  REQUIRE(rig.until_set(30));
  rig.write(std::string(guide) + "[Fan system]\nSensor = cpu\n");
  std::raise(SIGHUP);
  REQUIRE(rig.until_set(70));
  REQUIRE(rig.until_mode("failsafe"));
  CHECK(rig.property<std::string>("Reason") == "this board has no sensor cpu, only: board");
}

TEST_CASE("the fan follows the hottest of the sensors that the board names for it") {
  Rig rig;
  rig.box.celsius = 40; // nobody asked for this one
  rig.box.sensors = {"disk1", "disk2"};
  rig.box.extra = {{"disk1", {28, "", ""}}, {"disk2", {20, "", ""}}};
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  REQUIRE(rig.until_mode("auto"));
  CHECK(rig.property<std::string>("Sensor") == "disk1");
  CHECK(rig.property<double>("Temperature") == 28);
  rig.box.extra["disk2"].celsius = 36;
  REQUIRE(rig.until_set(100));
  REQUIRE(rig.until([&] { return rig.property<std::string>("Sensor") == "disk2"; }));
  CHECK(rig.property<std::string>("Why").find("36.0 °C on disk2") == 0);
  CHECK(rig.box.reads == 0);
  CHECK(rig.box.extra["disk1"].reads >= rig.box.sets.size());
}

TEST_CASE("the sensors of the configuration replace the board's") {
  Rig rig(std::string(guide) + "[Fan system]\nSensor = board disk2\n");
  rig.box.celsius = 20;
  rig.box.sensors = {"disk1"};
  rig.box.extra = {{"disk1", {40, "", ""}}, {"disk2", {28, "", ""}}};
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  CHECK(rig.box.extra["disk1"].reads == 0);
  rig.write(std::string(guide) + "[Fan system]\nSensor = disk2 disk9\n");
  std::raise(SIGHUP);
  REQUIRE(rig.until_set(70));
  REQUIRE(rig.until_mode("failsafe"));
  CHECK(rig.property<std::string>("Sensor") == "disk9");
}

TEST_CASE("a disk at rest demands nothing, an empty bay is left out with one line in the log") {
  const Log log;
  Rig rig;
  rig.box.sensors = {"disk1", "disk2"};
  rig.box.extra = {{"disk1", {28, "", ""}}, {"disk2", {0, "Unsupported", "bay 2 is empty"}}};
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  rig.box.extra["disk1"] = {0, "Asleep", "disk1 is asleep"};
  REQUIRE(rig.until_set(0));
  REQUIRE(rig.until([&] {
    return rig.property<std::string>("Why") == "disk1 is asleep: the rule's lowest duty, 0 %";
  }));
  CHECK(rig.property<std::string>("Mode") == "auto");
  CHECK_FALSE(rig.property<bool>("Valid"));
  CHECK(rig.property<std::string>("Reason") == "disk1 is asleep");
  CHECK(log.count("fan system: sensor disk2 is left out: bay 2 is empty") == 1);
  rig.box.extra["disk2"] = {40, "", ""};
  REQUIRE(rig.until_set(100));
  CHECK(rig.until([&] { return log.count("fan system: sensor disk2 is there again") == 1; }));
  rig.box.extra["disk1"] = rig.box.extra["disk2"] = {0, "Unsupported", "the bay is empty"};
  REQUIRE(rig.until_set(70));
  CHECK(rig.until_mode("failsafe"));
}

TEST_CASE("while mcud stands back it waits with mcud's words, and is there at once afterwards") {
  const std::string words = "thermal zone hdd-thermal (step_wise) drives it: standing back";
  const Log log;
  Rig rig;
  rig.box.conflict = words;
  rig.start_mcud();
  REQUIRE(rig.until([&] { return rig.property<std::string>("Why") == "waiting: " + words; }));
  CHECK(rig.property<std::string>("Mode") == "waiting");
  // By itself it would now wait for more than three seconds.
  REQUIRE(rig.until([&] { return rig.box.refused >= 6; }));
  CHECK(rig.box.sets.empty());
  CHECK(log.count("fan system: waiting: " + words) == 1);
  rig.mcud().set_conflict("");
  REQUIRE(rig.until([&] { return rig.box.last() == 50; }, 2s));
  CHECK(rig.until_mode("auto"));
}

TEST_CASE("a rival that comes later takes the fan, and gives it back") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  rig.mcud().set_conflict("another program writes pwm1: standing back");
  REQUIRE(rig.until([&] {
    return rig.property<std::string>("Why") ==
           "waiting: another program writes pwm1: standing back";
  }));
  const auto sets = rig.box.sets.size();
  rig.mcud().set_conflict("");
  REQUIRE(rig.until([&] { return rig.box.sets.size() > sets; }));
  CHECK(rig.until_mode("auto"));
}

TEST_CASE("a fan that turns slower than its board allows gets a boost, which the reason tells") {
  Rig rig;
  rig.box.has_tach = true;
  rig.box.rpm = 900;
  rig.box.stall_below = 300;
  rig.start_mcud();
  REQUIRE(rig.until([&] { return rig.box.sets.size() >= 2; }));
  CHECK(rig.box.last() == 50);
  rig.mcud().set_rpm(299);
  REQUIRE(rig.until([&] { return rig.box.last() == 100; }, 40s)); // 20 s of slow_time are real here
  CHECK(rig.until([&] {
    return rig.property<std::string>("Why") ==
           "30.0 °C on board: half (low 25, high 34, hysteresis 2); boost of 100 % for 3 s, since "
           "it is slower than 300 rpm";
  }));
  rig.mcud().set_rpm(900);
  CHECK(rig.until_set(50));
}

TEST_CASE("each sensor may have a curve of its own, and the reason names those that it won over") {
  Rig rig("[Fan]\nPollTime = 1\n[Fan system]\nSensor = board disk1\nCurve = 20:20 60:100\n"
          "Curve disk1 = 30:20 40:90\n");
  rig.box.extra = {{"disk1", {35, "", ""}}};
  rig.start_mcud();
  REQUIRE(rig.until_set(55));
  CHECK(rig.until([&] {
    return rig.property<std::string>("Why") ==
           "35.0 °C on disk1: 55 % (curve 30:20 40:90, hysteresis 3), won over board 30.0 °C: 40 %";
  }));
}

TEST_CASE("where the kernel has no driver for a disk's temperature nas-alertd's reading counts") {
  Rig rig("[Fan]\nPollTime = 1\n[Fan system]\nSensor = disk1 disk2\nCurve = 20:20 60:100\n"
          "Dwell = 0\nRampDown = 0\nSmoothing = 0\n");
  rig.box.extra = {{"disk1", {0, "Unsupported", "no drivetemp", "1"}},
                   {"disk2", {0, "Unsupported", "no drivetemp", "2"}}};
  FakeAlertd alertd(rig.io().get_executor());
  alertd.disk("1").celsius = 50;
  alertd.disk("2").asleep = true;
  rig.start_mcud();
  REQUIRE(rig.until_set(80));
  CHECK(rig.property<std::string>("Sensor") == "disk1");
  alertd.disk("1").asleep = true;
  CHECK(rig.until_set(20));
  alertd.disk("1").asleep = false;
  alertd.disk("1").read_ago = 36 * 60; // too long ago to be believed
  alertd.disk("2").read_ago = 36 * 60;
  alertd.disk("2").asleep = false;
  CHECK(rig.until_mode("failsafe"));
}

TEST_CASE("SIGTERM gives the lease back and ends everything") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  std::raise(SIGTERM);
  REQUIRE(rig.until([&] { return !rig.box.released.empty(); }, 1s));
  CHECK(rig.box.released.front() == rig.box.lease);
  rig.stop_mcud();
  rig.drop_client();
  rig.io().run_for(2s);
  CHECK(rig.io().stopped()); // nothing is left to wait for
  CHECK(rig.fand().exit_code() == 0);
}

TEST_CASE("SIGTERM ends it within a second also when mcud is frozen") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  rig.box.silent = true;
  const auto reads = rig.box.reads;
  REQUIRE(rig.until([&] { return rig.box.reads > reads; }));
  const auto began = std::chrono::steady_clock::now();
  std::raise(SIGTERM);
  // Its name leaves the bus when it has ended.
  REQUIRE(rig.until([&] { return rig.property<std::string>("Name").empty(); }));
  CHECK(std::chrono::steady_clock::now() - began < 1s);
  rig.stop_mcud();
  rig.drop_client();
  rig.io().run_for(2s);
  CHECK(rig.io().stopped());
}

TEST_CASE("the loop's progress can be asked for, and stands still without a lease") {
  Rig rig;
  rig.start_mcud();
  REQUIRE(rig.until_set(50));
  const auto cycles = rig.property<std::uint64_t>("Cycles");
  CHECK(cycles > 0);
  REQUIRE(rig.until([&] { return rig.property<std::uint64_t>("Cycles") > cycles + 1; }));
  CHECK_FALSE(rig.property<bool>("Overdue"));
  rig.stop_mcud();
  REQUIRE(rig.until([&] { return rig.property<std::string>("Mode") == "waiting"; }));
  const auto last = rig.property<std::uint64_t>("Cycles");
  REQUIRE_FALSE(rig.until([&] { return rig.property<std::uint64_t>("Cycles") != last; }, 1500ms));
  CHECK_FALSE(rig.property<bool>("Overdue"));
}

TEST_CASE("it ends cleanly without a bus") {
  Rig rig;
  rig.bus().stop();
  std::raise(SIGTERM);
  rig.drop_client();
  rig.io().run_for(2s);
  CHECK(rig.io().stopped());
  CHECK(rig.fand().exit_code() == 0);
}
