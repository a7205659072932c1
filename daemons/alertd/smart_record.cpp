// SPDX-License-Identifier: MIT
// What is kept of a disk, as one line of JSON.
#include <alertd/smart.hpp>

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace nasmcu::alertd {
namespace {

using Json = nlohmann::json;
using Counter = SmartMemory::Counter;

struct CounterName {
  const char* key;
  std::optional<Counter> SmartMemory::*member;
};
constexpr CounterName counter_names[] = {{"reallocated", &SmartMemory::reallocated},
                                         {"pending", &SmartMemory::pending},
                                         {"uncorrectable", &SmartMemory::uncorrectable},
                                         {"crc", &SmartMemory::crc_errors},
                                         {"media", &SmartMemory::media_errors}};

struct FindingText {
  const char* key;
  std::string Finding::*member;
};
constexpr FindingText finding_texts[] = {
    {"id", &Finding::id},        {"subject", &Finding::subject}, {"text", &Finding::text},
    {"state", &Finding::state},  {"bay", &Finding::bay},         {"disk", &Finding::disk},
    {"serial", &Finding::serial}};

constexpr Severity severities[] = {Severity::warning, Severity::rebuilding, Severity::failed};

/// The end of the year 9999: no clock of ours shows more.
constexpr std::int64_t last_second = 253402300799;

std::int64_t seconds_of(WallTime time) { return time.time_since_epoch().count(); }

Json finding_json(const Finding& finding) {
  Json object = {{"severity", name(finding.severity)}};
  for (const FindingText& part : finding_texts)
    if (!(finding.*part.member).empty()) object[part.key] = finding.*part.member;
  return object;
}

// Each reader throws what nlohmann throws for another type; the caller turns it into "no record".

void read_text(const Json& from, const char* key, std::string& text) {
  if (from.contains(key)) text = from.at(key).get<std::string>();
}

WallTime wall_of(const Json& number) {
  if (!number.is_number_integer()) throw std::out_of_range("time");
  const auto seconds = number.get<std::int64_t>();
  if (seconds < 0 || seconds > last_second) throw std::out_of_range("time");
  return WallTime(std::chrono::seconds(seconds));
}

Counter counter_of(const Json& list) {
  if (!list.at(0).is_number_unsigned() || !list.at(1).is_number_unsigned())
    throw std::out_of_range("counter");
  return {list.at(0).get<std::uint64_t>(), list.at(1).get<std::uint64_t>(), wall_of(list.at(2))};
}

Severity severity_of(const std::string& word) {
  for (const Severity severity : severities)
    if (name(severity) == word) return severity;
  throw std::out_of_range("severity");
}

Finding finding_of(const Json& object) {
  Finding finding;
  finding.severity = severity_of(object.at("severity").get<std::string>());
  for (const FindingText& part : finding_texts) read_text(object, part.key, finding.*part.member);
  return finding;
}

SmartMemory memory_of(const Json& object) {
  SmartMemory memory;
  memory.serial = object.at("serial").get<std::string>();
  if (memory.serial.empty()) throw std::out_of_range("serial");
  read_text(object, "model", memory.model);
  read_text(object, "bay", memory.bay);
  memory.first = wall_of(object.at("first"));
  memory.last = wall_of(object.at("last"));
  for (const CounterName& counter : counter_names)
    if (object.contains(counter.key)) memory.*counter.member = counter_of(object.at(counter.key));
  if (object.contains("passed")) memory.passed = object.at("passed").get<bool>();
  if (object.contains("unreadable")) memory.unreadable = finding_of(object.at("unreadable"));
  if (object.contains("verdict"))
    for (const Json& finding : object.at("verdict")) memory.verdict.push_back(finding_of(finding));
  return memory;
}

} // namespace

std::string to_record(const SmartMemory& memory) {
  Json object = {{"serial", memory.serial},
                 {"first", seconds_of(memory.first)},
                 {"last", seconds_of(memory.last)}};
  if (!memory.model.empty()) object["model"] = memory.model;
  if (!memory.bay.empty()) object["bay"] = memory.bay;
  for (const CounterName& counter : counter_names)
    if (const auto& kept = memory.*counter.member)
      object[counter.key] = {kept->first, kept->last, seconds_of(kept->grown)};
  if (memory.passed) object["passed"] = *memory.passed;
  if (memory.unreadable) object["unreadable"] = finding_json(*memory.unreadable);
  for (const Finding& finding : memory.verdict) object["verdict"].push_back(finding_json(finding));
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<SmartMemory> memory_from_record(std::string_view record) {
  const Json object = Json::parse(record, nullptr, false);
  if (!object.is_object()) return {};
  try {
    return memory_of(object);
  } catch (const std::exception&) { // of another type in places: of no use
    return {};
  }
}

} // namespace nasmcu::alertd
