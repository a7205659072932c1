// SPDX-License-Identifier: MIT
// smartctl's JSON is read as foreign text: each field is looked for on its own, and one that is
// missing, of another type or out of range is left out.
#include <alertd/smart.hpp>

#include <libmcu/model/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace nasmcu::alertd {
namespace {

using Json = nlohmann::json;
using Path = std::initializer_list<const char*>;
using Outcome = SmartReport::Outcome;

constexpr std::size_t most_bytes = 1 << 20;
constexpr std::size_t most_names = 20; ///< of attributes; disks have about 30

// Bits of smartctl's exit status.
constexpr int disk_failing = 8;

const Json* json_at(const Json& from, Path path) {
  const Json* here = &from;
  for (const char* key : path) {
    if (!here->is_object()) return nullptr;
    const auto found = here->find(key);
    if (found == here->end()) return nullptr;
    here = &*found;
  }
  return here;
}

/// Counters are whole numbers of 64 bits; what is larger is no counter but nonsense.
std::optional<std::uint64_t> counter_at(const Json& from, Path path) {
  const Json* found = json_at(from, path);
  if (found == nullptr || !found->is_number_unsigned()) return {};
  return found->get<std::uint64_t>();
}

std::optional<double> number_at(const Json& from, Path path, double least, double most) {
  const Json* found = json_at(from, path);
  if (found == nullptr || !found->is_number()) return {};
  const double number = found->get<double>();
  if (!(number >= least && number <= most)) return {};
  return number;
}

std::optional<bool> flag_at(const Json& from, Path path) {
  const Json* found = json_at(from, path);
  if (found == nullptr || !found->is_boolean()) return {};
  return found->get<bool>();
}

std::string text_at(const Json& from, Path path) {
  const Json* found = json_at(from, path);
  return found != nullptr && found->is_string() ? found->get_ref<const std::string&>() : "";
}

/// A list or an empty one.
const Json& list_at(const Json& from, Path path) {
  static const Json none = Json::array();
  const Json* found = json_at(from, path);
  return found != nullptr && found->is_array() ? *found : none;
}

template <class T>
void keep_larger(std::optional<T>& kept, const std::optional<T>& other) {
  if (other && (!kept || *kept < *other)) kept = other;
}

// ---- ATA ----

/// The number that the text begins with: "31 (Min/Max 20/45)" is 31, "0x0010" none.
std::optional<std::uint64_t> leading_number(const std::string& text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 18) return {};
  if (digits < text.size() && text[digits] != ' ') return {};
  return std::stoull(text.substr(0, digits));
}

/// raw.value holds all six bytes. Some disks pack three numbers into them, and smartctl writes the
/// one that counts in front of the others: "8 (1 2)".
std::optional<std::uint64_t> raw_of(const Json& attribute) {
  const auto value = counter_at(attribute, {"raw", "value"});
  const auto spoken = leading_number(text_at(attribute, {"raw", "string"}));
  return value && spoken ? std::min(value, spoken) : value;
}

/// 100 less the normalised value, for the names that mean remaining life: the same numbers mean
/// gigabytes written, or a difference, with other makers.
std::optional<double> wear_of(const Json& attribute, const std::string& name) {
  const std::string low = mcu::lower(name);
  const auto means_life = [&](const char* part) { return low.find(part) != std::string::npos; };
  if (!means_life("wear_lev") && !means_life("wearout") && !means_life("life_left") &&
      !means_life("life_remain") && !means_life("lifetime_remain") &&
      !means_life("lifetime_left") && !means_life("lifetime_used") && !means_life("life_used"))
    return {};
  const auto value = number_at(attribute, {"value"}, 0, 255);
  if (!value) return {};
  return 100 - std::min(*value, 100.0);
}

bool believable(double celsius) { return celsius >= -40 && celsius <= 120; }

void add_attribute(SmartReport& report, const Json& attribute) {
  const auto id = counter_at(attribute, {"id"}).value_or(0);
  const std::string name = printable(text_at(attribute, {"name"}));
  const auto raw = raw_of(attribute);
  switch (id) {
  case 5: report.reallocated = raw; break;
  case 187:
  case 198: keep_larger(report.uncorrectable, raw); break;
  case 197: report.pending = raw; break;
  case 199: report.crc_errors = raw; break;
  case 190:
  case 194:
    if (!report.celsius && raw && believable(double(*raw))) report.celsius = double(*raw);
    break;
  case 177:
  case 202:
  case 231:
  case 233: keep_larger(report.wear, wear_of(attribute, name)); break;
  default: break;
  }
  const std::string when = text_at(attribute, {"when_failed"});
  auto* list = when == "now" ? &report.failing : when == "past" ? &report.failed_before : nullptr;
  if (list != nullptr && list->size() < most_names)
    list->push_back(name.empty() ? "attribute " + std::to_string(id) : name);
}

/// Of the newest self-test that ended by itself; the table begins with the newest.
std::optional<bool> ata_self_test(const Json& table) {
  for (const Json& test : table) {
    const auto status = counter_at(test, {"status", "value"});
    if (status && *status >> 4 == 0xF) continue; // in progress
    const auto passed = flag_at(test, {"status", "passed"});
    if (!passed) return {};
    return !*passed;
  }
  return {};
}

void read_ata(SmartReport& report, const Json& answer) {
  for (const Json& attribute : list_at(answer, {"ata_smart_attributes", "table"}))
    add_attribute(report, attribute);
  for (const char* log : {"standard", "extended"}) {
    const Json& table = list_at(answer, {"ata_smart_self_test_log", log, "table"});
    if (!report.self_test_failed) report.self_test_failed = ata_self_test(table);
  }
}

// ---- NVMe and SCSI ----

/// Both number results so that 0 is good; `first` to 7 are failures, the rest was cut short.
std::optional<bool> numbered_self_test(std::optional<std::uint64_t> result, std::uint64_t first) {
  if (!result) return {};
  if (*result == 0) return false;
  if (*result >= first && *result <= 7) return true;
  return {};
}

void read_nvme(SmartReport& report, const Json& answer) {
  const Json* log = json_at(answer, {"nvme_smart_health_information_log"});
  if (log == nullptr) return;
  report.critical_warning = counter_at(*log, {"critical_warning"}).value_or(0) & 0xFF;
  report.media_errors = counter_at(*log, {"media_errors"});
  report.wear = number_at(*log, {"percentage_used"}, 0, 255);
  report.spare = number_at(*log, {"available_spare"}, 0, 255);
  report.spare_threshold = number_at(*log, {"available_spare_threshold"}, 0, 255);
  if (!report.celsius) report.celsius = number_at(*log, {"temperature"}, -40, 120);
  if (!report.power_on_hours) report.power_on_hours = counter_at(*log, {"power_on_hours"});
  const Json& tests = list_at(answer, {"nvme_self_test_log", "table"});
  if (!tests.empty())
    report.self_test_failed =
        numbered_self_test(counter_at(tests.front(), {"self_test_result", "value"}), 5);
}

std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) {
  return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

void read_scsi(SmartReport& report, const Json& answer) {
  if (const auto defects = counter_at(answer, {"scsi_grown_defect_list"}))
    report.reallocated = defects;
  if (const auto pending = counter_at(answer, {"scsi_pending_defects", "count"}))
    report.pending = pending;
  for (const char* kind : {"read", "write", "verify"})
    if (const auto errors =
            counter_at(answer, {"scsi_error_counter_log", kind, "total_uncorrected_errors"}))
      report.uncorrectable = saturated_sum(report.uncorrectable.value_or(0), *errors);
  if (const auto used = number_at(answer, {"scsi_percentage_used_endurance_indicator"}, 0, 255))
    report.wear = used;
  if (!report.self_test_failed)
    report.self_test_failed =
        numbered_self_test(counter_at(answer, {"scsi_self_test_0", "result", "value"}), 3);
}

// ---- all ----

/// The first of `paths` that holds a text.
std::string first_text(const Json& answer, std::initializer_list<Path> paths) {
  for (const Path& path : paths)
    if (std::string text = printable(text_at(answer, path)); !text.empty()) return text;
  return "";
}

void read_identity(SmartReport& report, const Json& answer) {
  report.model = first_text(answer, {{"model_name"}, {"scsi_model_name"}, {"scsi_product"}});
  report.serial = first_text(answer, {{"serial_number"}});
  report.firmware = first_text(answer, {{"firmware_version"}, {"scsi_revision"}});
  report.protocol = first_text(answer, {{"device", "protocol"}});
}

void read_values(SmartReport& report, const Json& answer, int status) {
  report.passed = flag_at(answer, {"smart_status", "passed"});
  if ((status & disk_failing) != 0) report.passed = false;
  report.power_on_hours = counter_at(answer, {"power_on_time", "hours"});
  report.celsius = number_at(answer, {"temperature", "current"}, -40, 120);
  read_ata(report, answer);
  read_nvme(report, answer);
  read_scsi(report, answer);
  // From smartctl 7.5 on; it knows best, since it has the device statistics too.
  if (const auto used = number_at(answer, {"endurance_used", "current_percent"}, 0, 255))
    report.wear = used;
}

bool tells_anything(const SmartReport& report) {
  return report.passed || report.reallocated || report.pending || report.uncorrectable ||
         report.crc_errors || report.media_errors || report.wear || report.spare ||
         report.critical_warning != 0 || !report.failing.empty() || !report.failed_before.empty();
}

/// What smartctl says went wrong; without that, what it says at all.
std::string message_in(const Json& answer) {
  std::string first;
  for (const Json& message : list_at(answer, {"smartctl", "messages"})) {
    const std::string text = printable(text_at(message, {"string"}), 200);
    if (text_at(message, {"severity"}) == "error" && !text.empty()) return text;
    if (first.empty()) first = text;
  }
  return first;
}

Outcome outcome_of(const std::string& message, const Json& answer) {
  const std::string low = mcu::lower(message);
  const auto says = [&](const char* words) { return low.find(words) != std::string::npos; };
  if (low.rfind("device is in ", 0) == 0 && says(" mode")) return Outcome::asleep;
  if (says("permission denied") || says("operation not permitted")) return Outcome::denied;
  if (says("no such device") || says("no such file")) return Outcome::gone;
  if (says("usb bridge") || says("unable to detect device type")) return Outcome::no_smart;
  if (flag_at(answer, {"smart_support", "available"}) == false) return Outcome::no_smart;
  if (flag_at(answer, {"smart_support", "enabled"}) == false) return Outcome::no_smart;
  return Outcome::unclear;
}

std::string why_not(Outcome outcome, const std::string& message, int status) {
  if (!message.empty()) return message;
  if (outcome != Outcome::no_smart)
    return "smartctl's answer has no SMART data (exit status " + std::to_string(status) + ")";
  return "the disk has no SMART, or it is switched off there";
}

SmartReport unclear_report(std::string why) {
  SmartReport report;
  report.why = std::move(why);
  return report;
}

std::string end_words(const ChildEnd& end) {
  if (!end.why.empty()) return printable(end.why, 200);
  switch (end.how) {
  case ChildEnd::How::timed_out: return "smartctl did not end in time";
  case ChildEnd::How::too_much_output: return "smartctl said too much";
  default: return "smartctl could not be started";
  }
}

} // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string words;
  for (const char c : text) {
    const bool blank = static_cast<std::uint8_t>(c) <= ' ';
    if (blank && (words.empty() || words.back() == ' ')) continue;
    words += blank ? ' ' : static_cast<std::uint8_t>(c) <= '~' ? c : '?';
  }
  return std::string(mcu::trim(words.substr(0, most)));
}

mcu::Status parse_test_start(std::string_view json, const ChildEnd& end) {
  // The first three bits: the command line, the disk, or a command to it failed (smartctl(8)).
  constexpr int failed_bits = 7;
  if (end.how == ChildEnd::How::exited && (end.status & failed_bits) == 0) return mcu::Done{};
  if (end.how != ChildEnd::How::exited) return mcu::Error{mcu::Errc::failed, end_words(end)};
  const Json answer = Json::parse(json.substr(0, most_bytes), nullptr, false);
  const std::string message = answer.is_object() ? message_in(answer) : "";
  return mcu::Error{mcu::Errc::unsupported, message.empty()
                                                ? "smartctl could not begin it (exit status " +
                                                      std::to_string(end.status) + ")"
                                                : message};
}

SmartReport parse_smart(std::string_view json, const ChildEnd& end) {
  if (end.how != ChildEnd::How::exited) return unclear_report(end_words(end));
  const std::string status = " (exit status " + std::to_string(end.status) + ")";
  if (json.size() > most_bytes) return unclear_report("smartctl said more than 1 MiB" + status);
  if (mcu::trim(json).empty()) return unclear_report("smartctl said nothing" + status);
  const Json answer = Json::parse(json, nullptr, false);
  if (!answer.is_object())
    return unclear_report("smartctl's answer is no JSON, or was cut short" + status);

  SmartReport report;
  read_identity(report, answer);
  read_values(report, answer, end.status);
  if (tells_anything(report)) {
    report.outcome = Outcome::read;
    return report;
  }
  const std::string message = message_in(answer);
  report.outcome = outcome_of(message, answer);
  report.why = why_not(report.outcome, message, end.status);
  return report;
}

} // namespace nasmcu::alertd
