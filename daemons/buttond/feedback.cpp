// SPDX-License-Identifier: MIT
#include <buttond/feedback.hpp>

#include <bus/objects.hpp>

#include <utility>

namespace nasmcu::buttond {
namespace {

constexpr std::chrono::milliseconds patience{2000};
/// Long enough to be seen by who looks at the button.
constexpr std::chrono::milliseconds blink_time{1500};

Target led_object(const std::string& led) {
  return {mcud_name, object_path("led", led), "io.nasmcu1.Led"};
}

} // namespace

Task<void> Feedback::give() {
  if (std::exchange(busy_, true)) co_return;
  const Target buzzer(mcud_name, object_path("buzzer", ""), "io.nasmcu1.Buzzer");
  const std::string length = "short";
  const auto beeped = co_await bus_.call<>(buzzer, "Beep", patience, length);
  if (!beeped) {
    // Nobody may have told the power LED anything: it is on while the box is.
    const std::string power = "power";
    const std::string on = "on";
    const bool blinked = co_await blink(power, on);
    const std::string status = "status";
    const std::string unknown;
    if (!blinked) {
      const bool ignored = co_await blink(status, unknown);
      (void)ignored;
    }
  }
  busy_ = false;
}

/// Empty: unknown, or no such LED.
Task<std::string> Feedback::state_of(std::string led, std::chrono::milliseconds timeout) {
  const Target properties(mcud_name, object_path("led", led), "org.freedesktop.DBus.Properties");
  const std::string interface = "io.nasmcu1.Led";
  const std::string name = "State";
  const auto got = co_await bus_.call<sdbus::Variant>(properties, "Get", timeout, interface, name);
  if (!got) co_return std::string();
  try {
    co_return std::get<0>(*got).get<std::string>();
  } catch (const sdbus::Error&) {
    co_return std::string();
  }
}

/// False where that LED cannot. A LED that nobody has set is left alone, unless it has a usual
/// state.
Task<bool> Feedback::blink(std::string led, std::string usual) {
  std::string before = co_await state_of(led, patience);
  if (before.empty()) before = usual;
  if (before.empty()) co_return false;
  const std::string fast = "blink-fast";
  const Target object = led_object(led);
  const auto real = co_await bus_.call<std::string>(object, "Set", patience, fast);
  if (!real) co_return false;
  blinking_ = Blinking{led, before, std::get<0>(*real)};
  timer_.expires_after(blink_time);
  co_await mcu::expired(timer_);
  co_await restore(patience);
  co_return true;
}

Task<void> Feedback::restore(std::chrono::milliseconds timeout) {
  if (!blinking_) co_return;
  const Blinking was = *std::exchange(blinking_, std::nullopt);
  const std::string now = co_await state_of(was.led, timeout);
  // nas-alertd has another wish by now, or blinking is what it wishes.
  if (now != was.real || now == was.before) co_return;
  const Target object = led_object(was.led);
  const auto ignored = co_await bus_.call<std::string>(object, "Set", timeout, was.before);
  (void)ignored;
}

} // namespace nasmcu::buttond
