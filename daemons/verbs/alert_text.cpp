// SPDX-License-Identifier: MIT
#include <verbs/alert_text.hpp>

#include <verbs/render.hpp>
#include <verbs/table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

namespace nasmcu {
namespace {

constexpr std::string_view below = "      "; ///< a line that belongs to the one above it

/// Higher is worse. A word of a later nas-alertd is shown first rather than overlooked.
int badness(const std::string& severity) {
  if (severity == "warning") return 0;
  if (severity == "rebuilding") return 1;
  return severity == "failed" ? 2 : 3;
}

Row alert_row(const AlertView& alert) {
  const Tone tone = alert.acknowledged             ? Tone::dim
                    : badness(alert.severity) >= 2 ? Tone::bad
                                                   : Tone::warn;
  return {{alert.severity, tone},
          {minute_text(alert.since)},
          {alert.subject + (alert.acknowledged ? " (acknowledged)" : "")}};
}

/// "bay 2 (HDD 2)"; a disk in no bay has only its node's name.
std::string place_of(const DiskView& disk) {
  if (disk.bay.empty()) return disk.name;
  const bool labelled = !disk.label.empty() && disk.label != disk.bay;
  return "bay " + disk.bay + (labelled ? " (" + disk.label + ")" : "");
}

Tone verdict_tone(const std::string& verdict) {
  return verdict == "ok"        ? Tone::good
         : verdict == "warning" ? Tone::warn
         : verdict == "failed"  ? Tone::bad
                                : Tone::dim;
}

/// "34 °C, read 4 min ago", "asleep, last read 3 h ago".
Cell reading_of(const DiskView& disk, std::time_t now) {
  const std::string ago = age_text(now - disk.last_read) + " ago";
  if (disk.asleep)
    return {disk.last_read == 0 ? "asleep, not read yet" : "asleep, last read " + ago, Tone::dim};
  if (disk.celsius)
    return {number_text(*disk.celsius) + " °C" + (disk.last_read == 0 ? "" : ", read " + ago)};
  if (!disk.reason.empty()) return {plain_reason(disk.reason), Tone::dim};
  return {disk.last_read == 0 ? "not read yet" : "no temperature, read " + ago, Tone::dim};
}

Row disk_row(const DiskView& disk, std::time_t now) {
  if (!disk.present) {
    std::string words = "not available";
    if (!disk.reason.empty()) words += " (" + plain_reason(disk.reason) + ")";
    return {{place_of(disk), Tone::bad}, {std::move(words), Tone::bad}};
  }
  return {{place_of(disk)},
          {disk.node},
          {disk.model},
          {disk.serial},
          {disk.verdict, verdict_tone(disk.verdict)},
          reading_of(disk, now)};
}

std::string gate_text(const DiskView& disk) {
  std::string text = fmt::format("{}{} readings, {} times the last one kept, {} times left to rest",
                                 below, disk.reads, disk.kept, disk.withheld);
  if (!disk.gate.empty()) text += "; now: " + harmless(disk.gate);
  return text;
}

} // namespace

std::vector<AlertView> worst_first(std::vector<AlertView> alerts) {
  std::stable_sort(alerts.begin(), alerts.end(), [](const AlertView& a, const AlertView& b) {
    const int left = badness(a.severity), right = badness(b.severity);
    return left != right ? left > right : a.since < b.since;
  });
  return alerts;
}

std::vector<DiskView> in_bay_order(std::vector<DiskView> disks) {
  // 2 before 10: a longer name of a bay is a higher number.
  const auto rank = [](const DiskView& disk) {
    return std::tuple(disk.bay.empty(), disk.bay.size(), std::string_view(disk.bay),
                      std::string_view(disk.name));
  };
  std::stable_sort(disks.begin(), disks.end(),
                   [&rank](const DiskView& a, const DiskView& b) { return rank(a) < rank(b); });
  return disks;
}

std::string minute_text(std::time_t seconds) {
  std::tm fields{};
  std::array<char, 64> buffer{};
  if (!localtime_r(&seconds, &fields)) return "?";
  std::strftime(buffer.data(), buffer.size(), "%Y-%m-%d %H:%M", &fields);
  return buffer.data();
}

std::string age_text(std::time_t seconds) {
  seconds = std::max<std::time_t>(seconds, 0); // the clock was set back
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 2 * 86400) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86400);
}

std::string alert_rows(const std::vector<AlertView>& alerts, bool color) {
  std::vector<Row> rows;
  for (const AlertView& alert : alerts) rows.push_back(alert_row(alert));
  return aligned(rows, color);
}

std::string alerts_text(const AlertList& list, std::time_t now, bool color) {
  std::vector<Row> rows;
  for (const AlertView& alert : list.alerts) rows.push_back(alert_row(alert));
  const std::vector<std::string> lines = aligned_lines(rows, color);
  std::string out = lines.empty() ? "no alerts\n" : "";
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += fmt::format("{}{}id {}\n", lines[i], below, harmless(list.alerts[i].id));
  if (list.muted_until > now)
    out += "the buzzer is muted until " + minute_text(list.muted_until) + "\n";
  if (!list.poller.empty() && list.poller != "nas-alertd")
    out += "the disks are read by " + harmless(list.poller) + ", which tells nas-alertd\n";
  return out;
}

std::string disks_text(const std::vector<DiskView>& disks, std::time_t now, bool color) {
  if (disks.empty()) return "no disks\n";
  std::vector<Row> rows;
  for (const DiskView& disk : disks) rows.push_back(disk_row(disk, now));
  const std::vector<std::string> lines = aligned_lines(rows, color);
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += lines[i] + paint(gate_text(disks[i]), Tone::dim, color) + "\n";
  return out;
}

Json json(const AlertView& alert) {
  return {{"id", alert.id},
          {"severity", alert.severity},
          {"subject", alert.subject},
          {"text", alert.text},
          {"state", alert.state},
          {"bay", alert.bay},
          {"disk", alert.disk},
          {"serial", alert.serial},
          {"since", alert.since},
          {"changed", alert.changed},
          {"acknowledged", alert.acknowledged}};
}

Json json(const DiskView& disk) {
  Json out = device_json(disk, "disk", disk.verdict, "");
  out["bay"] = disk.bay;
  out["label"] = disk.label;
  out["node"] = disk.node;
  out["model"] = disk.model;
  out["serial"] = disk.serial;
  out["verdict"] = disk.verdict;
  out["asleep"] = disk.asleep;
  out["celsius"] = disk.celsius ? Json(*disk.celsius) : Json();
  out["last_read"] = disk.last_read != 0 ? Json(disk.last_read) : Json();
  out["reads"] = disk.reads;
  out["kept"] = disk.kept;
  out["withheld"] = disk.withheld;
  out["gate"] = disk.gate;
  return out;
}

} // namespace nasmcu
