// SPDX-License-Identifier: MIT
#include <alertd/watchdog_health.hpp>

namespace nasmcu::alertd {
namespace {

/// "2027-03-01 06:30", local time.
std::string minute_of(std::time_t time) {
  std::tm local{};
  ::localtime_r(&time, &local);
  char text[32] = "";
  if (std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local) == 0) return "?";
  return text;
}

Finding reset_finding(const ResetNote& note, unsigned counted, const std::string& boot) {
  Finding finding;
  const std::string& seen = note.seen.empty() ? boot : note.seen;
  finding.id = std::string(reset_alert) + seen.substr(0, 8);
  finding.severity = Severity::failed;
  const std::string why = (note.check.empty() ? "" : note.check + ": ") + note.why;
  const std::string when = minute_of(note.time);
  finding.subject = "the watchdog reset the box at " + when + ": " + why;
  finding.text = "nas-watchdogd noted at " + when + " by the clock of then: " + why + "\n";
  finding.text += note.certain ? "The watchdog device says too that it has reset the box.\n"
                               : "The watchdog device does not say whether it was the one that "
                                 "started the box again.\n";
  finding.text += std::to_string(counted) +
                  " resets have been since the last hour in which all was "
                  "well; see mcuctl watchdog.\n";
  finding.text += "This stands until it is acknowledged: mcuctl alerts ack " + finding.id;
  finding.state = "reset";
  return finding;
}

Finding failing_finding(const WatchdogSeen& seen) {
  Finding finding;
  finding.id = "watchdog." + seen.check;
  finding.severity = Severity::failed;
  const bool reset = seen.state != "alerting";
  finding.subject = (reset ? "the watchdog will reset the box: " : "the watchdog's check fails: ") +
                    seen.check + ": " + seen.why;
  finding.text = seen.reason +
                 "\nLook at it with: mcuctl watchdog. To have the time for it: mcuctl "
                 "watchdog grace 600";
  // A warning that becomes the end of the feeding is no news.
  finding.state = reset ? "reset" : "alert";
  return finding;
}

} // namespace

std::vector<Finding> judge_watchdog(const std::optional<WatchdogSeen>& seen,
                                    const ResetNotes& notes, const std::string& boot,
                                    const std::string& known) {
  std::vector<Finding> all;
  if (const ResetNote* last = notes.last(boot)) {
    Finding finding = reset_finding(*last, notes.counted(), boot);
    if (finding.id != known) all.push_back(std::move(finding));
  }
  const bool fails =
      seen && (seen->state == "alerting" || seen->state == "warning" || seen->state == "withheld");
  if (fails && !seen->check.empty()) all.push_back(failing_finding(*seen));
  return all;
}

} // namespace nasmcu::alertd
