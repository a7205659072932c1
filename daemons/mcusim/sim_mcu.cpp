// SPDX-License-Identifier: MIT
#include <mcusim/sim_mcu.hpp>

#include <libmcu/model/text.hpp>

#include <nlohmann/json.hpp>

#include <cmath>

namespace mcusim {

using mcu::Done;
using mcu::Status;

SimMcu::SimMcu(const McuOptions& options, Time start)
    : thermal_(options.ambient, options.heat), random_(options.seed), last_(start) {
  add_common_settings();
}

void SimMcu::advance(Time now) {
  if (now > last_) {
    const double elapsed = std::chrono::duration<double>(now - last_).count();
    thermal_.advance(elapsed, airflow(now));
    last_ = now;
  }
  elapse(now);
}

bool SimMcu::powered(Time now) {
  advance(now);
  return powered_;
}

std::vector<Reply> SimMcu::receive(mcu::ByteView bytes, Time now) {
  advance(now);
  if (!powered_) return {};
  bytes_ += bytes.size();
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return cut_frames(now);
}

std::vector<Reply> SimMcu::cut_frames(Time now) {
  std::vector<Reply> replies;
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const mcu::ByteView rest = mcu::ByteView(buffer_).subspan(done);
    const Cut piece = cut(rest);
    if (piece.kind == Cut::Kind::need_more) break;
    if (piece.kind == Cut::Kind::noise) noise_ += piece.size;
    if (piece.kind == Cut::Kind::broken) ++broken_;
    if (piece.kind == Cut::Kind::frame) {
      Reply reply = handle(rest.first(piece.size), now);
      if (!reply.empty()) replies.push_back(std::move(reply));
    }
    done += piece.size;
  }
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(done));
  return replies;
}

std::vector<Reply> SimMcu::idle(Time now) {
  advance(now);
  if (buffer_.empty()) return {};
  ++partial_;
  const mcu::Bytes rest = std::exchange(buffer_, {});
  Reply reply = powered_ ? expire(rest) : Reply{};
  if (reply.empty()) return {};
  return {std::move(reply)};
}

void SimMcu::count(std::string_view command, bool good) {
  Tally& tally = commands_[command];
  ++(good ? tally.good : tally.bad);
}

std::optional<Duration> SimMcu::held(Time now) const {
  if (now < pressed_from_ || now >= pressed_until_) return std::nullopt;
  return now - pressed_from_;
}

nlohmann::json SimMcu::state(Time now) {
  advance(now);
  nlohmann::json by_command = nlohmann::json::object();
  std::uint64_t good = 0;
  std::uint64_t bad = broken_;
  for (const auto& [command, tally] : commands_) {
    by_command[std::string(command)] = {{"good", tally.good}, {"bad", tally.bad}};
    good += tally.good;
    bad += tally.bad;
  }
  nlohmann::json state = {
      {"protocol", protocol()},
      {"temperature", std::round(thermal_.celsius() * 100) / 100},
      {"temperature_set", thermal_.pinned() || fixed_raw_.has_value()},
      {"ambient", thermal_.ambient()},
      {"heat", thermal_.heat()},
      {"powered", powered_},
      {"rails", powered_},
      {"clock", nullptr},
      {"alarm", nullptr},
      {"shutdown", nullptr},
      {"beeps", {{"short", 0}, {"long", 0}}},
      {"button", {{"power", held(now).has_value()}}},
      {"counters",
       {{"bytes", bytes_},
        {"frames", good + bad},
        {"good", good},
        {"bad", bad},
        {"partial", partial_},
        {"noise_bytes", noise_},
        {"by_command", by_command}}},
  };
  describe(state, now);
  return state;
}

void SimMcu::add_setting(std::string usage, Setter setter) {
  const std::string key = usage.substr(0, usage.find(' '));
  settings_[key] = {std::move(usage), std::move(setter)};
}

void SimMcu::add_number(std::string usage, int min, int max, int& target) {
  add_setting(std::move(usage), [min, max, &target](const Words& words, Time) -> Status {
    const mcu::Result<int> value = whole_number(words[0], words[1], min, max);
    if (!value.ok()) return value.error();
    target = value.value();
    return Done{};
  });
}

void SimMcu::add_flag(std::string usage, bool& target) {
  add_setting(std::move(usage), [&target](const Words& words, Time) -> Status {
    const mcu::Result<bool> value = on_or_off(words[0], words[1]);
    if (!value.ok()) return value.error();
    target = value.value();
    return Done{};
  });
}

/// A setting that takes a number, or `auto` to let the simulation decide again.
static Status set_or_auto(std::optional<int>& target, const Words& words, int max) {
  if (words[1] == "auto") {
    target.reset();
    return Done{};
  }
  const mcu::Result<int> value = whole_number(words[0], words[1], 0, max);
  if (!value.ok()) {
    return mcu::Error{value.error().code, value.error().what + ", or auto"};
  }
  target = value.value();
  return Done{};
}

void SimMcu::add_common_settings() {
  add_setting("temp C|auto", [this](const Words& words, Time) -> Status {
    if (words[1] != "auto") {
      const mcu::Result<double> value = real_number("temp", words[1], -40, 200);
      if (!value.ok()) return mcu::Error{value.error().code, value.error().what + ", or auto"};
      thermal_.pin(value.value());
    } else {
      thermal_.release();
    }
    fixed_raw_.reset();
    return Done{};
  });
  add_setting("raw-temp N|auto",
              [this](const Words& words, Time) { return set_or_auto(fixed_raw_, words, 255); });
  add_setting("rpm N|auto",
              [this](const Words& words, Time) { return set_or_auto(rpm_, words, 30000); });
  add_setting("heat W", [this](const Words& words, Time) -> Status {
    const mcu::Result<double> value = real_number("heat", words[1], 0, 1000);
    if (value.ok()) thermal_.set_heat(value.value());
    return value.ok() ? Status() : Status(value.error());
  });
  add_setting("ambient C", [this](const Words& words, Time) -> Status {
    const mcu::Result<double> value = real_number("ambient", words[1], -40, 100);
    if (value.ok()) thermal_.set_ambient(value.value());
    return value.ok() ? Status() : Status(value.error());
  });
  add_setting("button power 0|1", [this](const Words& words, Time now) -> Status {
    if (words[1] != "power") return invalid("button", words[1], "power");
    const mcu::Result<bool> down = on_or_off("button power", words[2]);
    if (!down.ok()) return down.error();
    // Far enough in the past to have been held long enough for every MCU's debouncing.
    pressed_from_ = now - std::chrono::hours(1);
    pressed_until_ = down.value() ? Time::max() : Time{};
    return Done{};
  });
}

std::vector<std::string> SimMcu::settings() const {
  std::vector<std::string> usages;
  for (const auto& [key, setting] : settings_) usages.push_back("set " + setting.usage);
  return usages;
}

Status SimMcu::set(const Words& words, Time now) {
  advance(now);
  const auto found = words.empty() ? settings_.end() : settings_.find(words[0]);
  if (found == settings_.end()) {
    std::vector<std::string_view> keys;
    for (const auto& [key, setting] : settings_) keys.push_back(key);
    return mcu::Error{mcu::Errc::invalid_argument, "set what on this " + std::string(protocol()) +
                                                       "? allowed: " + mcu::join(keys)};
  }
  const Setting& setting = found->second;
  const bool open_ended = setting.usage.ends_with("...");
  const std::size_t wanted = mcu::split_words(setting.usage).size();
  if (open_ended ? words.size() < wanted : words.size() != wanted) {
    return mcu::Error{mcu::Errc::invalid_argument, "usage: set " + setting.usage};
  }
  return setting.apply(words, now);
}

Status SimMcu::press(const Words& words, Time now) {
  advance(now);
  if (words.size() != 2 || words[0] != "power") {
    return mcu::Error{mcu::Errc::invalid_argument, "usage: press power MS"};
  }
  const mcu::Result<int> ms = whole_number("press power", words[1], 1, 600'000);
  if (!ms.ok()) return ms.error();
  pressed_from_ = now;
  pressed_until_ = now + std::chrono::milliseconds(ms.value());
  on_press(now);
  return Done{};
}

} // namespace mcusim
