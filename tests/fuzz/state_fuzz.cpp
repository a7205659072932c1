// SPDX-License-Identifier: MIT
// The files of /var/lib/nasmcu after a power cut or on a dying disk: alerts, disks, arrays, resets.
//   input: a file; records in it are made whole, so that what is inside is looked at too
#include "fuzz.hpp"

#include <alertd/array_roster.hpp>
#include <alertd/ledger.hpp>
#include <alertd/smart.hpp>
#include <common/records.hpp>
#include <common/reset_notes.hpp>

namespace fuzz {
namespace {

using namespace nasmcu;
using alertd::Ledger;

constexpr alertd::WallTime start{std::chrono::seconds(1'700'000'000)};

void check_records(std::string_view kind, const std::vector<std::string>& lines) {
  const std::string text = encode_records(kind, lines);
  const Records all = decode_records(kind, text);
  require(all.damage.empty() && all.good.size() == lines.size(), "records are read as written",
          text);
  // A torn file: what is left is good, and the damage is told.
  const Records torn = decode_records(kind, std::string_view(text).substr(0, text.size() / 2));
  require(!torn.damage.empty(), "a torn file is damaged", text);
  for (const std::string& record : torn.good)
    require(std::ranges::find(all.good, record) != all.good.end(), "no record is made up", record);
}

void check_ledger(const std::string& text) {
  const auto first = Ledger::from_text(text, start);
  require(!first.damage.empty() || first.events.empty(), "nothing but damage is told");
  const auto second = Ledger::from_text(first.ledger.to_text(), start);
  require(second.damage.empty() && second.ledger.active() == first.ledger.active(),
          "a ledger is read as written", text);
}

void check_notes(const std::string& text) {
  std::string damage;
  const ResetNotes notes(text, &damage);
  const ResetNotes again(notes.text(), &damage);
  require(damage.empty() && again == notes, "notes are read as written", text);
  (void)notes.counted();
  (void)notes.last("0f0f");
}

void check_roster(const std::vector<std::string>& lines) {
  const alertd::ArrayRoster roster(lines);
  const auto records = roster.records();
  require(alertd::ArrayRoster(records).records() == records, "a roster is read as written");
}

} // namespace

void run(ByteView input) {
  const std::string text = text_of(input);
  const std::vector<std::string> lines = lines_of(text);
  for (const std::string_view kind : {"alerts", "watchdog"}) {
    (void)decode_records(kind, text);
    check_records(kind, lines);
  }
  check_ledger(text);
  check_ledger(encode_records("alerts", lines));
  check_notes(text);
  check_notes(encode_records(ResetNotes::kind, lines));
  check_roster(lines);
  for (const std::string& line : lines)
    if (const auto memory = alertd::memory_from_record(line)) {
      const auto again = alertd::memory_from_record(to_record(*memory));
      require(again && *again == *memory, "a record is read as what was written", line);
    }
}

} // namespace fuzz
