// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/mail_text.hpp>
#include <alertd/message.hpp>
#include <alertd/samples.hpp>

#include <libmcu/model/printable.hpp>

#include <algorithm>
#include <map>

using namespace nasmcu::alertd;
using nasmcu::alertd::samples::day_and;
using nasmcu::alertd::samples::Dice;

namespace {

/// 14:41:42 UTC.
const WallTime time_of_mail = day_and(14 * 3600 + 41 * 60 + 42);

nasmcu::alertd::Event failed_disk_event(Change change = Change::raised) {
  Finding finding;
  finding.id = "disk.WD-X.verdict";
  finding.severity = Severity::failed;
  finding.subject = "disk 2 (WDC WD40EFRX, serial WD-X): its own verdict is 'failed'";
  finding.text = "Save what is on it.\nThen replace it.";
  finding.state = "failed";
  finding.bay = "2";
  finding.disk = "/dev/sdb";
  finding.serial = "WD-X";
  return {change, {finding, day_and(60), day_and(60), false}};
}

/// A disk that names itself so; everything else of it follows suit.
nasmcu::alertd::Event event_of(const std::string& words) {
  auto event = failed_disk_event();
  Finding& finding = event.alert.finding;
  finding.subject = "disk 2 (" + words + "): 8 reallocated sectors";
  finding.text = words;
  finding.bay = finding.disk = finding.serial = finding.id = words;
  return event;
}

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text)
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  return lines;
}

std::string head_of(const std::string& mail) { return mail.substr(0, mail.find("\n\n") + 1); }
std::string body_of(const std::string& mail) { return mail.substr(mail.find("\n\n") + 2); }

/// Names of headers in their order: "From To Subject".
std::string header_names(const std::string& mail) {
  std::string names;
  for (const std::string& line : lines_in(head_of(mail)))
    if (!line.empty() && line[0] != ' ')
      names += (names.empty() ? "" : " ") + line.substr(0, line.find(':'));
  return names;
}

const std::string all_headers =
    "From To Subject Date Auto-Submitted MIME-Version Content-Type Content-Transfer-Encoding";

int hex_digit(char c) { return c >= 'A' ? c - 'A' + 10 : c - '0'; }

/// What a mail program makes of quoted-printable.
std::string unquoted(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      plain += text[i];
    } else if (text.at(i + 1) == '\n') {
      ++i;
    } else {
      plain += static_cast<char>(hex_digit(text.at(i + 1)) * 16 + hex_digit(text.at(i + 2)));
      i += 2;
    }
  }
  return plain;
}

std::string from_base64(const std::string& text) {
  static const std::string digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string plain;
  unsigned bits = 0, value = 0;
  for (const char c : text) {
    if (c == '=') break;
    value = (value << 6U | static_cast<unsigned>(digits.find(c))) & 0xFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    plain += static_cast<char>(value >> bits & 0xFFU);
  }
  return plain;
}

/// What a mail program shows as the subject.
std::string subject_shown(const std::string& mail) {
  const auto from = mail.find("\nSubject: ") + 10;
  auto until = mail.find('\n', from);
  while (mail[until + 1] == ' ') until = mail.find('\n', until + 1);
  std::string shown;
  for (const std::string& line : lines_in(mail.substr(from, until - from))) {
    const std::string word = line.substr(line.starts_with(' ') ? 1 : 0);
    if (word.starts_with("=?UTF-8?B?")) {
      const std::string code = word.substr(10, word.size() - 12);
      CHECK(mcu::valid_utf8(from_base64(code)) == from_base64(code)); // whole characters in each
      shown += from_base64(code);
    } else {
      shown += (shown.empty() ? "" : " ") + word;
    }
  }
  return shown;
}

std::map<std::string, std::string> variables(const nasmcu::alertd::Event& event) {
  std::map<std::string, std::string> map;
  for (const std::string& one : hook_environment(event))
    map[one.substr(0, one.find('='))] = one.substr(one.find('=') + 1);
  return map;
}

/// C0 but line feeds where they may be, and DEL.
bool has_control(const std::string& text, bool line_feeds) {
  return std::any_of(text.begin(), text.end(), [line_feeds](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && !(line_feeds && c == '\n')) || byte == 0x7F;
  });
}

void check_mail(const std::string& mail) {
  REQUIRE(header_names(mail) == all_headers);
  for (const std::string& line : lines_in(mail)) {
    REQUIRE(line.size() <= 78);
    REQUIRE(line != ".");
    REQUIRE_FALSE(line.starts_with("From "));
    REQUIRE_FALSE(has_control(line, false));
    REQUIRE(std::none_of(line.begin(), line.end(),
                         [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
  }
}

} // namespace

TEST_CASE("a mail has all its headers and says disk, bay, serial number and what to do") {
  const std::string text = mail(failed_disk_event(), "anna@example.org", "attic.lan", time_of_mail);
  CHECK(head_of(text) ==
        "From: \"nasmcu on attic.lan\" <root>\n"
        "To: anna@example.org\n"
        "Subject: [attic.lan] failed: disk 2 (WDC WD40EFRX, serial WD-X): its own\n"
        " verdict is 'failed'\n"
        "Date: Sat, 21 Nov 2026 14:41:42 +0000\n"
        "Auto-Submitted: auto-generated\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: quoted-printable\n");
  const std::string body = unquoted(body_of(text));
  CHECK(body.starts_with("failed: disk 2 (WDC WD40EFRX, serial WD-X): its own verdict is 'failed'\n"
                         "\nSave what is on it.\nThen replace it.\n\n"));
  for (const char* part :
       {"Box:      attic.lan\n", "Bay:      2\n", "Disk:     /dev/sdb\n", "Serial:   WD-X\n",
        "Since:    2026-11-21 00:01:00 UTC\n", "'mcuctl alerts ack disk.WD-X.verdict'"})
    CHECK(body.find(part) != std::string::npos);
  check_mail(text);
}

TEST_CASE("a mail about what is over says so and asks for nothing") {
  const std::string text = mail(failed_disk_event(Change::cleared), "root", "attic", time_of_mail);
  CHECK(subject_shown(text).starts_with("[attic] cleared: disk 2"));
  CHECK(text.find("alerts ack") == std::string::npos);
  auto warning = failed_disk_event(Change::changed);
  warning.alert.finding.severity = Severity::warning;
  CHECK(
      subject_shown(mail(warning, "root", "attic", time_of_mail)).starts_with("[attic] warning: "));
}

TEST_CASE("a disk's model name cannot add a header, end the headers or end the mail") {
  for (const char* words : {"X\nBcc: all@example.org", "X\r\nBcc: all@example.org",
                            "X\rBcc: all@example.org", "X\n\nHello",
                            "X\x0B\x0C\x85"
                            "Bcc: x",
                            "X\n.\nMAIL FROM:<x>", ".", "\n.\n", "From x Sat Nov 21", "X\nFrom x\n",
                            "\x1B[31mred", "\x7F", "=?UTF-8?B?QmNjOiB4?=", "=0A.", " \n X",
                            "\xC2\x9B"
                            "31m",
                            "X\xE2\x80\xA8"
                            "Bcc: x"}) {
    const std::string text = mail(event_of(words), "anna@example.org", "attic", time_of_mail);
    INFO(words);
    check_mail(text);
    CHECK(subject_shown(text) == mcu::one_line("[attic] failed: disk 2 (" + std::string(words) +
                                               "): 8 reallocated sectors"));
  }
}

TEST_CASE("neither the host's name nor the recipient can add a header") {
  for (const char* odd : {"a\nBcc: x", "a\r\nBcc: x", "a\rb", "\n", "\"a\" <b>\n"}) {
    INFO(odd);
    check_mail(mail(failed_disk_event(), odd, "attic", time_of_mail));
    check_mail(mail(failed_disk_event(), "root", odd, time_of_mail));
  }
  CHECK(mail(failed_disk_event(), "a@b\nBcc: x", "attic", time_of_mail).find("To: a@b\nSubject") !=
        std::string::npos);
  CHECK(mail(failed_disk_event(), "root", "\"x", time_of_mail)
            .starts_with("From: \"nasmcu on x\" <"));
  CHECK(mail(failed_disk_event(), "root", "", time_of_mail)
            .starts_with("From: \"nasmcu on this box\""));
  check_mail(mail(failed_disk_event(), "root", std::string(300, 'h'), time_of_mail));
}

TEST_CASE("a subject beyond ASCII is encoded and shown as it was") {
  std::string many;
  for (int i = 0; i < 40; ++i) many += "\xE2\x82\xAC\xF0\x9F\x94\xA5\xC3\xA4";
  for (const std::string& words : {std::string("B\xC3\xBCro \xC2\xB0"
                                               "C"),
                                   many, std::string(300, 'x'), std::string("=?x?=")}) {
    auto event = failed_disk_event();
    event.alert.finding.subject = words;
    const std::string text = mail(event, "root", "attic", time_of_mail);
    INFO(words);
    check_mail(text);
    const std::string whole = "[attic] failed: " + words;
    CHECK(subject_shown(text) == mcu::clip(whole, 400));
  }
}

TEST_CASE("dates of mails are those of RFC 5322") {
  CHECK(mail_date(WallTime{}) == "Thu, 01 Jan 1970 00:00:00 +0000");
  CHECK(mail_date(day_and(-1)) == "Fri, 20 Nov 2026 23:59:59 +0000");
  CHECK(mail_date(WallTime(std::chrono::seconds(1709164800))) == "Thu, 29 Feb 2024 00:00:00 +0000");
  CHECK(mail_date(WallTime(std::chrono::seconds(-1))) == "Wed, 31 Dec 1969 23:59:59 +0000");
}

TEST_CASE("quoted-printable comes back as the text that it was") {
  CHECK(quoted_printable("plain text\n") == "plain text\n");
  CHECK(quoted_printable("a=b") == "a=3Db\n");
  CHECK(quoted_printable("40 \xC2\xB0"
                         "C ") == "40 =C2=B0C=20\n");
  CHECK(quoted_printable(".\nFrom x\nFan\n\n") == "=2E\n=46rom x\nFan\n\n");
  CHECK(quoted_printable("").empty());
  CHECK(quoted_printable(std::string(80, 'x')) ==
        std::string(75, 'x') + "=\n" + std::string(5, 'x') + "\n");
  Dice dice(3);
  for (int round = 0; round < 500; ++round) {
    const std::string text = dice.bytes(400) + "x\n";
    REQUIRE(unquoted(quoted_printable(text)) == mcu::plain_lines(text));
  }
}

TEST_CASE("any bytes in an event make a whole mail, and clean variables for hooks") {
  Dice dice(5);
  for (int round = 0; round < 1000; ++round) {
    const auto event = event_of(dice.bytes(200));
    check_mail(mail(event, "root", dice.bytes(30), time_of_mail));
    const auto environment = hook_environment(event);
    REQUIRE(environment.size() == 8);
    for (const std::string& one : environment) {
      REQUIRE(one.starts_with("NASMCU_ALERT_"));
      REQUIRE_FALSE(has_control(one, one.starts_with("NASMCU_ALERT_TEXT=")));
      REQUIRE(mcu::valid_utf8(one) == one);
    }
  }
}

TEST_CASE("a hook gets everything in eight variables") {
  using Variables = std::map<std::string, std::string>;
  CHECK(variables(failed_disk_event(Change::changed)) ==
        Variables{{"NASMCU_ALERT_ID", "disk.WD-X.verdict"},
                  {"NASMCU_ALERT_SEVERITY", "failed"},
                  {"NASMCU_ALERT_SUBJECT",
                   "disk 2 (WDC WD40EFRX, serial WD-X): its own verdict is 'failed'"},
                  {"NASMCU_ALERT_TEXT", "Save what is on it.\nThen replace it."},
                  {"NASMCU_ALERT_BAY", "2"},
                  {"NASMCU_ALERT_DISK", "/dev/sdb"},
                  {"NASMCU_ALERT_SERIAL", "WD-X"},
                  {"NASMCU_ALERT_STATE", "changed"}});
  auto bare = failed_disk_event();
  bare.alert.finding.bay.clear();
  CHECK(variables(bare).at("NASMCU_ALERT_BAY").empty());
  auto odd = failed_disk_event();
  odd.alert.finding.subject = std::string("a\0b\nc", 5);
  odd.alert.finding.text = std::string("a\0b\r\nc\td", 8);
  CHECK(variables(odd).at("NASMCU_ALERT_SUBJECT") == "a b c");
  CHECK(variables(odd).at("NASMCU_ALERT_TEXT") == "a b\nc d");
  odd.alert.finding.text = std::string(200000, 'x');
  CHECK(variables(odd).at("NASMCU_ALERT_TEXT").size() == 16384);
}

TEST_CASE("the journal gets message, identifier, priority and fields as they are") {
  auto event = failed_disk_event();
  event.alert.finding.bay.clear();
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const std::string subject = "disk 2 (WDC WD40EFRX, serial WD-X): its own verdict is 'failed'";
  CHECK(journal_fields(event) ==
        Fields{{"MESSAGE", "failed: " + subject},
               {"MESSAGE_ID", message_id_alert},
               {"PRIORITY", "2"},
               {"NASMCU_ALERT_ID", "disk.WD-X.verdict"},
               {"NASMCU_ALERT_SEVERITY", "failed"},
               {"NASMCU_ALERT_SUBJECT", subject},
               {"NASMCU_ALERT_TEXT", "Save what is on it.\nThen replace it."},
               {"NASMCU_ALERT_DISK", "/dev/sdb"},
               {"NASMCU_ALERT_SERIAL", "WD-X"},
               {"NASMCU_ALERT_STATE", "raised"}});

  const auto priority = [](Change change, Severity severity) {
    auto one = failed_disk_event(change);
    one.alert.finding.severity = severity;
    return journal_fields(one).at(2).second;
  };
  CHECK(priority(Change::changed, Severity::failed) == "2");
  CHECK(priority(Change::raised, Severity::warning) == "4");
  CHECK(priority(Change::raised, Severity::rebuilding) == "5");
  CHECK(priority(Change::cleared, Severity::failed) == "5");
  CHECK(journal_fields(failed_disk_event(Change::changed)).at(1).second == message_id_alert);
  CHECK(journal_fields(failed_disk_event(Change::cleared)).at(1).second == message_id_cleared);
  CHECK(journal_fields(failed_disk_event(Change::cleared)).at(0).second == "cleared: " + subject);
}

TEST_CASE("the two message identifiers are 128 bits each, and differ") {
  for (const std::string id : {message_id_alert, message_id_cleared}) {
    CHECK(id.size() == 32);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
  CHECK(std::string(message_id_alert) != message_id_cleared);
}
