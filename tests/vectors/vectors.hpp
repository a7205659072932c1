// SPDX-License-Identifier: MIT
// Reads the exchanges of tests/vectors (format: README.md there). Header-only, for the codec's test
// and the simulator's alike.
#pragma once

#include <libmcu/model/command.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace mcu::vectors {

/// Bytes that arrive together.
struct Chunk {
  std::chrono::milliseconds after{0}; ///< silence before them
  bool new_frame = false;             ///< begins a frame; false: a further part of the one before
  Bytes bytes;
};

/// What the host makes of an exchange: exactly one of the three.
struct Outcome {
  std::optional<Reply> reply;
  std::optional<Error> error; ///< `what` is a part of the text, maybe empty
  bool nothing = false;       ///< unasked bytes, all dropped
};

struct Exchange {
  std::string where; ///< "leds.txt:12"
  std::string protocol;
  std::string id;
  std::string title;
  std::vector<std::string> state;         ///< control words for the simulator, in order
  std::optional<std::string> unsimulated; ///< why no simulator state gives this
  std::optional<Command> command;         ///< nothing: `raw`, or unasked bytes
  Bytes request;
  std::vector<Chunk> reply;
  Outcome outcome;
  bool request_damaged = false;
  std::optional<Errc> host_refuses;

  /// All bytes of the reply in one row.
  Bytes reply_bytes() const {
    Bytes all;
    for (const Chunk& chunk : reply) all.insert(all.end(), chunk.bytes.begin(), chunk.bytes.end());
    return all;
  }
};

namespace detail {

/// The words of one line, taken one by one; what is missing or wrong throws with file and line.
class Words {
public:
  Words(const std::string& text, std::string where) : stream_(text), where_(std::move(where)) {}

  std::string next() {
    std::string word;
    if (!(stream_ >> word)) fail("a word is missing");
    return word;
  }
  std::optional<std::string> maybe() {
    std::string word;
    if (stream_ >> word) return word;
    return std::nullopt;
  }
  std::string rest() {
    std::string text;
    std::getline(stream_ >> std::ws, text);
    return text;
  }
  int number(int base = 10) {
    const std::string word = next();
    std::size_t used = 0;
    int value = 0;
    try {
      value = std::stoi(word, &used, base);
    } catch (const std::exception&) {
      used = 0;
    }
    if (used != word.size()) fail("'" + word + "' is not a number");
    return value;
  }
  bool on_off() {
    const std::string word = next();
    if (word != "on" && word != "off") fail("on or off wanted, not '" + word + "'");
    return word == "on";
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(where_ + ": " + why);
  }

private:
  std::istringstream stream_;
  std::string where_;
};

inline Bytes hex(Words& words) {
  Bytes bytes;
  while (const auto word = words.maybe()) {
    char* end = nullptr;
    const unsigned long value = std::strtoul(word->c_str(), &end, 16);
    if (word->size() != 2 || *end != '\0') words.fail("'" + *word + "' is not a byte");
    bytes.push_back(static_cast<std::uint8_t>(value));
  }
  return bytes;
}

inline Duty duty(Words& words) {
  const std::string text = words.next();
  const auto slash = text.find('/');
  const double value = std::strtod(text.c_str(), nullptr);
  if (slash == std::string::npos) return Duty{value};
  return Duty{value * 100 / std::strtod(text.c_str() + slash + 1, nullptr)};
}

inline LedState led_state(Words& words, const std::string& word) {
  const auto state = led_state_from_name(word);
  if (!state.ok()) words.fail(state.error().what);
  return *state;
}

inline CivilTime civil(Words& words) {
  CivilTime t;
  char dash = 0;
  std::istringstream date(words.next());
  std::istringstream clock(words.next());
  date >> t.year >> dash >> t.month >> dash >> t.day;
  clock >> t.hour >> dash >> t.minute >> dash >> t.second;
  if (!date || !clock) words.fail("a time is written YYYY-MM-DD HH:MM:SS");
  return t;
}

inline AlarmField alarm_field(Words& words) {
  const std::string word = words.next();
  if (word == "month") return AlarmField::month;
  if (word == "day") return AlarmField::day;
  if (word == "hour") return AlarmField::hour;
  if (word == "minute") return AlarmField::minute;
  if (word == "second") return AlarmField::second;
  words.fail("'" + word + "' is no alarm field");
}

inline cmd::SetLed set_led(Words& words) {
  cmd::SetLed command;
  command.led = words.next();
  command.state = led_state(words, words.next());
  if (const auto partner = words.maybe()) command.partner = led_state(words, *partner);
  return command;
}

inline cmd::PowerOff power_off(Words& words) {
  cmd::PowerOff command;
  if (const auto seconds = words.maybe()) {
    command.delay = std::chrono::seconds(std::stoi(*seconds));
    command.coding = words.next() == "bcd" ? DelayCoding::bcd : DelayCoding::binary;
  }
  return command;
}

inline cmd::SetAlarm set_alarm(Words& words) {
  const AlarmField field = alarm_field(words);
  return {field, words.number()};
}

inline cmd::ReadEeprom read_eeprom(Words& words) {
  const int offset = words.number(16);
  return {static_cast<std::uint8_t>(offset), static_cast<std::uint8_t>(words.number())};
}

inline std::optional<Command> command(Words& words) {
  const std::string verb = words.next();
  if (verb == "raw") return std::nullopt;
  if (verb == "identify") return cmd::Identify{};
  if (verb == "ready") return cmd::Ready{};
  if (verb == "read-temperature") return cmd::ReadTemperature{};
  if (verb == "read-fan-speed") return cmd::ReadFanSpeed{};
  if (verb == "read-fan-duty") return cmd::ReadFanDuty{};
  if (verb == "set-fan-duty") return cmd::SetFanDuty{duty(words)};
  if (verb == "set-led") return set_led(words);
  if (verb == "beep")
    return cmd::Beep{words.next() == "long" ? BeepLength::extended : BeepLength::brief};
  if (verb == "read-button") return cmd::ReadButton{words.next()};
  if (verb == "read-clock") return cmd::ReadClock{};
  if (verb == "set-clock") return cmd::SetClock{civil(words)};
  if (verb == "read-alarm") return cmd::ReadAlarm{alarm_field(words)};
  if (verb == "set-alarm") return set_alarm(words);
  if (verb == "enable-alarm") return cmd::EnableAlarm{words.on_off()};
  if (verb == "read-alarm-flag") return cmd::ReadAlarmFlag{};
  if (verb == "set-power-recovery") return cmd::SetPowerRecovery{words.on_off()};
  if (verb == "read-power-recovery") return cmd::ReadPowerRecovery{};
  if (verb == "set-wol") return cmd::SetWakeOnLan{words.on_off()};
  if (verb == "read-wol") return cmd::ReadWakeOnLan{};
  if (verb == "read-eeprom") return read_eeprom(words);
  if (verb == "power-off") return power_off(words);
  words.fail("'" + verb + "' is no command");
}

inline Errc error_code(Words& words) {
  const std::string word = words.next();
  if (word == "timeout") return Errc::timeout;
  if (word == "protocol") return Errc::protocol;
  if (word == "unsupported") return Errc::unsupported;
  if (word == "invalid_argument") return Errc::invalid_argument;
  words.fail("'" + word + "' is no error that a codec gives");
}

inline LedShown led_shown(Words& words) {
  LedShown shown;
  shown.state = led_state(words, words.next());
  if (const auto partner = words.maybe()) shown.partner = led_state(words, *partner);
  return shown;
}

inline Outcome outcome(Words& words) {
  const std::string kind = words.next();
  if (kind == "nothing") return {{}, {}, true};
  if (kind == "error") {
    const Errc code = error_code(words);
    return {{}, Error{code, words.rest()}, false};
  }
  if (kind == "done") return {Reply(Done{}), {}, false};
  if (kind == "celsius") return {Reply(Celsius{double(words.number())}), {}, false};
  if (kind == "rpm") return {Reply(Rpm{unsigned(words.number())}), {}, false};
  if (kind == "duty") return {Reply(duty(words)), {}, false};
  if (kind == "identity") return {Reply(Identity{words.rest()}), {}, false};
  if (kind == "pressed") return {Reply(Pressed{words.next() == "yes"}), {}, false};
  if (kind == "number") return {Reply(Number{words.number()}), {}, false};
  if (kind == "led") return {Reply(led_shown(words)), {}, false};
  if (kind == "clock") return {Reply(civil(words)), {}, false};
  if (kind == "bytes") return {Reply(hex(words)), {}, false};
  words.fail("'" + kind + "' is no outcome");
}

inline void add_reply(Exchange& exchange, Words& words, std::chrono::milliseconds& silence) {
  Chunk chunk;
  chunk.after = silence;
  chunk.new_frame = true;
  silence = std::chrono::milliseconds(0);
  const auto finish = [&](bool next_is_frame) {
    exchange.reply.push_back(chunk);
    chunk = Chunk{{}, next_is_frame, {}};
  };
  while (const auto word = words.maybe()) {
    if (*word == "/" || *word == ";") {
      finish(*word == ";");
      continue;
    }
    Words byte(*word, exchange.where);
    chunk.bytes.push_back(hex(byte).front());
  }
  finish(false);
}

inline void add_remark(Exchange& exchange, Words& words, std::chrono::milliseconds& silence) {
  const std::string word = words.next();
  if (word == "silence") silence = std::chrono::milliseconds(std::atoi(words.next().c_str()));
  if (word == "request-damaged") exchange.request_damaged = true;
  if (word == "host-refuses") exchange.host_refuses = error_code(words);
}

inline void add_state(Exchange& exchange, Words& words) {
  const std::string text = words.rest();
  if (text.rfind("none", 0) == 0)
    exchange.unsimulated = text.substr(std::min<std::size_t>(5, text.size()));
  else
    exchange.state.push_back(text);
}

inline void add_line(Exchange& exchange, const std::string& line,
                     std::chrono::milliseconds& silence) {
  Words words(line.substr(1), exchange.where);
  switch (line.front()) {
  case '@': add_state(exchange, words); break;
  case '?': exchange.command = command(words); break;
  case '>': exchange.request = hex(words); break;
  case '<': add_reply(exchange, words, silence); break;
  case '=': exchange.outcome = outcome(words); break;
  case '!': add_remark(exchange, words, silence); break;
  default: words.fail("a line begins with one of @ ? > < = ! #");
  }
}

} // namespace detail

/// All exchanges of one file, in order. Throws std::runtime_error with file and line.
inline std::vector<Exchange> load_file(const std::filesystem::path& path) {
  std::vector<Exchange> all;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::string protocol;
  std::string line;
  bool inside = false;
  std::chrono::milliseconds silence{0};
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string where = path.filename().string() + ":" + std::to_string(number);
    if (!line.empty() && line.front() == '#') continue;
    if (line.empty()) {
      inside = false;
    } else if (line.rfind("protocol ", 0) == 0) {
      protocol = line.substr(9);
    } else if (!inside) {
      const auto space = line.find(' ');
      if (space == std::string::npos || protocol.empty())
        throw std::runtime_error(where + ": an exchange begins with its id and title");
      inside = true;
      silence = std::chrono::milliseconds(0);
      Exchange exchange;
      exchange.protocol = protocol;
      exchange.id = line.substr(0, space);
      exchange.title = line.substr(space + 1);
      exchange.where = where;
      all.push_back(exchange);
    } else {
      all.back().where = where;
      detail::add_line(all.back(), line, silence);
    }
  }
  return all;
}

/// Every exchange below tests/vectors, files in the order of their names.
inline std::vector<Exchange> load_all(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".txt" && entry.path().parent_path().filename() != "traces")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Exchange> all;
  for (const auto& path : files)
    for (auto& exchange : load_file(path)) all.push_back(std::move(exchange));
  return all;
}

} // namespace mcu::vectors
