// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <verbs/fake_box.hpp>

#include "../common/temp_tree.hpp"

#include <verbs/alert_text.hpp>
#include <verbs/render.hpp>
#include <verbs/table.hpp>

using namespace nasmcu;
using test::FakeBox;

namespace {

constexpr std::time_t noon = 1803988800; // 2027-03-02 12:00:00 UTC

Outcome ask(FakeBox& box, std::string name, Arguments arguments, bool json = false) {
  Session session;
  session.box = &box;
  session.json = json;
  return test::run(run_verb(session, std::move(name), std::move(arguments)));
}

AlertView alert(std::string id, std::string severity, std::time_t since) {
  AlertView view;
  view.id = std::move(id);
  view.severity = std::move(severity);
  view.subject = "about " + view.id;
  view.since = view.changed = since;
  return view;
}

DiskView disk_in(std::string bay) {
  DiskView disk;
  disk.name = "bay" + bay;
  disk.present = disk.valid = true;
  disk.bay = std::move(bay);
  disk.node = "/dev/sda";
  disk.model = "WDC WD40EFRX";
  disk.serial = "WD-X";
  disk.verdict = "ok";
  disk.celsius = 34;
  disk.last_read = noon - 240;
  disk.reads = 12;
  disk.kept = 3;
  disk.withheld = 40;
  disk.gate = "used since the last reading";
  return disk;
}

} // namespace

TEST_CASE("alerts are told worst first, oldest first, with the id to acknowledge them") {
  test::use_utc();
  FakeBox box;
  box.alert_list.alerts = {
      alert("fs.srv.full", "warning", noon), alert("md.srv.rebuilding", "rebuilding", noon),
      alert("fan.system.stalled", "failed", noon + 60), alert("disk.WD-X.verdict", "failed", noon)};
  box.alert_list.alerts[0].acknowledged = true;
  const Outcome outcome = ask(box, "alerts", {});
  CHECK(outcome.exit == exit_done);
  CHECK(outcome.text == "  failed      2027-03-02 12:00  about disk.WD-X.verdict\n"
                        "      id disk.WD-X.verdict\n"
                        "  failed      2027-03-02 12:01  about fan.system.stalled\n"
                        "      id fan.system.stalled\n"
                        "  rebuilding  2027-03-02 12:00  about md.srv.rebuilding\n"
                        "      id md.srv.rebuilding\n"
                        "  warning     2027-03-02 12:00  about fs.srv.full (acknowledged)\n"
                        "      id fs.srv.full\n");
  const Json list = Json::parse(ask(box, "alerts", {}, true).text)["alerts"];
  REQUIRE(list.size() == 4);
  CHECK(list[0]["id"] == "disk.WD-X.verdict");
  CHECK(list[0]["since"] == noon);
  CHECK(list[0]["acknowledged"] == false);
  CHECK(list[3]["acknowledged"] == true);
}

TEST_CASE("a severity that is not known is shown first rather than overlooked") {
  const auto sorted = worst_first({alert("a", "failed", 1), alert("b", "burning", 2)});
  CHECK(sorted[0].id == "b");
}

TEST_CASE("no alerts is said in words and as an empty list") {
  FakeBox box;
  CHECK(ask(box, "alerts", {}).text == "no alerts\n");
  const Json json = Json::parse(ask(box, "alerts", {}, true).text);
  CHECK(json["schema"] == 1);
  CHECK(json["alerts"] == Json::array());
  CHECK(json["muted_until"].is_null());
}

TEST_CASE("a mute that lasts and another reader of the disks are told below the alerts") {
  test::use_utc();
  AlertList list;
  list.poller = "smartd";
  list.muted_until = noon + 1;
  CHECK(alerts_text(list, noon, false) == "no alerts\n"
                                          "the buzzer is muted until 2027-03-02 12:00\n"
                                          "the disks are read by smartd, which tells nas-alertd\n");
  list.poller = "nas-alertd";
  CHECK(alerts_text(list, noon + 1, false) == "no alerts\n"); // the mute has ended
}

TEST_CASE("mute takes an hour, a time from now, or a time of day, and tells until when") {
  const std::vector<std::pair<Arguments, std::string>> rows = {
      {{"mute"}, "mute_alerts 3600"},
      {{"mute", "90"}, "mute_alerts 90"},
      {{"mute", "15m"}, "mute_alerts 900"},
      {{"mute", "2h"}, "mute_alerts 7200"},
  };
  for (const auto& [arguments, made] : rows) {
    FakeBox box;
    const std::time_t before = std::time(nullptr);
    const Outcome outcome = ask(box, "alerts", arguments, true);
    CHECK(outcome.exit == exit_done);
    CHECK(box.calls == std::vector{made});
    CHECK(Json::parse(outcome.text)["muted_until"] >= before + 90);
  }
  FakeBox box;
  CHECK(ask(box, "alerts", {"mute", "22:30"}).exit == exit_done);
  REQUIRE(box.calls.size() == 1);
  const long seconds = std::stol(box.calls[0].substr(box.calls[0].find(' ')));
  CHECK(seconds > 0);
  CHECK(seconds <= 25 * 3600); // a day with daylight saving's end
}

TEST_CASE("a time that is none is refused with what is allowed, and off is among it") {
  FakeBox box;
  const Outcome outcome = ask(box, "alerts", {"mute", "soon"});
  CHECK(outcome.exit == exit_usage);
  CHECK(outcome.error.find("22:30") != std::string::npos);
  CHECK(outcome.error.ends_with(", or off"));
  CHECK(box.calls.empty());
}

TEST_CASE("a disk is told with its reading's age, and below it what the sleep gate did") {
  DiskView awake = disk_in("1");
  awake.label = "HDD 1";
  DiskView asleep = disk_in("2");
  asleep.node = "/dev/sdb";
  asleep.verdict = "warning";
  asleep.asleep = true;
  asleep.celsius.reset();
  asleep.last_read = noon - 3 * 3600 - 59;
  asleep.gate = "at rest since 2 h";
  CHECK(disks_text({awake, asleep}, noon, false) ==
        "  bay 1 (HDD 1)  /dev/sda  WDC WD40EFRX  WD-X  ok       34 °C, read 4 min ago\n"
        "      12 readings, 3 times the last one kept, 40 times left to rest; "
        "now: used since the last reading\n"
        "  bay 2          /dev/sdb  WDC WD40EFRX  WD-X  warning  asleep, last read 3 h ago\n"
        "      12 readings, 3 times the last one kept, 40 times left to rest; "
        "now: at rest since 2 h\n");
}

TEST_CASE("a disk that is missing, never read or without a temperature has no number") {
  DiskView missing = disk_in("1");
  missing.present = missing.valid = false;
  missing.reason = "taken out, or it has failed";
  CHECK(disks_text({missing}, noon, false).find("  bay 1  not available (taken out") == 0);
  CHECK(json(missing)["value"].is_null());

  DiskView fresh = disk_in("1");
  fresh.verdict = "unknown";
  fresh.celsius.reset();
  fresh.last_read = 0;
  CHECK(disks_text({fresh}, noon, false).find("unknown  not read yet\n") != std::string::npos);
  CHECK(json(fresh)["celsius"].is_null());
  CHECK(json(fresh)["last_read"].is_null());

  fresh.asleep = true;
  CHECK(disks_text({fresh}, noon, false).find("asleep, not read yet\n") != std::string::npos);
  fresh.asleep = false;
  fresh.valid = false;
  fresh.reason = "smartctl may not open it";
  CHECK(disks_text({fresh}, noon, false).find("unknown  smartctl may not open it\n") !=
        std::string::npos);
}

TEST_CASE("bays come by their number, then the disks that are in none") {
  FakeBox box;
  DiskView loose = disk_in("");
  loose.name = "sdc";
  box.disk_list = {disk_in("10"), loose, disk_in("2")};
  const Json disks = Json::parse(ask(box, "disks", {}, true).text)["disks"];
  CHECK(disks[0]["bay"] == "2");
  CHECK(disks[1]["bay"] == "10");
  CHECK(disks[2]["name"] == "sdc");
  CHECK(disks[0]["kind"] == "disk");
  CHECK(disks[0]["value"] == "ok");
  CHECK(disks[0]["celsius"] == 34);
  CHECK(disks[0]["withheld"] == 40);
  CHECK(ask(box, "disks", {}).text.find("\n  sdc  ") != std::string::npos);
}

TEST_CASE("a box without disks says so") {
  FakeBox box;
  CHECK(ask(box, "disks", {}).text == "no disks\n");
}

TEST_CASE("words of a disk cannot play tricks on a terminal") {
  DiskView disk = disk_in("1");
  disk.model = "WDC\033[2J";
  disk.gate = "a\nb";
  const std::string text = disks_text({disk}, noon, false);
  CHECK(text.find('\033') == std::string::npos);
  CHECK(text.find("WDC [2J") != std::string::npos);
  CHECK(text.find("a b\n") != std::string::npos);
}

TEST_CASE("without nas-alertd its verbs end with 3 and say how to start it") {
  const std::vector<std::pair<std::string, Arguments>> calls = {
      {"alerts", {}},
      {"alerts", {"ack", "x"}},
      {"alerts", {"mute"}},
      {"alerts", {"test"}},
      {"disks", {}},
      {"disks", {"forget", "1"}},
      {"disks", {"test", "1"}},
      {"identify", {"1"}},
      {"identify", {"1", "off"}},
  };
  for (const auto& [name, arguments] : calls) {
    FakeBox box;
    box.alertd_runs = false;
    CAPTURE(name, arguments);
    const Outcome outcome = ask(box, name, arguments);
    CHECK(outcome.exit == exit_not_running);
    CHECK(outcome.text.empty());
    CHECK(outcome.error == "nas-alertd is not running: start it with systemctl start nas-alertd");
  }
}

TEST_CASE("a box that knows nothing of nas-alertd answers as one where it does not run") {
  AlertService nobody;
  CHECK(test::run(nobody.alerts()).error() == no_alert_daemon());
  CHECK(test::run(nobody.acknowledge_alert("x")).error() == no_alert_daemon());
  CHECK(test::run(nobody.mute_alerts(std::chrono::hours(1))).error() == no_alert_daemon());
  CHECK(test::run(nobody.test_alerts()).error() == no_alert_daemon());
  CHECK(test::run(nobody.disks()).error() == no_alert_daemon());
  CHECK(test::run(nobody.identify_bay("1", true)).error() == no_alert_daemon());
  CHECK(test::run(nobody.forget_bay("1")).error() == no_alert_daemon());
  CHECK(test::run(nobody.test_disk("1", "short")).error() == no_alert_daemon());
}

TEST_CASE("status shows standing alerts, and is quiet without any and without nas-alertd") {
  test::use_utc();
  FakeBox box;
  const std::string quiet = text(box.snapshot_, false);
  CHECK(ask(box, "status", {}).text == quiet);
  box.alert_list.alerts = {alert("fs.srv.full", "warning", noon),
                           alert("disk.WD-X.verdict", "failed", noon)};
  CHECK(ask(box, "status", {}).text == quiet +
                                           "\nAlerts\n"
                                           "  failed   2027-03-02 12:00  about disk.WD-X.verdict\n"
                                           "  warning  2027-03-02 12:00  about fs.srv.full\n");
  Json json = Json::parse(ask(box, "status", {}, true).text);
  CHECK(json["alerts"].size() == 2);
  CHECK(json["alerts"][0]["severity"] == "failed");
  CHECK(json["alerts_reason"] == "");
  box.alertd_runs = false;
  const Outcome without = ask(box, "status", {});
  CHECK(without.exit == exit_done);
  CHECK(without.error.empty());
  CHECK(without.text == quiet);
  json = Json::parse(ask(box, "status", {}, true).text);
  CHECK(json["alerts"] == Json::array());
  CHECK(json["alerts_reason"] == no_alert_daemon().what);
}

TEST_CASE("status says that a nas-alertd which hangs tells nothing") {
  struct Hanging : FakeBox {
    Task<Result<AlertList>> alerts() override {
      co_return mcu::Error{mcu::Errc::timeout, "nas-alertd does not answer"};
    }
  } box;
  const Outcome outcome = ask(box, "status", {});
  CHECK(outcome.exit == exit_done);
  CHECK(outcome.text.ends_with("\nAlerts\n  not known  (nas-alertd does not answer)\n"));
}

TEST_CASE("metrics do without nas-alertd, as plain text and as one JSON string") {
  FakeBox box;
  box.alertd_runs = false;
  const Outcome plain = ask(box, "metrics", {});
  CHECK(plain.exit == exit_done);
  CHECK(plain.text.find("# TYPE ") != std::string::npos);
  CHECK(Json::parse(ask(box, "metrics", {}, true).text)["metrics"] == plain.text);
}

TEST_CASE("metrics into a file are written whole, and never by a client of the port") {
  const TempTree tree;
  const std::string file = tree.path("collector/nasmcu.prom");
  FakeBox box;
  const Outcome outcome = ask(box, "metrics", {file});
  CHECK(outcome.exit == exit_done);
  CHECK(outcome.text.empty());
  CHECK(tree.read("collector/nasmcu.prom") == ask(box, "metrics", {}).text);
  CHECK_FALSE(std::filesystem::exists(file + ".new"));
  CHECK(ask(box, "metrics", {tree.path("collector/nasmcu.prom/x")}).exit == exit_failed);
  CHECK(ask(box, "metrics", {file, "more"}).exit == exit_usage);
  const std::vector<std::string> words{file};
  CHECK(access_of(*find_verb("metrics"), words) == Access::never_port);
  CHECK(access_of(*find_verb("metrics"), {}) == Access::reading);
}

TEST_CASE("an age is whole units, and never negative") {
  CHECK(age_text(-5) == "0 s");
  CHECK(age_text(59) == "59 s");
  CHECK(age_text(60) == "1 min");
  CHECK(age_text(3599) == "59 min");
  CHECK(age_text(3600) == "1 h");
  CHECK(age_text(47 * 3600) == "47 h");
  CHECK(age_text(48 * 3600) == "2 d");
}
