// SPDX-License-Identifier: MIT
// [Button NAME]: what is allowed, what is complained about, and what is done without it.
#include <catch.hpp>

#include <buttond/button_config.hpp>

using namespace nasmcu::buttond;
using namespace std::chrono_literals;

namespace {

ConfigFile load(const std::string& text) {
  return make_button_config({mcu::parse_ini("n.conf", text)});
}

std::string all_text(const ConfigFile& file) {
  std::string text;
  for (const auto& one : file.diagnostics) text += mcu::to_string(one) + "\n";
  return text;
}

ButtonFacts button(const std::string& name, const std::string& key = "") {
  ButtonFacts facts;
  facts.name = name;
  facts.key = key;
  return facts;
}

} // namespace

TEST_CASE("a section with everything in it") {
  const auto file = load("[Button Copy]\nPress = run /usr/local/bin/copy --all\n"
                         "longpress = unit backup@usb.service\nHold = 3.5\nDebounce_ms = 20\n"
                         "Feedback = no\nTimeout = 600\nOn = mute 15m\nOff = identify 2 off\n"
                         "AtStart = yes\n");
  INFO(all_text(file));
  REQUIRE(file.diagnostics.empty());
  const Rules rules = make_rules(file.config, button("copy"));
  CHECK(to_text(rules.press) == "run /usr/local/bin/copy --all");
  CHECK(to_text(rules.long_press) == "unit backup@usb.service");
  CHECK(to_text(rules.on) == "mute 900s");
  CHECK(to_text(rules.off) == "identify 2 off");
  CHECK(rules.timing.hold == 3500ms);
  CHECK(rules.timing.debounce == 20ms);
  CHECK(rules.timing.at_start);
  CHECK_FALSE(rules.feedback);
  CHECK(rules.limit == 600s);
}

TEST_CASE("each bad value is an error with its place and what is allowed") {
  struct Row {
    std::string line, complaint;
  };
  const std::vector<Row> rows = {
      {"Press = explode", "n.conf:2: error: Press = 'explode': allowed are poweroff"},
      {"Press =", "n.conf:2: error: Press = '': allowed are"},
      {"LongPress = poweroff now", "poweroff takes no argument"},
      {"Press = run copy", "that begins with /"},
      {"Press = run /bin/a | /bin/b", "no shell reads it"},
      {"Press = unit ../../bad", "the name of one unit"},
      {"Press = unit -x.service", "the name of one unit"},
      {"Press = unit a.service b.service", "the name of one unit"},
      {"Press = mute 8d", "mute takes a time"},
      {"Press = mute 0", "mute takes a time"},
      {"Press = mute 99999999999999h", "mute takes a time"},
      {"Press = beep loud", "beep takes short or long"},
      {"Press = identify", "identify needs a bay"},
      {"Hold = 0.1", "a number from 0.5 to 30 is allowed"},
      {"Debounce_ms = 5", "from 10 to 1000"},
      {"AtStart = maybe", "AtStart = 'maybe'"},
      {"Timeout = 0", "from 1 to 3600"},
  };
  for (const Row& row : rows) {
    const auto file = load("[Button power]\n" + row.line + "\n");
    INFO(row.line << "\n" << all_text(file));
    CHECK(mcu::has_errors(file.diagnostics));
    CHECK(all_text(file).find(row.complaint) != std::string::npos);
    CHECK(make_rules(file.config, button("power")).press.kind == Action::Kind::none);
  }
  CHECK(all_text(load("[Button po.wer]\n")).find("1 to 32") != std::string::npos);
  CHECK(all_text(load("[Button]\n")).find("a button's name is needed") != std::string::npos);
  const auto unknown = load("[Button power]\nDoublePress = reboot\n");
  CHECK_FALSE(mcu::has_errors(unknown.diagnostics));
  CHECK(all_text(unknown).find("DoublePress") != std::string::npos);
}

TEST_CASE("without a section only a power button that is held does something") {
  const Config empty;
  CHECK(to_text(make_rules(empty, button("power")).long_press) == "poweroff");
  CHECK(to_text(make_rules(empty, button("power")).press) == "none");
  for (const char* name : {"copy", "reset", "function", "power2"})
    CHECK_FALSE(make_rules(empty, button(name)).does_something());
  ButtonFacts slide = button("power", "KEY_POWER");
  slide.is_switch = true;
  CHECK(to_text(make_rules(empty, slide).off) == "poweroff");
  CHECK(to_text(make_rules(empty, slide).on) == "none");
}

TEST_CASE("later files win key by key") {
  const auto file =
      make_button_config({mcu::parse_ini("a.conf", "[Button copy]\nPress = beep\nHold = 4\n"),
                          mcu::parse_ini("b.conf", "[Button copy]\nPress = reboot\n")});
  const Rules rules = make_rules(file.config, button("copy"));
  CHECK(to_text(rules.press) == "reboot");
  CHECK(rules.timing.hold == 4s);
}

TEST_CASE("what a button cannot have is complained about") {
  ButtonFacts slide = button("power");
  slide.is_switch = true;
  ButtonFacts late = button("late");
  late.held = 5s;
  const std::vector<ButtonFacts> all = {slide, button("copy"), late};
  const auto lines = [&](const std::string& text) {
    std::string joined;
    for (const auto& line : complaints(load(text).config, all)) joined += line + "\n";
    return joined;
  };
  CHECK(lines("[Button power]\nOff = poweroff\n[Button copy]\nPress = beep\n").empty());
  CHECK(lines("[Button power]\nPress = beep\n").find("it is a switch") != std::string::npos);
  CHECK(lines("[Button copy]\nOn = beep\n").find("it is no switch") != std::string::npos);
  CHECK(lines("[Button wifi]\nPress = beep\n").find("no such button") != std::string::npos);
  CHECK(lines("[Button late]\nPress = beep\n").find("never happens") != std::string::npos);
}

TEST_CASE("logind leaves the keys to us that do something here, and no others") {
  const Config usual;
  const auto keys = [](const Config& config, std::vector<ButtonFacts> all) {
    return keys_to_inhibit(config, all);
  };
  const ButtonFacts power = button("power", "KEY_POWER"), reset = button("reset", "KEY_RESTART");
  CHECK(keys(usual, {power, reset}) == "handle-power-key");
  CHECK(keys(usual, {button("power")}) == "handle-power-key"); // polled: perhaps a key as well
  CHECK(keys(usual, {button("copy", "KEY_COPY")}).empty());
  CHECK(keys(load("[Button reset]\nPress = reboot\n").config, {power, reset}) ==
        "handle-power-key:handle-reboot-key");
  CHECK(keys(load("[Button power]\nLongPress = none\n").config, {power, reset}).empty());
  ButtonFacts gone = power;
  gone.present = false;
  CHECK(keys(usual, {gone}).empty());
}
