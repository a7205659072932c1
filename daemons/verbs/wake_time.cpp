// SPDX-License-Identifier: MIT
#include <verbs/wake_time.hpp>

#include <common/wake_plan.hpp>
#include <libmcu/model/civil_time.hpp>
#include <libmcu/model/text.hpp>

#include <cctype>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

namespace nasmcu {
namespace {

using Moment = std::optional<std::time_t>;

/// Takes what it recognises from the front of a text.
class Scanner {
public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  bool take(char wanted) {
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Exactly that many digits, from `least` to `most`.
  std::optional<int> number(std::size_t digits, int least, int most) {
    if (text_.size() < digits) return {};
    int value = 0;
    for (const char c : text_.substr(0, digits)) {
      if (std::isdigit(static_cast<unsigned char>(c)) == 0) return {};
      value = value * 10 + (c - '0');
    }
    if (value < least || value > most) return {};
    text_.remove_prefix(digits);
    return value;
  }

private:
  std::string_view text_;
};

/// "90", "15m", "2h", "1d".
Moment from_now(std::string_view word, std::time_t now) {
  constexpr std::int64_t century = 100LL * 365 * 86400; // more is a slip, and could overflow
  std::int64_t unit = 1;
  if (!word.empty() && std::isdigit(static_cast<unsigned char>(word.back())) == 0) {
    unit = word.back() == 's'   ? 1
           : word.back() == 'm' ? 60
           : word.back() == 'h' ? 3600
           : word.back() == 'd' ? 86400
                                : 0;
    word.remove_suffix(1);
  }
  const auto count = mcu::parse_integer(word);
  if (unit == 0 || !count || *count < 1 || *count > century / unit) return {};
  const std::int64_t when = now + *count * unit;
  const auto moment = static_cast<std::time_t>(when);
  if (moment != when) return {}; // after 2038, and time_t has 32 bits
  return moment;
}

/// "22:30": today's if it is still to come, else tomorrow's.
Moment time_of_day(std::string_view word, std::time_t now) {
  Scanner in(word);
  const auto hour = in.number(2, 0, 23);
  const bool colon = in.take(':');
  const auto minute = in.number(2, 0, 59);
  if (!hour || !colon || !minute || !in.at_end()) return {};
  return next_time_of_day(*hour, *minute, now, [](int) { return true; });
}

/// "Z", "+02:00", "-0530", "+02": seconds east of UTC. Nothing for anything else.
std::optional<long> zone(Scanner& in) {
  if (in.take('Z')) return 0;
  const bool west = in.take('-');
  if (!west && !in.take('+')) return {};
  const auto hours = in.number(2, 0, 14);
  if (!hours) return {};
  const bool colon = in.take(':');
  const auto minutes = in.number(2, 0, 59);
  if (colon && !minutes) return {};
  const long east = *hours * 3600L + minutes.value_or(0) * 60L;
  return west ? -east : east;
}

Moment iso_8601(std::string_view word) {
  Scanner in(word);
  const auto year = in.number(4, 2000, 2099);
  if (!year || !in.take('-')) return {};
  const auto month = in.number(2, 1, 12);
  if (!month || !in.take('-')) return {};
  const auto day = in.number(2, 1, 31);
  if (!day || (!in.take('T') && !in.take(' '))) return {};
  const auto hour = in.number(2, 0, 23);
  if (!hour || !in.take(':')) return {};
  const auto minute = in.number(2, 0, 59);
  if (!minute) return {};
  std::optional<int> second = 0;
  if (in.take(':')) second = in.number(2, 0, 59);
  if (!second) return {};
  long east = 0;
  const bool local = in.at_end();
  if (!local) {
    const auto offset = zone(in);
    if (!offset || !in.at_end()) return {};
    east = *offset;
  }
  const auto moment = mcu::to_time_t({*year, *month, *day, *hour, *minute, *second}, !local);
  if (!moment) return {};
  return *moment - east;
}

} // namespace

mcu::Result<std::time_t> parse_wake_time(std::string_view word, std::time_t now) {
  Moment moment = from_now(word, now);
  if (!moment) moment = time_of_day(word, now);
  if (!moment) moment = iso_8601(word);
  if (!moment)
    return mcu::Error{mcu::Errc::invalid_argument,
                      mcu::in_quotes(word) +
                          " is no time: write seconds from now (90), 15m, 2h, 1d, 22:30 or "
                          "2027-03-01T06:30"};
  if (*moment <= now)
    return mcu::Error{mcu::Errc::invalid_argument, mcu::in_quotes(word) + " has passed already"};
  return *moment;
}

} // namespace nasmcu
