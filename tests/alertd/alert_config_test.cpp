// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/alert_config.hpp>

#include <fstream>
#include <iterator>
#include <regex>

using namespace nasmcu::alertd;
using namespace std::chrono_literals;

namespace {

AlertConfigFile load_alerts(const std::string& text) {
  return make_alert_config({mcu::parse_ini("n.conf", text)});
}

std::string complaints(const AlertConfigFile& file) {
  std::string text;
  for (const mcu::Diagnostic& one : file.diagnostics) text += mcu::to_string(one) + "\n";
  return text;
}

/// The configuration of a text without mistakes.
AlertConfig good_alerts(const std::string& text) {
  const auto file = load_alerts(text);
  INFO(complaints(file));
  CHECK(file.diagnostics.empty());
  return file.config;
}

} // namespace

TEST_CASE("without a section the alerts have the documented defaults") {
  const AlertConfig config = good_alerts("");
  CHECK(config.mail.empty());
  CHECK(config.sendmail.empty());
  CHECK(config.sound.on);
  CHECK_FALSE(config.sound.quiet);
  CHECK(config.sound.repeat == 60min);
  CHECK_FALSE(config.night);
  CHECK(config.night_leds.empty());
  CHECK(config.smart_interval == 30min);
  CHECK(config.smartctl.empty());
  CHECK(config.space.warn == 90);
  CHECK(config.space.fail == 97);
  CHECK(config.missing_grace == 2min);
  CHECK(config.checks.empty());
}

TEST_CASE("each key of [Alert] is read") {
  const AlertConfig config = good_alerts("[Alert]\n"
                                         "Mail = root,me@example.org\n"
                                         "Sendmail = /usr/local/bin/msmtp\n"
                                         "Buzzer = no\n"
                                         "QuietHours = 22:00-07:30\n"
                                         "BeepEvery = 0\n"
                                         "NightHours = 23:15-06:00\n"
                                         "NightLeds = power  usb\n"
                                         "SmartInterval = 60\n"
                                         "Smartctl = /opt/sbin/smartctl\n"
                                         "SpaceWarn = 85.5\n"
                                         "SpaceFail = 95\n"
                                         "MissingAfter = 10\n");
  CHECK(config.mail == "root, me@example.org");
  CHECK(config.sendmail == "/usr/local/bin/msmtp");
  CHECK_FALSE(config.sound.on);
  CHECK(config.sound.quiet == Hours{22 * 60, 7 * 60 + 30});
  CHECK(config.sound.repeat == 0min);
  CHECK(config.night == Hours{23 * 60 + 15, 6 * 60});
  CHECK(config.night_leds == std::vector<std::string>{"power", "usb"});
  CHECK(config.smart_interval == 60min);
  CHECK(config.smartctl == "/opt/sbin/smartctl");
  CHECK(config.space.warn == 85.5);
  CHECK(config.space.fail == 95);
  CHECK(config.missing_grace == 10min);
}

TEST_CASE("sections, keys and words are compared without case") {
  const AlertConfig config = good_alerts("[ALERT]\nMAIL = root\nbuzzer = OFF\nsmartinterval = 5\n"
                                         "[alert UPS]\nfILE = /run/ups\nSEVERITY = Failed\n");
  CHECK(config.mail == "root");
  CHECK_FALSE(config.sound.on);
  CHECK(config.smart_interval == 5min);
  REQUIRE(config.checks.size() == 1);
  CHECK(config.checks[0].name == "ups");
  CHECK(config.checks[0].severity == Severity::failed);
}

TEST_CASE("the ends of each range are allowed") {
  CHECK(good_alerts("[Alert]\nBeepEvery = 1440\nSmartInterval = 1440\nSpaceWarn = 50\n"
                    "SpaceFail = 50\nMissingAfter = 1\n")
            .space.fail == 50);
  CHECK(
      good_alerts("[Alert]\nSpaceWarn = 100\nSpaceFail = 100\nMissingAfter = 60\n").missing_grace ==
      60min);
  const auto low = good_alerts("[Alert a]\nFile = /a\nEvery = 1\nTimeout = 1\n").checks.front();
  CHECK(low.every == 60s);
  CHECK(low.limit == 1s);
  const auto high = good_alerts("[Alert a]\nFile = /a\nEvery = 1440\nTimeout = 300\n");
  CHECK(high.checks.front().every == 24h);
  CHECK(high.checks.front().limit == 300s);
}

TEST_CASE("checks of one's own are read in their order, with their defaults") {
  const AlertConfig config = good_alerts("[Alert ups]\nFile = /run/ups/on-battery\n"
                                         "[Alert backup]\n"
                                         "Command = /usr/local/bin/backup-age  --days 7\n"
                                         "Every = 60\nTimeout = 120\nSeverity = failed\n");
  REQUIRE(config.checks.size() == 2);
  UserCheck ups;
  ups.name = "ups";
  ups.file = "/run/ups/on-battery";
  CHECK(config.checks[0] == ups);
  CHECK(ups.every == 5min);
  CHECK(ups.limit == 30s);
  CHECK(ups.severity == Severity::warning);
  CHECK(config.checks[1].command ==
        std::vector<std::string>{"/usr/local/bin/backup-age", "--days", "7"});
  CHECK(config.checks[1].file.empty());
  CHECK(config.checks[1].every == 1h);
  CHECK(config.checks[1].limit == 2min);
  CHECK(config.checks[1].severity == Severity::failed);
}

TEST_CASE("each bad value of the alerts is named with file, line, value and what is allowed") {
  struct Row {
    std::string text;
    std::string complaint;
  };
  const std::string in_alert = "[Alert]\n", in_check = "[Alert a]\nFile = /a\n";
  const std::vector<Row> rows = {
      {in_alert + "Mail =\n", "n.conf:2: error: Mail = '': users or addresses"},
      {in_alert + "Mail = root me\n", "n.conf:2: error: Mail = 'root me': users or addresses"},
      {in_alert + "Mail = root,,me\n", "Mail = 'root,,me': users"},
      {in_alert + "Mail = -oQ/tmp\n", "Mail = '-oQ/tmp': users"},
      {in_alert + "Mail = Me <me@example.org>\n", "Mail = 'Me <me@example.org>': users"},
      {in_alert + "Sendmail = sendmail\n", "n.conf:2: error: Sendmail = 'sendmail': a path"},
      {in_alert + "Sendmail =\n", "n.conf:2: error: Sendmail = '': a path"},
      {in_alert + "Buzzer = loud\n", "n.conf:2: error: Buzzer = 'loud': yes or no"},
      {in_alert + "QuietHours = night\n", "n.conf:2: error: QuietHours = 'night': "},
      {in_alert + "QuietHours =\n", "n.conf:2: error: QuietHours = '': "},
      {in_alert + "BeepEvery = -1\n", "BeepEvery = '-1': a whole number from 0 to 1440"},
      {in_alert + "BeepEvery = 1441\n", "BeepEvery = '1441': a whole number from 0 to 1440"},
      {in_alert + "NightHours = 25:00-06:00\n", "n.conf:2: error: NightHours = '25:00-06:00': "},
      {in_alert + "NightLeds = power, usb\n",
       "n.conf:2: error: NightLeds = 'power, usb': names of LEDs with blanks between"},
      {in_alert + "NightLeds =\n", "n.conf:2: error: NightLeds = '': names of LEDs"},
      {in_alert + "NightLeds = usb power usb\n", "'usb power usb': usb stands there twice"},
      {in_alert + "SmartInterval = 4\n", "SmartInterval = '4': a whole number from 5 to 1440"},
      {in_alert + "SmartInterval = 1441\n", "SmartInterval = '1441'"},
      {in_alert + "Smartctl = smartctl\n", "n.conf:2: error: Smartctl = 'smartctl': a path"},
      {in_alert + "SpaceWarn = 49\n", "SpaceWarn = '49': a number from 50 to 100"},
      {in_alert + "SpaceWarn = 90%\n", "SpaceWarn = '90%': a number from 50 to 100"},
      {in_alert + "SpaceFail = 100.5\n", "SpaceFail = '100.5': a number from 50 to 100"},
      {in_alert + "Mail = root\nSpaceWarn = 98\n",
       "n.conf:3: error: SpaceWarn 98 is above SpaceFail 97: it must be the lower one"},
      {in_alert + "SpaceFail = 80\n", "n.conf:2: error: SpaceWarn 90 is above SpaceFail 80"},
      {in_alert + "MissingAfter = 0\n", "MissingAfter = '0': a whole number from 1 to 60"},
      {in_alert + "MissingAfter = 61\n", "MissingAfter = '61'"},
      {in_check + "Every = 0\n", "n.conf:3: error: Every = '0': a whole number from 1 to 1440"},
      {in_check + "Every = 5m\n", "Every = '5m'"},
      {in_check + "Timeout = 301\n", "Timeout = '301': a whole number from 1 to 300"},
      {in_check + "Severity = rebuilding\n",
       "n.conf:3: error: Severity = 'rebuilding': warning or failed is allowed"},
      {in_check + "Command = /bin/true\n",
       "n.conf:1: error: [Alert a] has both File and Command; one of them is allowed"},
      {"\n[Alert a]\nEvery = 5\n", "n.conf:2: error: [Alert a] needs File or Command"},
      {"[Alert a]\nFile = on-battery\n", "n.conf:2: error: File = 'on-battery': a path"},
      {"[Alert a]\nCommand = true\n", "n.conf:2: error: Command = 'true': a program's path"},
      {"[Alert a]\nCommand =\n", "n.conf:2: error: Command = '': a program's path"},
      {"[Alert a]\nCommand = /bin/sh -c \"a b\"\n", "no shell reads it"},
      {"[Alert a]\nCommand = /bin/a | /bin/b\n", "no shell reads it"},
      {"[Alert a_b]\nFile = /a\n", "n.conf:1: error: [Alert a_b]: a check's name is 1 to 32"},
      {"[Alert a b]\nFile = /a\n", "n.conf:1: error: [Alert a b]: a check's name"},
      {"[Alert " + std::string(33, 'a') + "]\nFile = /a\n", ": a check's name"},
  };
  for (const Row& row : rows) {
    const auto file = load_alerts(row.text);
    INFO(row.text << "---\n" << complaints(file));
    CHECK(file.diagnostics.size() == 1); // each mistake is told once
    CHECK(mcu::has_errors(file.diagnostics));
    CHECK(complaints(file).find(row.complaint) != std::string::npos);
  }
}

TEST_CASE("a bad value leaves the default, and a check without anything to check is left out") {
  const AlertConfig config = load_alerts("[Alert]\nSmartInterval = 1\nSendmail = x\nBeepEvery = 5\n"
                                         "[Alert a]\nFile = x\n[Alert b]\n[Alert c]\nFile = /c\n")
                                 .config;
  CHECK(config.smart_interval == 30min);
  CHECK(config.sendmail.empty());
  CHECK(config.sound.repeat == 5min);
  REQUIRE(config.checks.size() == 1);
  CHECK(config.checks[0].name == "c");
}

TEST_CASE("unknown keys of the alerts are warnings with the keys that are known") {
  const auto file = load_alerts("[Alert]\nMali = root\n[Alert a]\nFile = /a\nInterval = 5\n");
  CHECK_FALSE(mcu::has_errors(file.diagnostics));
  REQUIRE(file.diagnostics.size() == 2);
  const std::string text = complaints(file);
  INFO(text);
  CHECK(text.starts_with("n.conf:2: warning: unknown key 'Mali' in [Alert] is ignored; known are "
                         "Mail, Sendmail, Buzzer, QuietHours, BeepEvery, NightHours, NightLeds, "
                         "SmartInterval, Poller, Smartctl, SpaceWarn, SpaceFail, MissingAfter\n"));
  CHECK(text.find("n.conf:5: warning: unknown key 'Interval' in [Alert a] is ignored; known are "
                  "File, Command, Every, Timeout, Severity\n") != std::string::npos);
}

TEST_CASE("a key that stands there twice is a warning, and the last one counts") {
  const auto file = load_alerts("[Alert]\nMail = a\nMail = b\n");
  CHECK(file.config.mail == "b");
  CHECK(complaints(file) ==
        "n.conf:3: warning: Mail stands in line 2 already; the last one counts\n");
}

TEST_CASE("sections of others, and what is no INI, are left to those who read them") {
  const auto file =
      load_alerts("a = 1\n[Fan]\nPollTime = x\n[Alerts]\nb = 1\n[Watchdog]\nnonsense\n"
                  "[Alertx y]\nc = 1\n");
  INFO(complaints(file));
  CHECK(file.diagnostics.empty());
  CHECK(file.config.checks.empty());
}

TEST_CASE("a later file wins key by key, in checks too") {
  const auto file = make_alert_config(
      {mcu::parse_ini("a",
                      "[Alert]\nMail = root\nBeepEvery = 5\n[Alert x]\nFile = /x\nEvery = 7\n"),
       mcu::parse_ini("b", "[alert]\nmail = me\n[alert X]\nEvery = 9\n[Alert y]\nFile = /y\n")});
  INFO(complaints(file));
  CHECK(file.diagnostics.empty());
  CHECK(file.config.mail == "me");
  CHECK(file.config.sound.repeat == 5min);
  REQUIRE(file.config.checks.size() == 2);
  CHECK(file.config.checks[0].file == "/x");
  CHECK(file.config.checks[0].every == 9min);
  CHECK(file.config.checks[1].name == "y");
}

TEST_CASE("limits and checks that do not fit together are found over two files") {
  const auto file = make_alert_config(
      {mcu::parse_ini("a", "[Alert]\nSpaceWarn = 95\n[Alert x]\nFile = /x\n"),
       mcu::parse_ini("b", "[Alert]\nSpaceFail = 92\n\n[Alert x]\nCommand = /bin/x\n")});
  CHECK(complaints(file) ==
        "b:2: error: SpaceWarn 95 is above SpaceFail 92: it must be the lower one\n"
        "b:4: error: [Alert x] has both File and Command; one of them is allowed\n");
}

TEST_CASE("the shipped nasmcu.conf names each key of the alerts, with its default") {
  std::ifstream file(NASMCU_SOURCE_DIR "/config/nasmcu.conf");
  const std::string shipped{std::istreambuf_iterator<char>(file), {}};
  CHECK(good_alerts(shipped).checks.empty());
  const std::string text = std::regex_replace(shipped, std::regex("\n#(?=[\\[A-Z])"), "\n");
  const AlertConfig config = good_alerts(text), defaults;
  CHECK(config.mail == "root, me@example.org");
  CHECK(config.sendmail == "/usr/sbin/sendmail");
  CHECK(config.sound.on == defaults.sound.on);
  CHECK(config.sound.quiet);
  CHECK(config.sound.repeat == defaults.sound.repeat);
  CHECK(config.night);
  CHECK(config.night_leds.size() == 2);
  CHECK(config.smart_interval == defaults.smart_interval);
  CHECK(config.smartctl == "/usr/sbin/smartctl");
  CHECK(config.space.warn == defaults.space.warn);
  CHECK(config.space.fail == defaults.space.fail);
  CHECK(config.missing_grace == defaults.missing_grace);
  REQUIRE(config.checks.size() == 2);
  CHECK(config.checks[0].every == UserCheck().every);
  CHECK(config.checks[0].severity == UserCheck().severity);
  CHECK(config.checks[1].limit == UserCheck().limit);
}

TEST_CASE("the example of the alerts in nasmcu.conf(5) is right") {
  std::ifstream file(NASMCU_SOURCE_DIR "/config/nasmcu.conf.5");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const auto begin = page.find("\n.nf\n[Alert]\n");
  REQUIRE(begin != std::string::npos);
  const auto end = page.find("\n.fi\n", begin);
  REQUIRE(end != std::string::npos);
  CHECK(good_alerts(page.substr(begin + 5, end - begin - 4)).checks.size() == 2);
}

TEST_CASE("who reads the disks can be decided, in three words") {
  const auto poller = [](const std::string& word) {
    return load_alerts("[Alert]\nPoller = " + word + "\n");
  };
  CHECK(poller("auto").config.poller == PollerRule::automatic);
  CHECK(poller("NAS-Alertd").config.poller == PollerRule::ourselves);
  CHECK(poller("smartd").config.poller == PollerRule::smartd);
  const auto bad = poller("nobody");
  REQUIRE(bad.diagnostics.size() == 1);
  CHECK(mcu::to_string(bad.diagnostics[0]).find("auto, nas-alertd or smartd is allowed") !=
        std::string::npos);
}
