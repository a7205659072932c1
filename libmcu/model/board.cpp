// SPDX-License-Identifier: MIT
#include <libmcu/model/board.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <cmath>

namespace mcu {
namespace {

// A curve meets a level exactly or not at all; a rounding error must not ask for the next one.
constexpr double rounding = 0.01;

Duty fit_levels(const FanSpec& fan, double wanted) {
  if (wanted <= 0 && fan.stop) return Duty{0};
  for (const Duty level : fan.levels)
    if (level.percent > 0 && level.percent >= wanted - rounding) return level;
  return fan.levels.back();
}

template <class T>
const T* find_named(const std::vector<T>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Error bad_curve(std::string_view word, const std::string& why) {
  return {Errc::invalid_argument, "curve point " + in_quotes(word) + ": " + why};
}

Result<CurvePoint> parse_point(std::string_view word) {
  const auto colon = word.find(':');
  const auto at = parse_decimal(word.substr(0, colon));
  const auto duty = parse_decimal(colon == std::string_view::npos ? "" : word.substr(colon + 1));
  if (!at || !duty) return bad_curve(word, "it must be DEGREES:PERCENT, such as 45:60");
  if (*at < -40 || *at > 150) return bad_curve(word, "-40 to 150 degrees are allowed");
  if (!in_range(Duty{*duty})) return bad_curve(word, "0 to 100 percent are allowed");
  return CurvePoint{Celsius{*at}, Duty{*duty}};
}

} // namespace

Result<std::vector<CurvePoint>> parse_curve(std::string_view text) {
  constexpr std::size_t most_points = 32;
  std::vector<CurvePoint> curve;
  for (const std::string& word : split_words(text)) {
    const auto point = parse_point(word);
    if (!point) return point.error();
    if (!curve.empty() && point->at <= curve.back().at)
      return bad_curve(word, "the temperatures must rise from point to point");
    if (!curve.empty() && point->duty < curve.back().duty)
      return bad_curve(word, "the duty must not fall while it gets warmer");
    if (curve.size() == most_points)
      return bad_curve(word, "at most " + std::to_string(most_points) + " points are allowed");
    curve.push_back(*point);
  }
  if (curve.empty())
    return Error{Errc::invalid_argument, "a curve has at least one point, such as 35:20 60:100"};
  return curve;
}

const FanSpec* Board::fan(std::string_view fan_name) const { return find_named(fans, fan_name); }

const SensorSpec* Board::sensor(std::string_view sensor_name) const {
  return find_named(sensors, sensor_name);
}

const BaySpec* Board::bay(std::string_view bay_name) const { return find_named(bays, bay_name); }

std::string_view name(Conflict conflict) {
  switch (conflict) {
  case Conflict::stand_back: return "stand-back";
  case Conflict::take_over: return "take-over";
  case Conflict::refuse: break;
  }
  return "refuse";
}

Result<Conflict> conflict_from_name(std::string_view word) {
  for (const Conflict one : {Conflict::stand_back, Conflict::take_over, Conflict::refuse})
    if (word == name(one)) return one;
  return Error{Errc::invalid_argument,
               in_quotes(word) + ": allowed are stand-back, take-over and refuse"};
}

std::string ButtonSpec::key() const {
  if (device.scheme != "input") return {};
  return device.address.substr(device.address.rfind('/') + 1);
}

bool ButtonSpec::is_switch() const {
  const auto& flags = device.flags;
  return key().starts_with("SW_") || std::find(flags.begin(), flags.end(), "switch") != flags.end();
}

Board with_kernel_mcu(Board board) {
  const auto move = [](DeviceUri& device, const std::optional<DeviceUri>& kernel) {
    if (device.scheme == "mcu" && kernel) device = *kernel;
  };
  for (FanSpec& fan : board.fans) {
    move(fan.device, fan.kernel);
    if (fan.tach) move(*fan.tach, fan.kernel_tach);
  }
  for (SensorSpec& one : board.sensors) move(one.device, one.kernel);
  for (LedSpec& one : board.leds) move(one.device, one.kernel);
  for (ButtonSpec& one : board.buttons) move(one.device, one.kernel);
  if (board.buzzer) move(board.buzzer->device, board.buzzer->kernel);
  if (board.clock) move(board.clock->device, board.clock->kernel);
  if (board.power) move(board.power->device, board.power->kernel);
  return board;
}

bool is_device_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), fits);
}

Duty fit(const FanSpec& fan, Duty wanted) {
  // No number is no wish: full speed is the safe side.
  const double duty = std::isnan(wanted.percent) ? 100 : std::clamp(wanted.percent, 0.0, 100.0);
  if (!fan.levels.empty()) return fit_levels(fan, duty);
  if (duty <= 0 && fan.stop) return Duty{0};
  return Duty{std::min(std::max(duty, fan.min.percent), fan.max.percent)};
}

} // namespace mcu
