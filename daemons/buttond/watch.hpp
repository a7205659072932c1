// SPDX-License-Identifier: MIT
// All buttons of the box, and whether the system is going down already: from what is heard to what
// shall be done. Pure; the shell (buttond.hpp) only carries out.
#pragma once

#include <buttond/button_config.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::buttond {

/// After waking up the press that woke the box is no gesture.
inline constexpr milliseconds wake_quiet{3000};
/// A system that has not gone down by then does not.
inline constexpr std::chrono::minutes power_patience{5};

/// What the shell shall do next, in this order.
struct Order {
  enum class What : unsigned char {
    tell, ///< words for the log
    warn,
    ask, ///< read the button now, and answer() with `question`
    act, ///< carry out
  };
  What what = What::tell;
  std::string button;
  std::string words;
  std::uint32_t question = 0;
  Gesture gesture = Gesture::press;
  Action action;
  bool operator==(const Order&) const = default;
};

class Watch {
public:
  explicit Watch(Config config) : config_(std::move(config)) {}

  /// A new configuration. What is pressed now stays pressed.
  std::vector<Order> use(Config config, Instant now);
  /// mcud is there, with these buttons.
  std::vector<Order> adopt(const std::vector<ButtonFacts>& buttons, Instant now);
  /// mcud or the bus is gone: nothing is known any more.
  std::vector<Order> lost(Instant now);
  /// A change of one; nothing: its state is not known now.
  std::vector<Order> hear(const std::string& button, std::optional<bool> pressed, Instant since,
                          Instant now);
  /// A button comes, or goes; what it is then, hear() tells.
  void note_presence(const std::string& button, bool present);
  /// The answer to an `ask`; nothing: there was none.
  std::vector<Order> answer(const std::string& button, std::uint32_t question,
                            std::optional<bool> pressed, Instant now);
  /// The time that wake() told has come.
  std::vector<Order> tick(Instant now);
  std::optional<Instant> wake() const;

  /// The system says that it is going down, or that it is not any more.
  void system_goes_down(bool going);
  /// It goes to sleep, or is back.
  std::vector<Order> sleeps(bool going, Instant now);
  /// What an `act` asked of the system was refused: it may be asked again.
  void refused() { asked_until_.reset(); }
  bool going_down(Instant now) const { return system_ || (asked_until_ && now < *asked_until_); }

  const Config& config() const { return config_; }
  std::vector<ButtonFacts> facts() const;
  /// Precondition: it is one of facts().
  Rules rules(const std::string& button) const;
  std::string_view word(const std::string& button) const;
  const State& state(const std::string& button) const { return buttons_.at(button).state; }

private:
  struct Button {
    ButtonFacts facts;
    State state;
    std::optional<Instant> wake;
  };
  void feel(Button& button, const Heard& heard, Instant now, std::vector<Order>& orders);
  void decide(const Button& button, Gesture gesture, Instant now, std::vector<Order>& orders);

  Config config_;
  std::map<std::string, Button> buttons_;
  bool system_ = false;
  std::optional<Instant> asked_until_; ///< power was asked for, and so nothing more is until then
  Instant quiet_until_;
};

} // namespace nasmcu::buttond
