// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/ledger.hpp>
#include <alertd/samples.hpp>
#include <common/records.hpp>

#include <algorithm>

using namespace nasmcu::alertd;
using nasmcu::encode_records;
using nasmcu::alertd::samples::day_and;
using nasmcu::alertd::samples::Dice;
using nasmcu::alertd::samples::finding;
using nasmcu::alertd::samples::told;

namespace {

std::string standing_ids(const Ledger& ledger) {
  std::string ids;
  for (const Alert& alert : ledger.active()) ids += (ids.empty() ? "" : " ") + alert.finding.id;
  return ids;
}

const Alert* standing(const std::vector<Alert>& alerts, const std::string& id) {
  const auto it = std::find_if(alerts.begin(), alerts.end(),
                               [&id](const Alert& alert) { return alert.finding.id == id; });
  return it == alerts.end() ? nullptr : &*it;
}

bool is_acknowledged(const Ledger& ledger, const std::string& id) {
  const auto alerts = ledger.active();
  const Alert* alert = standing(alerts, id);
  return alert && alert->acknowledged;
}

const std::string known_disk_id = "disk.WD-1.verdict";

/// Three alerts of two sources; the failed disk is acknowledged.
Ledger known_trouble() {
  Ledger ledger;
  ledger.update("smart",
                {finding(known_disk_id, Severity::failed, "failed", "1"),
                 finding("disk.WD-2.reallocated", Severity::warning, "8", "2")},
                day_and(0));
  ledger.update("md", {finding("md.srv.degraded", Severity::failed, "[U_]")}, day_and(10));
  REQUIRE(ledger.acknowledge(known_disk_id));
  return ledger;
}

/// What has to hold of any text that was this ledger's: it is read as it was, or says what is not.
bool honest(const Ledger::Restored& restored, const std::vector<Alert>& original) {
  const auto alerts = restored.ledger.active();
  if (restored.damage.empty()) return alerts == original && restored.events.empty();
  return standing(alerts, "state.alerts") && told(restored.events) == "raised state.alerts";
}

} // namespace

TEST_CASE("an alert is told once, and not again until its severity or state changes") {
  Ledger ledger;
  auto disk = finding("disk.A", Severity::warning, "8");
  CHECK(told(ledger.update("smart", {disk}, day_and(0))) == "raised disk.A");
  CHECK(told(ledger.update("smart", {disk}, day_and(1))).empty());

  disk.subject = "other words";
  disk.text = "progress 50 %";
  disk.disk = "/dev/sdz";
  CHECK(told(ledger.update("smart", {disk}, day_and(2))).empty());
  CHECK(ledger.active().at(0).finding == disk);

  disk.state = "9";
  CHECK(told(ledger.update("smart", {disk}, day_and(3))) == "changed disk.A");
  disk.severity = Severity::failed;
  CHECK(told(ledger.update("smart", {disk}, day_and(4))) == "changed disk.A");
  CHECK(told(ledger.update("smart", {disk}, day_and(5))).empty());
  CHECK(ledger.active().at(0).since == day_and(0));
  CHECK(ledger.active().at(0).changed == day_and(4));

  CHECK(told(ledger.update("smart", {}, day_and(6))) == "cleared disk.A");
  CHECK(told(ledger.update("smart", {}, day_and(7))).empty());
  CHECK(told(ledger.update("smart", {disk}, day_and(8))) == "raised disk.A");
}

TEST_CASE("a source clears what it found itself, and nothing of another one") {
  Ledger ledger = known_trouble();
  CHECK(told(ledger.update("fan", {}, day_and(20))).empty());
  CHECK(told(ledger.update("md", {}, day_and(20))) == "cleared md.srv.degraded");
  CHECK(standing_ids(ledger) == known_disk_id + " disk.WD-2.reallocated");
  CHECK(ledger.sources() == std::vector<std::string>{"smart"});
}

TEST_CASE("alerts are listed worst first, then oldest first") {
  Ledger ledger;
  ledger.update("a", {finding("young", Severity::failed)}, day_and(9));
  ledger.update("b", {finding("mild", Severity::warning)}, day_and(1));
  ledger.update("c", {finding("old", Severity::failed), finding("busy", Severity::rebuilding)},
                day_and(5));
  CHECK(standing_ids(ledger) == "old young busy mild");
}

TEST_CASE("an id stands once: the worse finding counts, and a second source takes it over") {
  Ledger ledger;
  ledger.update("smart",
                {finding("x", Severity::warning), finding("x", Severity::failed, "2"),
                 finding("x", Severity::warning, "3")},
                day_and(0));
  CHECK(standing_ids(ledger) == "x");
  CHECK(ledger.active().at(0).finding.state == "2");
  REQUIRE(ledger.acknowledge("x"));
  CHECK(told(ledger.update("smartd", {finding("x", Severity::failed, "2")}, day_and(1))).empty());
  CHECK(is_acknowledged(ledger, "x"));
  CHECK(told(ledger.update("smart", {}, day_and(2))).empty());
  CHECK(told(ledger.update("smartd", {}, day_and(3))) == "cleared x");
}

TEST_CASE("acknowledging is kept over a restart, and ends when the state changes") {
  Ledger ledger = known_trouble();
  for (int boot = 0; boot < 3; ++boot) {
    auto restored = Ledger::from_text(ledger.to_text(), day_and(100));
    CHECK(restored.damage.empty());
    CHECK(restored.events.empty());
    CHECK(restored.ledger.active() == ledger.active());
    CHECK(restored.ledger.to_text() == ledger.to_text());
    ledger = restored.ledger;
    CHECK(is_acknowledged(ledger, known_disk_id));
  }
  const auto same = finding(known_disk_id, Severity::failed, "failed", "1");
  CHECK(told(ledger.update("smart", {same}, day_and(200))) == "cleared disk.WD-2.reallocated");
  CHECK(is_acknowledged(ledger, known_disk_id));
  const auto worse = finding(known_disk_id, Severity::failed, "failing now: 5", "1");
  CHECK(told(ledger.update("smart", {worse}, day_and(300))) == "changed " + known_disk_id);
  CHECK_FALSE(is_acknowledged(ledger, known_disk_id));
}

TEST_CASE("acknowledging what does not stand says what does") {
  Ledger ledger;
  CHECK(ledger.acknowledge("x").error() ==
        mcu::Error{mcu::Errc::unsupported, "there is no alert 'x' now; there is none at all"});
  ledger.update("a", {finding("b", Severity::warning), finding("a", Severity::failed)}, day_and(0));
  CHECK(ledger.acknowledge("x").error().what == "there is no alert 'x' now; there are a, b");
}

TEST_CASE("a source that has not spoken since the start keeps its restored alerts") {
  auto ledger = Ledger::from_text(known_trouble().to_text(), day_and(50)).ledger;
  CHECK(
      told(ledger.update("md", {finding("md.srv.degraded", Severity::failed, "[U_]")}, day_and(60)))
          .empty());
  CHECK(standing_ids(ledger) == known_disk_id + " md.srv.degraded disk.WD-2.reallocated");
  CHECK(ledger.active().at(0).since == day_and(0));
  CHECK(told(ledger.update("smart", {}, day_and(70))) ==
        "cleared " + known_disk_id + ", cleared disk.WD-2.reallocated");
}

TEST_CASE("texts are made fit for D-Bus and for the file, and equal themselves afterwards") {
  auto odd = finding("disk.S/N 1\n.x", Severity::warning, "a\tb\xFF", "2\n");
  odd.subject = "WDC\r\nBcc: x\x1B[31m \xC2\xB0";
  odd.text = "one\r\ntwo\x01";
  Ledger ledger;
  CHECK(told(ledger.update("s\xFFrc", {odd}, day_and(0))) == "raised disk.S_N_1_.x");
  const Finding kept = ledger.active().at(0).finding;
  CHECK(kept.subject == "WDC Bcc: x [31m \xC2\xB0");
  CHECK(kept.text == "one\ntwo ");
  CHECK(kept.state == "a b\xEF\xBF\xBD");
  CHECK(kept.bay == "2");
  CHECK(told(ledger.update("s\xFFrc", {odd}, day_and(1))).empty());
  const auto restored = Ledger::from_text(ledger.to_text(), day_and(2));
  CHECK(restored.damage.empty());
  CHECK(restored.ledger.active() == ledger.active());
}

TEST_CASE("a state file cut at any byte is read as it was, or says what is missing") {
  const Ledger ledger = known_trouble();
  const std::string text = ledger.to_text();
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const auto restored = Ledger::from_text(text.substr(0, length), day_and(100));
    INFO("cut behind " << length << " of " << text.size() << " bytes");
    REQUIRE(honest(restored, ledger.active()));
    // Only the last line's end may be missing without a loss.
    REQUIRE(restored.damage.empty() == (length + 1 >= text.size()));
  }
}

TEST_CASE("a state file with any bit flipped is read as it was, or says what is missing") {
  const Ledger ledger = known_trouble();
  const std::string text = ledger.to_text();
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string torn = text;
      torn[at] = static_cast<char>(static_cast<unsigned char>(torn[at]) ^ (1U << bit));
      const auto restored = Ledger::from_text(torn, day_and(100));
      INFO("bit " << bit << " of byte " << at);
      REQUIRE(honest(restored, ledger.active()));
      if (is_acknowledged(restored.ledger, known_disk_id)) ++kept;
    }
  // One damaged line does not cost the others: the disk's own is not half of the file.
  CHECK(kept > text.size() * 8 / 2);
}

TEST_CASE("any bytes for a state file give a ledger that says so") {
  Dice dice(4);
  const std::string text = known_trouble().to_text();
  for (int round = 0; round < 2000; ++round) {
    std::string torn = dice.coin() ? dice.bytes(300) : text;
    for (std::size_t i = dice.below(4); i > 0 && !torn.empty(); --i)
      torn[dice.below(torn.size())] = static_cast<char>(dice.below(256));
    if (torn == text) continue;
    const auto restored = Ledger::from_text(torn, day_and(0));
    INFO("round " << round);
    REQUIRE_FALSE(restored.damage.empty());
    REQUIRE(standing(restored.ledger.active(), "state.alerts"));
  }
}

TEST_CASE("records that are whole and yet not ours are damage") {
  const std::string good = R"({"acknowledged":false,"bay":"","changed":1,"disk":"","id":"x",)"
                           R"("serial":"","severity":"failed","since":1,"source":"s",)"
                           R"("state":"","subject":"","text":""})";
  const auto read = [](const std::vector<std::string>& records) {
    return Ledger::from_text(encode_records("alerts", records), day_and(0));
  };
  CHECK(read({good}).damage.empty());
  CHECK(read({}).damage.empty());
  CHECK(read({good, good}).damage == "1 record is not understood");
  CHECK(standing_ids(read({good, "[]", "{}"}).ledger) == "x state.alerts");
  CHECK(read({good, "[]", "{}"}).damage == "2 records are not understood");
  for (const char* key : {"acknowledged", "bay", "changed", "disk", "id", "serial", "severity",
                          "since", "source", "state", "subject", "text"}) {
    std::string other = good;
    other.replace(other.find('"' + std::string(key)) + 1, 1, "X");
    INFO(key);
    CHECK(read({other}).damage == "1 record is not understood");
  }
  std::string other = good;
  other.replace(other.find("failed"), 6, "absurd");
  CHECK_FALSE(read({other}).damage.empty());
  CHECK_FALSE(Ledger::from_text(encode_records("disks", {good}), day_and(0)).damage.empty());
}

TEST_CASE("what a damaged file lost is told again, and the damage stands until acknowledged") {
  const std::string text = known_trouble().to_text();
  auto restored = Ledger::from_text(text.substr(0, text.find('\n') + 1), day_and(100));
  Ledger& ledger = restored.ledger;
  CHECK(standing_ids(ledger) == "state.alerts");
  CHECK(ledger.active().at(0).finding.subject.find(restored.damage) != std::string::npos);
  CHECK(ledger.sources().empty());
  CHECK(told(ledger.update("smart", {finding(known_disk_id, Severity::failed, "failed", "1")},
                           day_and(110))) == "raised " + known_disk_id);

  const auto next_start = Ledger::from_text(ledger.to_text(), day_and(200));
  CHECK(next_start.events.empty());
  CHECK(standing_ids(next_start.ledger) == known_disk_id + " state.alerts");
  const auto torn_again = Ledger::from_text(ledger.to_text() + "x\n", day_and(300));
  CHECK(told(torn_again.events) == "changed state.alerts");

  CHECK(ledger.acknowledge("state.alerts"));
  CHECK(standing_ids(ledger) == known_disk_id);
  CHECK_FALSE(ledger.acknowledge("state.alerts"));
}

TEST_CASE("whatever sources say and in whatever order, the events tell all that stands") {
  Dice dice(11);
  Ledger ledger;
  std::map<std::string, Alert> mirror; ///< kept from the events alone
  std::map<std::string, bool> acknowledged;
  for (int round = 0; round < 3000; ++round) {
    const std::string source(1, static_cast<char>('a' + dice.below(3)));
    std::vector<Finding> findings;
    for (std::size_t i = dice.below(4); i > 0; --i)
      findings.push_back(finding(source + std::to_string(dice.below(4)),
                                 static_cast<Severity>(dice.below(3)),
                                 std::to_string(dice.below(2))));
    const auto events = ledger.update(source, findings, day_and(round));
    for (const auto& event : events) {
      const std::string& id = event.alert.finding.id;
      REQUIRE(mirror.contains(id) == (event.change != Change::raised));
      if (event.change == Change::cleared)
        mirror.erase(id);
      else
        mirror[id] = event.alert;
      acknowledged[id] = false;
    }
    const auto active = ledger.active();
    REQUIRE(active.size() == mirror.size());
    for (const Alert& alert : active) {
      Alert shown = mirror.at(alert.finding.id);
      shown.acknowledged = acknowledged.at(alert.finding.id);
      REQUIRE(alert == shown);
    }
    if (!active.empty() && dice.coin()) {
      const std::string& id = active[dice.below(active.size())].finding.id;
      REQUIRE(ledger.acknowledge(id));
      acknowledged[id] = true;
    }
    if (dice.below(5) == 0) ledger = Ledger::from_text(ledger.to_text(), day_and(round)).ledger;
  }
}
