// SPDX-License-Identifier: MIT
// AlertdClient against a played nas-alertd on a private bus.
#include <catch.hpp>

#include "../private_bus.hpp"

#include <bus/alertd_client.hpp>
#include <dbus/io.nasmcu1.Alert-adaptor.h>
#include <dbus/io.nasmcu1.Alerts-adaptor.h>
#include <dbus/io.nasmcu1.Disk-adaptor.h>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using nasmcu::AlertdClient;
using nasmcu::Result;
using nasmcu::Task;

namespace {

class PlayedAlerts final : public sdbus::AdaptorInterfaces<io::nasmcu1::Alerts_adaptor> {
public:
  PlayedAlerts(sdbus::IConnection& connection, std::vector<std::string>& calls)
      : AdaptorInterfaces(connection, sdbus::ObjectPath("/io/nasmcu1/alerts")), calls_(calls) {
    registerAdaptor();
  }
  ~PlayedAlerts() { unregisterAdaptor(); }

private:
  void Acknowledge(sdbus::Result<>&& result, std::string id) override {
    calls_.push_back("Acknowledge " + id);
    if (id == "disk.WD-X.verdict")
      result.returnResults();
    else
      result.returnError(nasmcu::compat::make_error("io.nasmcu1.Error.Unsupported",
                                                    "no alert 'x'; there are: disk.WD-X.verdict"));
  }
  void Mute(sdbus::Result<>&& result, std::uint32_t seconds) override {
    calls_.push_back("Mute " + std::to_string(seconds));
    result.returnResults();
  }
  void Test(sdbus::Result<std::string>&& result) override { result.returnResults("beep"); }
  void Identify(sdbus::Result<std::string>&& result, std::string bay, bool on) override {
    calls_.push_back("Identify " + bay + (on ? " on" : " off"));
    result.returnResults("disk2-fault");
  }
  void Forget(sdbus::Result<>&& result, std::string bay) override {
    calls_.push_back("Forget " + bay);
    result.returnResults();
  }
  void SelfTest(sdbus::Result<std::string>&& result, std::string bay, std::string kind) override {
    calls_.push_back("SelfTest " + bay + " " + kind);
    result.returnResults("begun");
  }
  void Tell(sdbus::Result<>&& result, std::string, std::string, std::string, std::string) override {
    result.returnResults();
  }
  std::uint64_t MutedUntil() override { return 1803988800; }
  std::string Poller() override { return "smartd"; }

  std::vector<std::string>& calls_;
};

class PlayedAlert final : public sdbus::AdaptorInterfaces<io::nasmcu1::Alert_adaptor> {
public:
  explicit PlayedAlert(sdbus::IConnection& connection)
      : AdaptorInterfaces(connection, sdbus::ObjectPath("/io/nasmcu1/alert/disk_WD_X_verdict")) {
    registerAdaptor();
  }
  ~PlayedAlert() { unregisterAdaptor(); }

private:
  std::string Id() override { return "disk.WD-X.verdict"; }
  std::string Severity() override { return "failed"; }
  std::string Subject() override { return "disk 2 fails"; }
  std::string Text() override { return "replace it"; }
  std::string State() override { return "FAILED"; }
  std::string Bay() override { return "2"; }
  std::string Disk() override { return "/dev/sdb"; }
  std::string Serial() override { return "WD-X"; }
  std::uint64_t Since() override { return 1803988800; }
  std::uint64_t Changed() override { return UINT64_MAX; } // a time that no clock can show
  bool Acknowledged() override { return true; }
};

class PlayedDisk final : public sdbus::AdaptorInterfaces<io::nasmcu1::Disk_adaptor> {
public:
  explicit PlayedDisk(sdbus::IConnection& connection)
      : AdaptorInterfaces(connection, sdbus::ObjectPath("/io/nasmcu1/disk/bay2")) {
    registerAdaptor();
  }
  ~PlayedDisk() { unregisterAdaptor(); }

private:
  std::string Name() override { return "bay2"; }
  bool Present() override { return true; }
  bool Valid() override { return true; }
  std::string Reason() override { return ""; }
  std::string Bay() override { return "2"; }
  std::string Label() override { return "HDD 2"; }
  std::string Node() override { return "/dev/sdb"; }
  std::string Model() override { return "WDC WD40EFRX"; }
  std::string Serial() override { return "WD-X"; }
  std::string Verdict() override { return "failed"; }
  bool Asleep() override { return true; }
  bool HasTemperature() override { return false; }
  double Temperature() override { return 40; }
  std::uint64_t LastRead() override { return 1803988800; }
  std::uint64_t Reads() override { return 12; }
  std::uint64_t Kept() override { return 3; }
  std::uint64_t Withheld() override { return 40; }
  std::string Gate() override { return "at rest since 12 min"; }
};

/// The played daemon and its client, in one loop.
struct AlertDesk {
  AlertDesk() : daemon(loop.get_executor(), nasmcu::alertd_name), bus(loop.get_executor(), "") {
    daemon.on_connected = [this](sdbus::IConnection& connection) {
      root = std::make_unique<nasmcu::RootObject>(connection);
      alerts = std::make_unique<PlayedAlerts>(connection, calls);
      alert = std::make_unique<PlayedAlert>(connection);
      disk = std::make_unique<PlayedDisk>(connection);
    };
    daemon.on_lost = [this](const std::string&) {
      disk.reset();
      alert.reset();
      alerts.reset();
      root.reset();
    };
    daemon.on_named = [this] { named = true; };
    bus.start();
  }
  ~AlertDesk() {
    daemon.stop();
    bus.stop();
    loop.run_for(5s);
  }
  void start_daemon() {
    daemon.start();
    while (!named) loop.run_one_for(5s);
  }
  template <class T>
  Result<T> ask(Task<Result<T>> task) {
    std::optional<Result<T>> answer;
    mcu::asio::co_spawn(
        loop,
        [](Task<Result<T>> inner, std::optional<Result<T>>* out) -> Task<void> {
          Result<T> value = co_await std::move(inner);
          out->emplace(std::move(value));
        }(std::move(task), &answer),
        mcu::asio::detached);
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!answer && std::chrono::steady_clock::now() < deadline) loop.run_one_for(1s);
    REQUIRE(answer);
    return *answer;
  }

  test::PrivateBus private_bus;
  mcu::asio::io_context loop{1};
  std::vector<std::string> calls;
  bool named = false;
  nasmcu::Bus daemon, bus;
  AlertdClient client{bus};
  std::unique_ptr<nasmcu::RootObject> root;
  std::unique_ptr<PlayedAlerts> alerts;
  std::unique_ptr<PlayedAlert> alert;
  std::unique_ptr<PlayedDisk> disk;
};

} // namespace

TEST_CASE("alerts and disks are read from nas-alertd's objects") {
  AlertDesk desk;
  desk.start_daemon();
  const auto list = desk.ask(desk.client.alerts());
  REQUIRE(list);
  CHECK(list->poller == "smartd");
  CHECK(list->muted_until == 1803988800);
  REQUIRE(list->alerts.size() == 1);
  const nasmcu::AlertView& alert = list->alerts[0];
  CHECK(alert.id == "disk.WD-X.verdict");
  CHECK(alert.severity == "failed");
  CHECK(alert.subject == "disk 2 fails");
  CHECK(alert.text == "replace it");
  CHECK(alert.state == "FAILED");
  CHECK(alert.bay == "2");
  CHECK(alert.disk == "/dev/sdb");
  CHECK(alert.serial == "WD-X");
  CHECK(alert.since == 1803988800);
  CHECK(alert.changed == 0);
  CHECK(alert.acknowledged);

  const auto disks = desk.ask(desk.client.disks());
  REQUIRE(disks);
  REQUIRE(disks->size() == 1);
  const nasmcu::DiskView& disk = (*disks)[0];
  CHECK(disk.name == "bay2");
  CHECK(disk.label == "HDD 2");
  CHECK(disk.node == "/dev/sdb");
  CHECK(disk.model == "WDC WD40EFRX");
  CHECK(disk.serial == "WD-X");
  CHECK(disk.verdict == "failed");
  CHECK(disk.asleep);
  CHECK(!disk.celsius);
  CHECK(disk.last_read == 1803988800);
  CHECK(disk.reads == 12);
  CHECK(disk.kept == 3);
  CHECK(disk.withheld == 40);
  CHECK(disk.gate == "at rest since 12 min");
}

TEST_CASE("what is asked of nas-alertd arrives as it was meant") {
  AlertDesk desk;
  desk.start_daemon();
  CHECK(desk.ask(desk.client.acknowledge_alert("disk.WD-X.verdict")));
  CHECK(desk.ask(desk.client.mute_alerts(2h)));
  CHECK(desk.ask(desk.client.mute_alerts(-1s))); // a clock that was set meanwhile
  CHECK(desk.ask(desk.client.identify_bay("2", true)).value_or("") == "disk2-fault");
  CHECK(desk.ask(desk.client.identify_bay("2", false)).value_or("") == "disk2-fault");
  CHECK(desk.ask(desk.client.forget_bay("2")));
  CHECK(desk.ask(desk.client.test_disk("2", "long")).value_or("") == "begun");
  CHECK(desk.calls == std::vector<std::string>{"Acknowledge disk.WD-X.verdict", "Mute 7200",
                                               "Mute 0", "Identify 2 on", "Identify 2 off",
                                               "Forget 2", "SelfTest 2 long"});
  CHECK(desk.ask(desk.client.test_alerts()).value_or("") == "beep");
  const auto unknown = desk.ask(desk.client.acknowledge_alert("x"));
  REQUIRE(!unknown);
  CHECK(unknown.error().code == mcu::Errc::unsupported);
  CHECK(unknown.error().what == "no alert 'x'; there are: disk.WD-X.verdict");
}

TEST_CASE("without nas-alertd on the bus every answer says how to start it") {
  AlertDesk desk;
  const auto list = desk.ask(desk.client.alerts());
  REQUIRE(!list);
  CHECK(list.error() == nasmcu::no_alert_daemon());
  const auto known = desk.ask(desk.client.acknowledge_alert("x"));
  REQUIRE(!known);
  CHECK(known.error() == nasmcu::no_alert_daemon());
}
