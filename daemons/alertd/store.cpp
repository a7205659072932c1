// SPDX-License-Identifier: MIT
#include <alertd/store.hpp>

#include <common/records.hpp>
#include <common/system.hpp>
#include <common/text_file.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace nasmcu::alertd {
namespace {

/// What is still good; `lost`: what it means when not all of it is.
std::vector<std::string> good_records(const std::string& path,
                                      const std::optional<std::string>& text, const char* kind,
                                      const char* lost) {
  if (!text) return {};
  Records records = decode_records(kind, *text);
  if (!records.damage.empty()) spdlog::warn("{}: {}; {}", path, records.damage, lost);
  return std::move(records.good);
}

} // namespace

Store::Texts Store::texts(const Ledger& ledger, const DiskWatch& disks, const ArrayRoster& roster) {
  std::vector<std::string> records;
  for (const SmartMemory& memory : disks.memories()) records.push_back(to_record(memory));
  return {ledger.to_text(), encode_records("disks", records),
          encode_records("arrays", roster.records())};
}

Store::Store(const std::string& root)
    : folder_(root + "/var/lib/nasmcu/"),
      saved_{read_text_file(folder_ + "alerts"), read_text_file(folder_ + "disks"),
             read_text_file(folder_ + "arrays")},
      tried_(saved_) {}

Ledger Store::ledger(WallTime now) const {
  if (!saved_.alerts) return {};
  Ledger::Restored restored = Ledger::from_text(*saved_.alerts, now);
  if (!restored.damage.empty()) spdlog::error("{}alerts: {}", folder_, restored.damage);
  return std::move(restored.ledger);
}

std::vector<SmartMemory> Store::memories() const {
  std::vector<SmartMemory> memories;
  for (const std::string& record : good_records(folder_ + "disks", saved_.disks, "disks",
                                                "growth is counted afresh where it was lost"))
    if (auto memory = memory_from_record(record)) memories.push_back(std::move(*memory));
  return memories;
}

ArrayRoster Store::roster() const {
  return ArrayRoster(good_records(folder_ + "arrays", saved_.arrays, "arrays",
                                  "members that are gone meanwhile may not be known again"));
}

void Store::save(const Texts& texts) {
  for (const auto& [name, text] :
       {std::pair("alerts", &Texts::alerts), std::pair("disks", &Texts::disks),
        std::pair("arrays", &Texts::arrays)}) {
    if (texts.*text == saved_.*text) continue;
    const mcu::Status written = write_file(folder_ + name, *(texts.*text));
    if (written)
      saved_.*text = texts.*text;
    else
      spdlog::error("{}", written.error().what);
  }
  tried_ = texts;
}

} // namespace nasmcu::alertd
