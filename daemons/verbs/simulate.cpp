// SPDX-License-Identifier: MIT
// fan NAME simulate TRACE: the configuration in force over a temperature trace, without a box.
#include <verbs/groups.hpp>
#include <verbs/outcome.hpp>

#include <fancontrol/simulate.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace nasmcu {
namespace {

namespace fc = fancontrol;

/// A month of a line a minute is less.
constexpr std::uintmax_t trace_size_limit = 4 * 1024 * 1024;

Result<fc::Trace> read_trace(const std::string& file) {
  std::error_code error;
  // A pipe or a device would keep the reader waiting, or never end.
  if (!std::filesystem::is_regular_file(file, error))
    return mcu::Error{mcu::Errc::invalid_argument,
                      file + ": " + (error ? error.message() : "is no regular file")};
  if (std::filesystem::file_size(file, error) > trace_size_limit)
    return mcu::Error{mcu::Errc::invalid_argument, file + ": larger than 4 MiB"};
  std::ifstream in(file);
  if (!in) return mcu::Error{mcu::Errc::failed, file + ": cannot be read"};
  return fc::parse_trace(file, {std::istreambuf_iterator<char>(in), {}});
}

/// The fan of that name; the only one without a name.
Result<fc::FanFacts> choose_fan(const std::vector<fc::FanFacts>& fans, const std::string& name) {
  if (!name.empty()) return find_view(fans, "fan", name);
  if (fans.size() == 1) return fans.front();
  std::vector<std::string> names;
  for (const fc::FanFacts& fan : fans) names.push_back(fan.name);
  if (names.empty()) return mcu::Error{mcu::Errc::unsupported, "this board has no fan"};
  return mcu::Error{mcu::Errc::invalid_argument, "name the fan: " + join(names)};
}

/// What nas-fand would do with this board and this configuration.
struct Setting {
  fc::Plan plan;
  fc::Limits limits;
};

Result<Setting> make_setting(const CommonOptions& options, const std::string& name) {
  const ConfigFile file = load_config(options.config, options.root);
  for (const mcu::Diagnostic& one : file.diagnostics)
    if (one.severity == mcu::Diagnostic::Severity::error)
      return mcu::Error{mcu::Errc::invalid_argument, mcu::to_string(one)};
  const auto board = find_board(options);
  if (!board) return board.error();
  const fc::Inventory inventory = fc::inventory_of(*board);
  const auto fan = choose_fan(inventory.fans, name);
  if (!fan) return fan.error();
  Setting setting{fc::make_plan(file.config, *fan, inventory.sensors), {}};
  for (const mcu::SensorSpec& sensor : board->sensors)
    if (sensor.max) setting.limits[sensor.name] = *sensor.max;
  return setting;
}

/// "1 h 30 min", "45 s".
std::string span_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 2 * 3600) return fmt::format("{} min", whole / 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string limits_text(const fc::Limits& limits) {
  std::vector<std::string> words;
  for (const auto& [sensor, max] : limits)
    words.push_back(sensor + " " + number_text(max.value) + " °C");
  return words.empty() ? "the board names none" : join(words);
}

std::string report(const Setting& setting, const fc::Summary& sum) {
  const fc::Plan& plan = setting.plan;
  std::string text =
      fmt::format("{} by {} on {}, every {} s for {}\n", plan.fan.name, fc::rule_words(plan),
                  fc::sensor_words(plan), plan.poll.count(), span_text(sum.seconds));
  text += fmt::format("{:.1f} speed changes an hour ({} in all)\n", sum.changes_per_hour(),
                      sum.changes);
  text += fmt::format("{:.0f} s at or above the limit ({})\n", sum.above_limit,
                      limits_text(setting.limits));
  text += fmt::format("{:.1f} % mean duty, {} to {} %\n", sum.mean_duty,
                      number_text(sum.lowest.percent), number_text(sum.highest.percent));
  if (sum.failsafe > 0) text += fmt::format("{:.0f} s in failsafe\n", sum.failsafe);
  if (!sum.missing.empty()) text += "not in the trace, left out: " + join(sum.missing) + "\n";
  if (!sum.unused.empty()) text += "not followed by this fan: " + join(sum.unused) + "\n";
  return text;
}

Json fields(const Setting& setting, const fc::Summary& sum, const std::string& file) {
  Json limits = Json::object();
  for (const auto& [sensor, max] : setting.limits) limits[sensor] = max.value;
  return {{"fan", setting.plan.fan.name},
          {"trace", file},
          {"rule", fc::rule_words(setting.plan)},
          {"poll_seconds", setting.plan.poll.count()},
          {"seconds", sum.seconds},
          {"changes", sum.changes},
          {"changes_per_hour", sum.changes_per_hour()},
          {"seconds_above_limit", sum.above_limit},
          {"limits", limits},
          {"mean_duty", sum.mean_duty},
          {"lowest_duty", sum.lowest.percent},
          {"highest_duty", sum.highest.percent},
          {"failsafe_seconds", sum.failsafe},
          {"missing", sum.missing},
          {"unused", sum.unused}};
}

} // namespace

bool fan_simulates(std::span<const std::string> arguments) {
  const auto first_two = arguments.first(std::min<std::size_t>(arguments.size(), 2));
  return std::find(first_two.begin(), first_two.end(), "simulate") != first_two.end();
}

Outcome simulate_fan(const Session& session, const Arguments& arguments) {
  const bool named = arguments[0] != "simulate";
  if (arguments.size() != (named ? 3U : 2U)) return usage("usage: fan [NAME] simulate TRACE");
  const std::string& file = arguments.back();
  const auto setting = make_setting(session.options, named ? arguments[0] : "");
  if (!setting) return fail(setting.error());
  const auto trace = read_trace(file);
  if (!trace) return fail(trace.error());
  const auto sum = fc::simulate(setting->plan, *trace, setting->limits);
  if (!sum) return fail({sum.error().code, file + ": " + sum.error().what});
  return say(session, report(*setting, *sum), fields(*setting, *sum, file));
}

} // namespace nasmcu
