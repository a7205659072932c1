// SPDX-License-Identifier: MIT
#include <fancontrol/trace.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <set>
#include <sstream>

namespace nasmcu::fancontrol {
namespace {

mcu::Error bad(const std::string& word, const std::string& allowed) {
  return {mcu::Errc::invalid_argument, mcu::in_quotes(word) + ": " + allowed};
}

mcu::Result<mcu::Result<mcu::Celsius>> parse_value(const std::string& word) {
  using Value = mcu::Result<mcu::Celsius>;
  if (word == "asleep") return Value{mcu::Error{mcu::Errc::asleep, "asleep in the trace"}};
  if (word == "failed") return Value{mcu::Error{mcu::Errc::failed, "failed in the trace"}};
  if (word == "absent") return Value{mcu::Error{mcu::Errc::unsupported, "absent in the trace"}};
  const auto celsius = mcu::parse_decimal(word);
  if (!celsius || *celsius < -40 || *celsius > 150)
    return bad(word, "-40 to 150 degrees are allowed, or asleep, failed, absent");
  return Value{mcu::Celsius{*celsius}};
}

/// "SENSOR=VALUE", or "VALUE" alone.
mcu::Status add_word(Trace& trace, std::set<std::string>& seen, double at,
                     const std::string& word) {
  const auto equals = word.find('=');
  const bool named = equals != std::string::npos;
  const std::string sensor = named ? mcu::lower(word.substr(0, equals)) : "";
  if (named && !mcu::is_device_name(sensor))
    return bad(word, "a sensor's name is 1 to 32 of a-z, 0-9 and -");
  const auto value = parse_value(named ? word.substr(equals + 1) : word);
  if (!value) return value.error();
  if (!seen.insert(sensor).second)
    return bad(word, named ? "this sensor stands in the line already" : "write SENSOR=DEGREES");
  trace.sensors[sensor].push_back({at, *value});
  return {};
}

mcu::Status add_line(Trace& trace, const std::vector<std::string>& words, bool first) {
  const auto at = mcu::parse_decimal(words[0]);
  if (!at || *at < 0 || *at > longest_trace)
    return bad(words[0], "a line begins with its seconds, 0 to 31 days");
  if (!first && *at <= trace.end) return bad(words[0], "the seconds must rise from line to line");
  if (words.size() < 2) return bad(words[0], "DEGREES or SENSOR=DEGREES is missing");
  std::set<std::string> seen;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (const auto added = add_word(trace, seen, *at, words[i]); !added) return added.error();
  if (first) trace.begin = *at;
  trace.end = *at;
  return {};
}

} // namespace

mcu::Result<Trace> parse_trace(const std::string& file, const std::string& text) {
  Trace trace;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto words = mcu::split_words(mcu::trim(line.substr(0, line.find('#'))));
    if (words.empty()) continue;
    const auto added = add_line(trace, words, trace.sensors.empty());
    if (!added)
      return mcu::Error{added.error().code,
                        file + ":" + std::to_string(number) + ": " + added.error().what};
  }
  if (trace.sensors.empty())
    return mcu::Error{mcu::Errc::invalid_argument, file + ": no line with SECONDS DEGREES in it"};
  return trace;
}

Reading reading_at(const Trace& trace, const std::string& sensor, double second) {
  const auto found = trace.sensors.find(sensor);
  if (found == trace.sensors.end())
    return {sensor, mcu::Error{mcu::Errc::unsupported, "not in the trace"}};
  const auto& samples = found->second;
  const auto after =
      std::upper_bound(samples.begin(), samples.end(), second,
                       [](double at, const Sample& sample) { return at < sample.at; });
  if (after == samples.begin()) return {sensor, samples.front().value};
  const Sample& before = *(after - 1);
  if (after == samples.end() || !before.value || !after->value) return {sensor, before.value};
  const double share = (second - before.at) / (after->at - before.at);
  const double rise = after->value->value - before.value->value;
  return {sensor, mcu::Celsius{before.value->value + share * rise}};
}

} // namespace nasmcu::fancontrol
