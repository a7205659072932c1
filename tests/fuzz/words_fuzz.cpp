// SPDX-License-Identifier: MIT
// Words of a command line as values, and foreign text made fit to be shown, sent and kept.
//   input: the text
#include "fuzz.hpp"

#include <libmcu/model/printable.hpp>
#include <libmcu/model/text.hpp>
#include <verbs/parse.hpp>
#include <verbs/redact.hpp>
#include <verbs/wake_time.hpp>

#include <cmath>

namespace fuzz {
namespace {

constexpr std::time_t now = 1'700'000'000;
/// The end of 2099: an MCU's clock has two digits of the year.
constexpr std::time_t last = 4'102'444'799;

void check_numbers(const std::string& text) {
  if (const auto duty = nasmcu::parse_percent(text))
    require(mcu::in_range(*duty), "a percentage is 0 to 100", text);
  if (const auto delay = nasmcu::parse_delay(text))
    require(*delay >= 1 && *delay <= 99, "a delay is 1 to 99 s", text);
  if (const auto number = mcu::parse_integer(text))
    require(mcu::parse_decimal(text).has_value(), "a whole number is a number", text);
  if (const auto number = mcu::parse_decimal(text)) {
    require(std::isfinite(*number), "a number is finite", text);
    (void)mcu::number_text(*number);
  }
  if (const auto when = nasmcu::parse_wake_time(text, now))
    require(*when > now && *when <= last + 86400, "a wake time comes, and the clock can hold it",
            text);
  const auto words = mcu::split_words(text);
  if (const auto bytes = nasmcu::parse_hex(words, 64)) {
    require(bytes->size() <= 64, "raw has its limit", text);
    const auto again = nasmcu::parse_hex(mcu::split_words(mcu::to_hex(*bytes)), 64);
    require(bytes->empty() || (again && *again == *bytes), "hex printed is read as the same", text);
  }
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

void check_text(const std::string& text) {
  const std::string valid = mcu::valid_utf8(text);
  require(mcu::valid_utf8(valid) == valid, "valid text stays as it is", text);
  const std::string line = mcu::one_line(text);
  require(!has_control(line) && mcu::one_line(line) == line, "one line stays as it is", text);
  const std::string lines = mcu::plain_lines(text);
  require(mcu::plain_lines(lines) == lines, "plain lines stay as they are", text);
  for (const std::size_t most : {0U, 1U, 7U, 64U}) {
    const std::string_view front = mcu::clip(valid, most);
    require(front.size() <= most, "clip has its limit", text);
    require(mcu::valid_utf8(front) == front, "clip cuts no character", text);
  }
  const std::string quoted = mcu::in_quotes(text);
  require(!has_control(quoted) && quoted.size() <= 4 * 60 + 16, "a quote is short and harmless",
          quoted);
}

void check_redacted(const std::string& text) {
  const nasmcu::PrivateWords words{{"mynas"}, {"karla"}};
  const std::string shown = nasmcu::redact(text + " mynas 00:11:22:33:44:55 10.1.2.3 end", words);
  // In the middle of another word it would be none.
  for (const char* secret : {"00:11:22:33:44:55", "10.1.2.3"})
    require(text.find(secret) != std::string::npos || shown.find(secret) == std::string::npos,
            "nothing private is left", shown);
}

} // namespace

void run(ByteView input) {
  ::setenv("TZ", "UTC", 1);
  const std::string text = text_of(input);
  for (const std::string& line : lines_of(text)) check_numbers(line);
  check_text(text);
  check_redacted(text);
}

} // namespace fuzz
