// SPDX-License-Identifier: MIT
#include <alertd/ledger.hpp>

#include <common/records.hpp>
#include <libmcu/model/printable.hpp>
#include <libmcu/model/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <utility>

namespace nasmcu::alertd {
namespace {

constexpr std::string_view records_kind = "alerts";
constexpr std::string_view damage_id = "state.alerts";
/// Holds the alert about damage; no source has such a name.
constexpr std::string_view ledger_source = "(ledger)";

/// [A-Za-z0-9._-], whatever the locale.
std::string fitting_id(std::string id) {
  for (char& c : id) {
    const bool fits = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
    if (!fits) c = '_';
  }
  return id;
}

/// As it is kept, so that it equals itself when it is read again from the file.
Finding printable_finding(const Finding& finding) {
  return {fitting_id(finding.id),         finding.severity,
          mcu::one_line(finding.subject), mcu::plain_lines(finding.text),
          mcu::one_line(finding.state),   mcu::one_line(finding.bay),
          mcu::one_line(finding.disk),    mcu::one_line(finding.serial)};
}

/// Printable, and each id once.
std::vector<Finding> worst_of_each_id(const std::vector<Finding>& findings) {
  std::vector<Finding> kept;
  for (const Finding& one : findings) {
    Finding finding = printable_finding(one);
    const auto twin = std::find_if(kept.begin(), kept.end(), [&finding](const Finding& other) {
      return other.id == finding.id;
    });
    if (twin == kept.end())
      kept.push_back(std::move(finding));
    else if (twin->severity < finding.severity)
      *twin = std::move(finding);
  }
  return kept;
}

std::int64_t epoch_seconds(WallTime time) { return time.time_since_epoch().count(); }

std::string record_of_alert(const std::string& source, const Alert& alert) {
  const Finding& finding = alert.finding;
  const nlohmann::json record = {{"source", source},
                                 {"id", finding.id},
                                 {"severity", name(finding.severity)},
                                 {"subject", finding.subject},
                                 {"text", finding.text},
                                 {"state", finding.state},
                                 {"bay", finding.bay},
                                 {"disk", finding.disk},
                                 {"serial", finding.serial},
                                 {"since", epoch_seconds(alert.since)},
                                 {"changed", epoch_seconds(alert.changed)},
                                 {"acknowledged", alert.acknowledged}};
  // A source's name is not made printable: what is no UTF-8 in it must not throw.
  return record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool take_word(const nlohmann::json& record, const char* key, std::string& into) {
  const auto it = record.find(key);
  if (it == record.end() || !it->is_string()) return false;
  into = it->get<std::string>();
  return true;
}

bool take_time(const nlohmann::json& record, const char* key, WallTime& into) {
  const auto it = record.find(key);
  if (it == record.end() || !it->is_number_integer()) return false;
  into = WallTime(std::chrono::seconds(it->get<std::int64_t>()));
  return true;
}

bool take_severity(const nlohmann::json& record, Severity& into) {
  std::string word;
  if (!take_word(record, "severity", word)) return false;
  for (const Severity one : {Severity::warning, Severity::rebuilding, Severity::failed}) {
    if (name(one) != word) continue;
    into = one;
    return true;
  }
  return false;
}

/// Source and alert; nothing for a record that is not one of ours.
std::optional<std::pair<std::string, Alert>> alert_of_record(const std::string& text) {
  const auto record = nlohmann::json::parse(text, nullptr, false);
  if (!record.is_object()) return {};
  std::string source;
  Alert alert;
  Finding& finding = alert.finding;
  const auto acknowledged = record.find("acknowledged");
  if (acknowledged == record.end() || !acknowledged->is_boolean()) return {};
  alert.acknowledged = acknowledged->get<bool>();
  const bool whole =
      take_word(record, "source", source) && take_word(record, "id", finding.id) &&
      take_severity(record, finding.severity) && take_word(record, "subject", finding.subject) &&
      take_word(record, "text", finding.text) && take_word(record, "state", finding.state) &&
      take_word(record, "bay", finding.bay) && take_word(record, "disk", finding.disk) &&
      take_word(record, "serial", finding.serial) && take_time(record, "since", alert.since) &&
      take_time(record, "changed", alert.changed);
  if (!whole) return {};
  return std::pair(std::move(source), std::move(alert));
}

/// Its state is the time, so that damage which comes again is told again.
Finding damage_finding(const std::string& damage, WallTime now) {
  Finding finding;
  finding.id = damage_id;
  finding.subject = "the list of known alerts is damaged: " + damage;
  finding.text = "What could be read of it stands as it was. An alert that was lost is told again "
                 "while it lasts, also if it had been acknowledged.\n"
                 "A power cut can do that, and so can a disk that begins to fail.\n"
                 "'mcuctl alerts ack state.alerts' ends this alert.";
  finding.state = std::to_string(epoch_seconds(now));
  return finding;
}

bool shown_before(const Alert& a, const Alert& b) {
  return std::tie(b.finding.severity, a.since, a.finding.id) <
         std::tie(a.finding.severity, b.since, b.finding.id);
}

} // namespace

std::vector<Event> Ledger::update(std::string_view source, const std::vector<Finding>& findings,
                                  WallTime now) {
  std::vector<Event> events;
  std::vector<Alert> standing;
  for (Finding& finding : worst_of_each_id(findings)) {
    std::optional<Alert> known = take(finding.id);
    if (!known) {
      standing.push_back({std::move(finding), now, now, false});
      events.push_back({Change::raised, standing.back()});
      continue;
    }
    const bool same =
        known->finding.severity == finding.severity && known->finding.state == finding.state;
    known->finding = std::move(finding);
    if (!same) {
      known->changed = now;
      known->acknowledged = false;
      events.push_back({Change::changed, *known});
    }
    standing.push_back(std::move(*known));
  }
  // What is left of it was found before, and no longer is.
  if (const auto left = by_source_.find(source); left != by_source_.end()) {
    for (Alert& gone : left->second) events.push_back({Change::cleared, std::move(gone)});
    by_source_.erase(left);
  }
  if (!standing.empty()) by_source_.emplace(source, std::move(standing));
  return events;
}

mcu::Status Ledger::acknowledge(std::string_view id) {
  if (id == damage_id && take(id)) return mcu::Done{};
  if (Alert* alert = find(id)) {
    alert->acknowledged = true;
    return mcu::Done{};
  }
  std::string what = "there is no alert " + mcu::in_quotes(id) + " now; ";
  std::string others;
  for (const Alert& alert : active()) others += (others.empty() ? "" : ", ") + alert.finding.id;
  what += others.empty() ? "there is none at all" : "there are " + others;
  return mcu::Error{mcu::Errc::unsupported, what};
}

std::vector<Alert> Ledger::active() const {
  std::vector<Alert> all;
  for (const auto& [source, alerts] : by_source_)
    all.insert(all.end(), alerts.begin(), alerts.end());
  std::sort(all.begin(), all.end(), shown_before);
  return all;
}

std::vector<std::string> Ledger::sources() const {
  std::vector<std::string> names;
  for (const auto& [source, alerts] : by_source_)
    if (source != ledger_source) names.push_back(source);
  return names;
}

std::string Ledger::to_text() const {
  std::vector<std::string> records;
  for (const auto& [source, alerts] : by_source_)
    for (const Alert& alert : alerts) records.push_back(record_of_alert(source, alert));
  return encode_records(records_kind, records);
}

Ledger::Restored Ledger::from_text(std::string_view text, WallTime now) {
  Restored restored;
  const Records records = decode_records(records_kind, text);
  restored.damage = records.damage;
  std::size_t foreign = 0;
  for (const std::string& record : records.good) {
    auto read = alert_of_record(record);
    if (!read || restored.ledger.find(read->second.finding.id))
      ++foreign;
    else
      restored.ledger.by_source_[read->first].push_back(std::move(read->second));
  }
  if (foreign > 0)
    restored.damage += (restored.damage.empty() ? "" : "; ") + std::to_string(foreign) +
                       (foreign == 1 ? " record is" : " records are") + " not understood";
  if (!restored.damage.empty())
    restored.events =
        restored.ledger.update(ledger_source, {damage_finding(restored.damage, now)}, now);
  return restored;
}

Alert* Ledger::find(std::string_view id) {
  for (auto& [source, alerts] : by_source_)
    for (Alert& alert : alerts)
      if (alert.finding.id == id) return &alert;
  return nullptr;
}

std::optional<Alert> Ledger::take(std::string_view id) {
  for (auto source = by_source_.begin(); source != by_source_.end(); ++source) {
    auto& alerts = source->second;
    const auto it = std::find_if(alerts.begin(), alerts.end(),
                                 [id](const Alert& alert) { return alert.finding.id == id; });
    if (it == alerts.end()) continue;
    Alert taken = std::move(*it);
    alerts.erase(it);
    if (alerts.empty()) by_source_.erase(source);
    return taken;
  }
  return {};
}

} // namespace nasmcu::alertd
