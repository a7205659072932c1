// SPDX-License-Identifier: MIT
#include <common/records.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace nasmcu {
namespace {

constexpr std::size_t sum_digits = 8;

/// CRC-32 (that of zip and Ethernet) as eight small hexadecimal digits: finds every single flipped
/// bit, and every burst of up to 32.
std::string sum_of(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : text) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  crc = ~crc;
  std::string digits(sum_digits, '0');
  for (std::size_t i = sum_digits; i-- > 0; crc >>= 4) digits[i] = "0123456789abcdef"[crc & 0xF];
  return digits;
}

/// The record of a line; nothing when its sum is not that of `kind` and record: a line that strayed
/// in from another file counts for nothing.
std::optional<std::string_view> record_in(std::string_view kind, std::string_view line) {
  if (line.size() <= sum_digits || line[sum_digits] != ' ') return {};
  const std::string_view record = line.substr(sum_digits + 1);
  if (line.substr(0, sum_digits) != sum_of(std::string(kind) + ' ' + std::string(record)))
    return {};
  return record;
}

struct FileHead {
  std::string_view title;   ///< "nasmcu-KIND 1"
  unsigned long long count; ///< of records
};

/// Nothing for a damaged one.
std::optional<FileHead> head_in(std::string_view line) {
  const auto sum_at = line.rfind(' ');
  if (sum_at == std::string_view::npos) return {};
  const std::string_view summed = line.substr(0, sum_at);
  if (line.substr(sum_at + 1) != sum_of(summed)) return {};
  const auto count_at = summed.rfind(' ');
  if (count_at == std::string_view::npos) return {};
  FileHead head{summed.substr(0, count_at), 0};
  const std::string_view digits = summed.substr(count_at + 1);
  const auto [end, wrong] =
      std::from_chars(digits.data(), digits.data() + digits.size(), head.count);
  if (wrong != std::errc() || end != digits.data() + digits.size()) return {};
  return head;
}

/// The text up to the next line feed, which is taken off with it.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string title_of(std::string_view kind) { return "nasmcu-" + std::string(kind) + " 1"; }

} // namespace

std::string encode_records(std::string_view kind, const std::vector<std::string>& records) {
  const std::string head = title_of(kind) + " " + std::to_string(records.size());
  std::string text = head + " " + sum_of(head) + "\n";
  for (std::string record : records) {
    for (char& c : record)
      if (c == '\n') c = ' ';
    text += sum_of(std::string(kind) + ' ' + record) + " " + record + "\n";
  }
  return text;
}

Records decode_records(std::string_view kind, std::string_view text) {
  if (text.empty()) return {{}, "the file is empty"};
  const auto head = head_in(take_line(text));
  if (head && head->title != title_of(kind))
    return {{}, "the file is no " + title_of(kind) + ", but " + std::string(head->title)};
  Records records;
  std::size_t lines = 0;
  for (; !text.empty(); ++lines)
    if (const auto record = record_in(kind, take_line(text))) records.good.emplace_back(*record);
  const std::string good = std::to_string(records.good.size());
  if (!head)
    records.damage = "the first line is damaged, " + good + " records can be read";
  else if (records.good.size() != head->count)
    records.damage = good + " of " + std::to_string(head->count) + " records can be read";
  else if (lines != head->count)
    records.damage = "all " + good + " records can be read, among lines that are none";
  return records;
}

} // namespace nasmcu
