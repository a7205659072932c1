// SPDX-License-Identifier: MIT
// temp, fan, led, beep, button.
#include <verbs/groups.hpp>
#include <verbs/parse.hpp>
#include <verbs/render.hpp>

#include <fmt/format.h>

namespace nasmcu {
namespace {

/// All devices of a kind; `key` is their word in JSON.
template <class View>
Outcome show(const Session& session, const char* key, const std::vector<View>& views) {
  return say(session, text(views, session.color), {{key, json(views)}});
}

/// Keeps the first failure of a list while the rest is still told.
void note(Outcome& outcome, const std::string& name, const mcu::Error& error) {
  if (outcome.exit != exit_done) return;
  outcome.exit = exit_code(error.code);
  outcome.error = name + ": " + error.what;
}

Outcome with_failure(Outcome said, const Outcome& failure) {
  said.exit = failure.exit;
  said.error = failure.error;
  return said;
}

/// A disk at rest is not read, and that is no failure.
Outcome tell_asleep(const Session& session, const std::string& name, const std::string& reason) {
  SensorView sensor;
  sensor.name = name;
  sensor.present = sensor.asleep = true;
  sensor.reason = reason;
  return say(session, name + ": " + asleep_text(reason) + "\n",
             {{"sensors", Json::array({json(sensor)})}});
}

Task<Outcome> temp_of(Session session, std::string name) {
  Result<SensorView> sensor = co_await session.box->read_sensor(name);
  if (!sensor && sensor.error().code == mcu::Errc::asleep)
    co_return tell_asleep(session, name, sensor.error().what);
  if (!sensor) co_return fail(sensor.error());
  co_return say(session, number_text(sensor->celsius) + " °C\n",
                {{"sensors", Json::array({json(*sensor)})}});
}

Task<Outcome> button_of(Session session, std::string name) {
  Result<bool> pressed = co_await session.box->read_button(name);
  if (!pressed) co_return fail(pressed.error());
  ButtonView button;
  button.name = name;
  button.present = button.valid = true;
  button.pressed = *pressed;
  co_return say(session, *pressed ? "pressed\n" : "released\n",
                {{"buttons", Json::array({json(button)})}});
}

/// The fan that is meant when none is named: the only one.
Result<FanView> only_fan(const std::vector<FanView>& fans) {
  if (fans.size() == 1) return fans.front();
  if (fans.empty()) return mcu::Error{mcu::Errc::unsupported, "this board has no fan"};
  std::vector<std::string> names;
  for (const FanView& fan : fans) names.push_back(fan.name);
  return mcu::Error{mcu::Errc::invalid_argument, "name the fan: " + join(names)};
}

/// "NAME VALUE", "NAME" or, on a board with one fan, "VALUE".
struct FanRequest {
  std::string name; ///< empty: the only fan
  std::optional<std::string> value;
};
FanRequest fan_request(std::span<const std::string> arguments) {
  if (arguments.size() == 2) return {arguments[0], arguments[1]};
  if (is_fan_value(arguments[0])) return {"", arguments[0]};
  return {arguments[0], std::nullopt};
}

Task<Outcome> drive_fan(Session session, std::string name, std::string value) {
  if (value == "auto") {
    Result<std::string> note = co_await session.box->fan_auto(name);
    if (!note) co_return fail(note.error());
    co_return say(session, *note + "\n", {{"fan", name}, {"mode", "auto"}, {"note", *note}});
  }
  const Result<mcu::Duty> duty = parse_percent(value);
  if (!duty) co_return usage(duty.error().what + ", auto or why");
  Result<std::string> note = co_await session.box->set_fan(name, *duty);
  if (!note) co_return fail(note.error());
  co_return say(session, *note + "\n",
                {{"fan", name}, {"mode", "manual"}, {"asked", duty->percent}, {"note", *note}});
}

Outcome explain_fan(const Session& session, const FanView& fan) {
  const std::string why = !fan.present      ? "not available: " + plain_reason(fan.reason)
                          : fan.why.empty() ? "no reason is known"
                                            : fan.why;
  return say(session, why + "\n", {{"fans", Json::array({json(fan)})}, {"why", why}});
}

Task<Outcome> set_led(Session session, std::string name, std::string word) {
  const Result<mcu::LedState> wanted = mcu::led_state_from_name(word);
  if (!wanted) co_return usage(wanted.error().what);
  Result<mcu::LedState> real = co_await session.box->set_led(name, *wanted);
  if (!real) co_return fail(real.error());
  const std::string shown(mcu::name(*real));
  LedView led;
  led.name = name;
  led.present = led.valid = true;
  led.state = shown;
  const std::string text =
      *real == *wanted ? shown : shown + " (the nearest that it can do to " + word + ")";
  co_return say(session, text + "\n", {{"leds", Json::array({json(led)})}, {"asked", word}});
}

} // namespace

Task<Outcome> run_temp(Session session, Arguments arguments) {
  if (arguments.size() > 1) co_return wrong_arguments("temp");
  if (arguments.size() == 1) {
    Outcome one = co_await temp_of(session, arguments[0]);
    co_return one;
  }
  Result<Snapshot> snapshot = co_await session.box->snapshot();
  if (!snapshot) co_return fail(snapshot.error());
  Outcome failure;
  for (SensorView& sensor : snapshot->sensors) {
    if (!sensor.present) continue;
    Result<SensorView> fresh = co_await session.box->read_sensor(sensor.name);
    if (fresh) {
      sensor = *fresh;
    } else {
      sensor.valid = false;
      sensor.asleep = fresh.error().code == mcu::Errc::asleep;
      sensor.reason = fresh.error().what;
      if (!sensor.asleep) note(failure, sensor.name, fresh.error());
    }
  }
  co_return with_failure(show(session, "sensors", snapshot->sensors), failure);
}

bool fan_changes(std::span<const std::string> arguments) {
  if (arguments.empty() || arguments.size() > 2 || fan_simulates(arguments)) return false;
  const std::optional<std::string> value = fan_request(arguments).value;
  return value && *value != "why";
}

Task<Outcome> run_fan(Session session, Arguments arguments) {
  if (fan_simulates(arguments)) co_return simulate_fan(session, arguments);
  if (arguments.size() > 2) co_return wrong_arguments("fan");
  FanRequest request = arguments.empty() ? FanRequest{} : fan_request(arguments);
  const bool changes = fan_changes(arguments);
  if (changes && request.value != "auto") { // a bad value is told before anything is asked
    const Result<mcu::Duty> duty = parse_percent(*request.value);
    if (!duty) co_return usage(duty.error().what + ", auto or why");
  }
  Result<Snapshot> snapshot = co_await session.box->snapshot();
  if (!snapshot) co_return fail(snapshot.error());
  if (arguments.empty()) co_return show(session, "fans", snapshot->fans);
  const Result<FanView> fan = request.name.empty() ? only_fan(snapshot->fans)
                                                   : find_view(snapshot->fans, "fan", request.name);
  if (!fan) co_return fail(fan.error());
  if (request.value == "why") co_return explain_fan(session, *fan);
  if (!changes) co_return show(session, "fans", std::vector{*fan});
  Outcome outcome = co_await drive_fan(session, fan->name, *request.value);
  co_return outcome;
}

Task<Outcome> run_led(Session session, Arguments arguments) {
  if (arguments.size() > 2) co_return wrong_arguments("led");
  if (arguments.size() == 2) {
    Outcome outcome = co_await set_led(session, arguments[0], arguments[1]);
    co_return outcome;
  }
  Result<Snapshot> snapshot = co_await session.box->snapshot();
  if (!snapshot) co_return fail(snapshot.error());
  if (arguments.empty()) co_return show(session, "leds", snapshot->leds);
  const Result<LedView> led = find_view(snapshot->leds, "LED", arguments[0]);
  if (!led) co_return fail(led.error());
  co_return show(session, "leds", std::vector{*led});
}

Task<Outcome> run_beep(Session session, Arguments arguments) {
  if (arguments.size() > 1) co_return wrong_arguments("beep");
  const std::string word = arguments.empty() ? "short" : arguments[0];
  if (word != "short" && word != "long")
    co_return usage("'" + word + "' is not a beep: short or long");
  Status beeped = co_await session.box->beep(word == "short" ? mcu::BeepLength::brief
                                                             : mcu::BeepLength::extended);
  if (!beeped) co_return fail(beeped.error());
  co_return done(session);
}

Task<Outcome> run_button(Session session, Arguments arguments) {
  if (arguments.size() > 1) co_return wrong_arguments("button");
  if (arguments.size() == 1) {
    Outcome one = co_await button_of(session, arguments[0]);
    co_return one;
  }
  Result<Snapshot> snapshot = co_await session.box->snapshot();
  if (!snapshot) co_return fail(snapshot.error());
  Outcome failure;
  for (ButtonView& button : snapshot->buttons) {
    if (!button.present) continue;
    Result<bool> pressed = co_await session.box->read_button(button.name);
    button.valid = pressed.ok();
    button.pressed = pressed.value_or(false);
    button.reason = pressed ? "" : pressed.error().what;
    if (!pressed) note(failure, button.name, pressed.error());
  }
  co_return with_failure(show(session, "buttons", snapshot->buttons), failure);
}

} // namespace nasmcu
