// SPDX-License-Identifier: MIT
#include <alertd/message.hpp>

#include <alertd/mail_text.hpp>

#include <libmcu/model/printable.hpp>

#include <array>
#include <cstdio>

namespace nasmcu::alertd {
namespace {

using AlertFields = std::vector<std::pair<std::string, std::string>>;

/// The variables' names without NASMCU_ALERT_, and their values as they are.
AlertFields fields_of(const Event& event) {
  const Finding& finding = event.alert.finding;
  return {{"ID", finding.id},           {"SEVERITY", std::string(name(finding.severity))},
          {"SUBJECT", finding.subject}, {"TEXT", finding.text},
          {"BAY", finding.bay},         {"DISK", finding.disk},
          {"SERIAL", finding.serial},   {"STATE", std::string(name(event.change))}};
}

/// "2026-11-21 14:41:42 UTC".
std::string utc_text(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

/// The recipient up to the first control character: behind a line feed another header could stand.
std::string recipient(const std::string& to) {
  std::size_t end = 0;
  while (end < to.size() && static_cast<unsigned char>(to[end]) >= 0x20 && to[end] != 0x7F) ++end;
  return to.substr(0, end);
}

/// A name that needs no quoting; a machine's name has no other characters.
std::string plain_host(const std::string& host) {
  std::string plain;
  for (const char c : host) {
    const bool fits = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
    if (fits && plain.size() < 40) plain += c; // the header's line has 78
  }
  return plain.empty() ? "this box" : plain;
}

std::string mail_body(const Event& event, const std::string& host) {
  const Alert& alert = event.alert;
  const Finding& finding = alert.finding;
  std::string body = headline(event) + "\n\n";
  if (!finding.text.empty()) body += finding.text + "\n\n";
  const auto line = [&body](const char* what, const std::string& value) {
    if (!value.empty()) body += std::string(what) + mcu::one_line(value) + "\n";
  };
  line("Box:      ", host);
  line("Bay:      ", finding.bay);
  line("Disk:     ", finding.disk);
  line("Serial:   ", finding.serial);
  line("Since:    ", utc_text(alert.since));
  line("Alert:    ", finding.id);
  if (event.change != Change::cleared)
    body +=
        "\nYou will not be told again until this changes. 'mcuctl alerts' shows all that stands; "
        "'mcuctl alerts ack " +
        mcu::one_line(finding.id) + "' silences the buzzer.\n";
  return body;
}

std::string journal_priority(const Event& event) {
  if (event.change == Change::cleared) return "5";
  switch (event.alert.finding.severity) {
  case Severity::failed: return "2";
  case Severity::warning: return "4";
  case Severity::rebuilding: break;
  }
  return "5";
}

} // namespace

const char* const message_id_alert = "59a98754823c4a2fa7f8b36e4a81260c";
const char* const message_id_cleared = "5432c22e3cbf4360ad3dab81ad94d746";

std::string headline(const Event& event) {
  const Finding& finding = event.alert.finding;
  const bool over = event.change == Change::cleared;
  return std::string(over ? name(event.change) : name(finding.severity)) + ": " + finding.subject;
}

std::string mail(const Event& event, const std::string& to, const std::string& host, WallTime now) {
  const std::string box = plain_host(host);
  // The mail system completes the sender's domain, as for cron's mails.
  return "From: \"nasmcu on " + box + "\" <root>\n" +                 //
         "To: " + recipient(to) + "\n" +                              //
         mail_header("Subject", "[" + box + "] " + headline(event)) + //
         "Date: " + mail_date(now) + "\n" +                           //
         "Auto-Submitted: auto-generated\n"
         "MIME-Version: 1.0\n"
         "Content-Type: text/plain; charset=utf-8\n"
         "Content-Transfer-Encoding: quoted-printable\n"
         "\n" +
         quoted_printable(mail_body(event, box));
}

std::vector<std::string> hook_environment(const Event& event) {
  // Linux refuses a variable of 128 KiB and an environment beyond a quarter of the stack's limit.
  constexpr std::size_t most = 16UL * 1024;
  std::vector<std::string> variables;
  for (const auto& [key, value] : fields_of(event)) {
    const std::string plain = key == "TEXT" ? mcu::plain_lines(value) : mcu::one_line(value);
    variables.push_back("NASMCU_ALERT_" + key + "=" + std::string(mcu::clip(plain, most)));
  }
  return variables;
}

std::vector<std::pair<std::string, std::string>> journal_fields(const Event& event) {
  const bool over = event.change == Change::cleared;
  AlertFields fields = {{"MESSAGE", headline(event)},
                        {"MESSAGE_ID", over ? message_id_cleared : message_id_alert},
                        {"PRIORITY", journal_priority(event)}};
  for (auto& [key, value] : fields_of(event))
    if (!value.empty()) fields.emplace_back("NASMCU_ALERT_" + key, std::move(value));
  return fields;
}

} // namespace nasmcu::alertd
