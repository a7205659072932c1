// SPDX-License-Identifier: MIT
// A fake input device: a Unix stream socket ROOT/dev/input/eventN. Text, a line each. A CODE is a
// name (KEY_POWER) or a type and a number (SW:116).
//
//   device: input NAME         greeting
//           has CODE 0|1       for each code, with its state
//           ready
//   device: CODE 0|1           an event
//   we:     CODE VALUE         a sound
#include <libmcu/kernel/input_fake.hpp>

#include <libmcu/kernel/fake_socket.hpp>
#include <libmcu/kernel/files.hpp>
#include <libmcu/model/text.hpp>

#include <libevdev/libevdev.h>

#include <array>
#include <cerrno>
#include <utility>

namespace mcu {
namespace {

constexpr std::array<std::pair<std::string_view, unsigned>, 3> types = {
    {{"KEY", EV_KEY}, {"SW", EV_SW}, {"SND", EV_SND}}};

Result<InputCode> code_from(std::string_view word) {
  for (const auto& [prefix, type] : types)
    if (word.starts_with(prefix) && word.substr(prefix.size()).starts_with(':'))
      if (const auto number = parse_integer(word.substr(prefix.size() + 1)); number && *number >= 0)
        return InputCode{type, static_cast<unsigned>(*number)};
  return input_code(word, false);
}

std::string word_for(InputCode code) {
  if (const char* name = libevdev_event_code_get_name(code.type, code.code)) return name;
  for (const auto& [prefix, type] : types)
    if (type == code.type) return std::string(prefix) + ":" + std::to_string(code.code);
  return {};
}

struct CodeState {
  InputCode code;
  int value = 0;
};

/// "KEY_POWER 1".
Result<CodeState> code_state(std::string_view line) {
  const auto words = split_words(line);
  const auto value = words.size() == 2 ? parse_integer(words[1]) : std::nullopt;
  if (!value) return Error{Errc::protocol, in_quotes(line) + " in place of " + in_quotes("CODE 1")};
  const auto code = code_from(words[0]);
  if (!code) return code.error();
  return CodeState{*code, static_cast<int>(*value)};
}

class FakeInput final : public InputDevice {
public:
  FakeInput(std::string path, FakeSocket device, std::vector<CodeState> codes)
      : path_(std::move(path)), device_(std::move(device)), codes_(std::move(codes)) {}

  int fd() const override { return device_.fd(); }
  bool has(InputCode code) const override { return find(code) != nullptr; }

  Result<int> state(InputCode code) override {
    const CodeState* found = find(code);
    if (found == nullptr) return Error{Errc::unsupported, path_ + " has no such key or switch"};
    return found->value;
  }

  Result<std::vector<InputEvent>> events() override {
    const auto lines = device_.lines();
    if (!lines) return os_error(path_, "hung up", ENODEV);
    std::vector<InputEvent> all;
    for (const std::string& line : *lines) {
      const auto event = code_state(line);
      if (!event) continue;
      for (CodeState& one : codes_)
        if (one.code == event->code) one.value = event->value;
      all.push_back({event->code, event->value, std::chrono::steady_clock::now()});
    }
    return all;
  }

  Status sound(InputCode code, int value) override {
    return device_.send(word_for(code) + " " + std::to_string(value));
  }

private:
  const CodeState* find(InputCode code) const {
    for (const CodeState& one : codes_)
      if (one.code == code) return &one;
    return nullptr;
  }

  std::string path_;
  FakeSocket device_;
  std::vector<CodeState> codes_;
};

} // namespace

Result<std::unique_ptr<InputDevice>> open_fake_input(const std::string& path) {
  auto device = FakeSocket::connect(path);
  if (!device) return device.error();
  std::vector<CodeState> codes;
  for (bool greeted = false;; greeted = true) {
    const auto line = device->line();
    if (!line) return line.error();
    if (!greeted && !line->starts_with("input "))
      return Error{Errc::protocol, path + " says " + in_quotes(*line) + " in place of its name"};
    if (*line == "ready") break;
    if (!line->starts_with("has ")) continue;
    const auto code = code_state(line->substr(4));
    if (!code) return Error{Errc::protocol, path + ": " + code.error().what};
    codes.push_back(*code);
  }
  return std::unique_ptr<InputDevice>(
      std::make_unique<FakeInput>(path, std::move(device).value(), std::move(codes)));
}

} // namespace mcu
