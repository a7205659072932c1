// SPDX-License-Identifier: MIT
#include <common/reset_notes.hpp>

#include <common/records.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <fstream>

namespace nasmcu {
namespace {

/// More tell nothing new.
constexpr std::size_t most_notes = 10;

constexpr const char* nothing = "-";

std::string or_nothing(const std::string& word) { return word.empty() ? nothing : word; }

/// "BOOT SEEN TIME CERTAIN COUNTS CHECK WHY..."
std::string to_line(const ResetNote& note) {
  return or_nothing(note.boot) + " " + or_nothing(note.seen) + " " + std::to_string(note.time) +
         (note.certain ? " 1" : " 0") + (note.counts ? " 1 " : " 0 ") + or_nothing(note.check) +
         " " + note.why;
}

std::optional<ResetNote> from_line(const std::string& line) {
  const auto words = mcu::split_words(line);
  if (words.size() < 6) return std::nullopt;
  const auto time = mcu::parse_integer(words[2]);
  if (!time) return std::nullopt;
  ResetNote note;
  note.boot = words[0];
  if (words[1] != nothing) note.seen = words[1];
  note.time = *time;
  note.certain = words[3] == "1";
  note.counts = words[4] == "1";
  if (words[5] != nothing) note.check = words[5];
  for (std::size_t i = 6; i < words.size(); ++i) note.why += (i == 6 ? "" : " ") + words[i];
  return note;
}

} // namespace

ResetNotes::ResetNotes(std::string_view text, std::string* damage) {
  const Records records = decode_records(kind, text);
  if (damage != nullptr) *damage = records.damage;
  for (const std::string& line : records.good)
    if (auto note = from_line(line)) notes_.push_back(std::move(*note));
}

void ResetNotes::begin(const std::string& boot, std::optional<bool> device_reset, std::time_t now) {
  std::erase_if(notes_,
                [&](const ResetNote& note) { return note.seen.empty() && note.boot == boot; });
  for (ResetNote& note : notes_) {
    if (!note.seen.empty()) continue;
    note.seen = boot;
    note.certain = device_reset.value_or(false);
  }
  const auto seen_now = [&](const ResetNote& note) { return note.seen == boot; };
  if (!device_reset.value_or(false) || std::any_of(notes_.begin(), notes_.end(), seen_now)) return;
  ResetNote note;
  note.boot = nothing;
  note.seen = boot;
  note.time = now;
  note.certain = true;
  note.why = "nothing was noted before: the kernel or the disk hung, or nas-watchdogd did";
  notes_.push_back(std::move(note));
}

void ResetNotes::write(const std::string& boot, std::time_t now, std::string check,
                       std::string why) {
  withdraw(boot);
  ResetNote note;
  note.boot = boot;
  note.time = now;
  note.check = std::move(check);
  note.why = std::move(why);
  notes_.push_back(std::move(note));
  if (notes_.size() > most_notes) notes_.erase(notes_.begin());
}

void ResetNotes::withdraw(const std::string& boot) {
  std::erase_if(notes_,
                [&](const ResetNote& note) { return note.seen.empty() && note.boot == boot; });
}

void ResetNotes::settle() {
  for (ResetNote& note : notes_)
    if (!note.seen.empty()) note.counts = false;
}

unsigned ResetNotes::counted() const {
  return static_cast<unsigned>(
      std::count_if(notes_.begin(), notes_.end(),
                    [](const ResetNote& note) { return !note.seen.empty() && note.counts; }));
}

const ResetNote* ResetNotes::last(const std::string& boot) const {
  for (auto note = notes_.rbegin(); note != notes_.rend(); ++note)
    if (!note->seen.empty() || note->boot != boot) return &*note;
  return nullptr;
}

std::string ResetNotes::text() const {
  std::vector<std::string> lines;
  for (const ResetNote& note : notes_) lines.push_back(to_line(note));
  return encode_records(kind, lines);
}

std::string boot_id(const std::string& root) {
  std::ifstream file(root + "/proc/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  return id.empty() ? "none" : id;
}

} // namespace nasmcu
