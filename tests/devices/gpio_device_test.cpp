// SPDX-License-Identifier: MIT
// Buttons, LEDs and the buzzer on lines of a fake chip.
#include "line_box.hpp"

#include <kernel/fake_chip.hpp>

using namespace mcu;
using namespace std::chrono_literals;

namespace {

constexpr const char* label = "f1010100.gpio";

struct GpioBox : LineBox {
  GpioBox() { plug(); }
  void plug() { chip.emplace(tree.path("dev/gpiochip1"), label, 32); }

  std::unique_ptr<Button> button(const std::string& device = "gpio:f1010100.gpio/29,active-low") {
    return start(backend_for("gpio").button(
        context(), ButtonSpec{"power", parse_device_uri(device).value(), {}}));
  }
  std::unique_ptr<Led> led(const std::string& device) {
    return start(backend_for("gpio").led(context(),
                                         LedSpec{"usb", parse_device_uri(device).value(), {}, {}}));
  }
  std::unique_ptr<Buzzer> buzzer() {
    return start(backend_for("gpio").buzzer(
        context(), BuzzerSpec{parse_device_uri("gpio:f1010100.gpio/3").value(), {}}));
  }

  std::optional<FakeChip> chip;
};

} // namespace

TEST_CASE("a button on a line says its state and tells its edges by itself") {
  GpioBox box;
  box.chip->drive(29, true);
  const auto button = box.button();
  Told told(*button);
  CHECK(button->availability().present);
  CHECK(button->availability().reason.empty());
  CHECK_FALSE(button->polled());
  CHECK_FALSE(box.await(button->pressed()).value_or(true));

  box.chip->drive(29, false);
  REQUIRE(box.until([&] { return told.all.size() == 1; }));
  CHECK(told.all.back());
  CHECK(box.await(button->pressed()).value_or(false));
  box.turn_for(30ms); // quiet
  box.chip->drive(29, true);
  REQUIRE(box.until([&] { return told.all.size() == 2; }));
  CHECK_FALSE(told.all.back());
}

TEST_CASE("a button that bounces is told once") {
  GpioBox box;
  box.chip->drive(29, true);
  const auto button = box.button();
  Told told(*button);
  for (const bool high : {false, true, false, true, false}) box.chip->drive(29, high);
  REQUIRE(box.until([&] { return !told.all.empty(); }));
  box.turn_for(100ms);
  CHECK(told.all == std::vector<bool>{true});
}

TEST_CASE("a touch within the bouncing is released when the line is quiet") {
  GpioBox box;
  box.chip->drive(29, true);
  const auto button = box.button();
  Told told(*button);
  box.chip->drive(29, false);
  box.chip->drive(29, true);
  REQUIRE(box.until([&] { return told.all.size() == 2; }));
  CHECK(told.all == std::vector<bool>{true, false});
}

TEST_CASE("a button that is held when it is taken is no edge, its release is one") {
  GpioBox box; // low: pressed
  const auto button = box.button();
  Told told(*button);
  CHECK(box.await(button->pressed()).value_or(false));
  box.turn_for(30ms);
  CHECK(told.all.empty());
  box.chip->drive(29, true);
  REQUIRE(box.until([&] { return !told.all.empty(); }));
  CHECK(told.all == std::vector<bool>{false});
}

TEST_CASE("a button whose chip goes counts as released, and works again when it is back") {
  GpioBox box;
  box.chip->drive(29, true);
  const auto button = box.button();
  Told told(*button);
  box.chip->drive(29, false);
  REQUIRE(box.until([&] { return told.all.size() == 1; }));
  box.chip.reset();
  REQUIRE(box.until([&] { return !button->availability().present; }));
  CHECK(box.looks == 1);
  CHECK(button->availability().reason.find(label) != std::string::npos);
  CHECK(told.all == std::vector<bool>{true, false});
  CHECK(box.await(button->pressed()).error().code == Errc::unsupported);

  box.plug();
  box.chip->drive(29, true);
  button->refresh(); // as at an event of the kernel's
  CHECK(button->availability().present);
  box.chip->drive(29, false);
  REQUIRE(box.until([&] { return told.all.size() == 3; }));
  CHECK(told.all.back());
}

TEST_CASE("a chip that hangs up again and again does not keep the processor busy") {
  GpioBox box;
  box.chip->drive(29, true);
  const auto button = box.button();
  box.side->look_again = [&] {
    ++box.looks;
    button->refresh();
    box.chip->drop_clients();
  };
  box.chip->drop_clients();
  REQUIRE(box.until([&] { return box.looks > 0; }));
  const std::size_t before = box.chip->connections();
  box.turn_for(500ms);
  // Ten a second at most, two connections each.
  CHECK(box.chip->connections() - before <= 12);
  CHECK(box.until([&] { return box.chip->connections() > before; })); // it does go on
}

TEST_CASE("a button that is closed lets its line go and tells nothing") {
  GpioBox box;
  box.chip->drive(29, true);
  const auto button = box.button();
  Told told(*button);
  REQUIRE(box.chip->held(29));
  button->close();
  CHECK_FALSE(button->availability().present);
  REQUIRE(box.until([&] { return !box.chip->held(29); }));
  box.chip->drive(29, false);
  box.turn_for(50ms);
  CHECK(told.all.empty());
  CHECK(box.looks == 0);
}

TEST_CASE("a device that ends with an edge under way leaves nothing behind") {
  GpioBox box;
  box.chip->drive(29, true);
  auto button = box.button();
  Told told(*button);
  box.chip->drive(29, false);
  REQUIRE(box.until([&] { return !told.all.empty(); }));
  button.reset(); // its look at the quiet line was to come
  box.turn_for(10s);
  CHECK(box.io.stopped()); // nothing is left to wait for
}

TEST_CASE("a line that somebody else holds, or that is none, is absent with the reason") {
  GpioBox box;
  const auto first = box.button();
  const auto second = box.button();
  CHECK_FALSE(second->availability().present);
  CHECK(second->availability().reason.find("in use") != std::string::npos);
  CHECK(box.await(second->pressed()).error().code == Errc::unsupported);
  first->close();
  REQUIRE(box.until([&] {
    second->refresh();
    return second->availability().present;
  }));

  for (const char* wrong :
       {"gpio:f1010100.gpio", "gpio:f1010100.gpio/x", "gpio:f1010100.gpio/-1"}) {
    INFO(wrong);
    const auto odd = box.button(wrong);
    CHECK_FALSE(odd->availability().present);
    CHECK(odd->availability().reason.find("gpio:LABEL/14") != std::string::npos);
  }
}

TEST_CASE("a LED on a line is on or off, and on is the nearest to blinking") {
  GpioBox box;
  box.chip->drive(7, true);
  const auto led = box.led("gpio:f1010100.gpio/7");
  REQUIRE(led->availability().present);
  CHECK(box.chip->level(7)); // taking it changes nothing
  CHECK(box.chip->sets(7).empty());
  const auto shows = [&](bool high) {
    return box.until([&] { return box.chip->level(7) == high; });
  };
  CHECK(box.await(led->set(LedState::off)).value_or(LedState::on) == LedState::off);
  CHECK(shows(false));
  CHECK(box.await(led->set(LedState::blink_fast)).value_or(LedState::off) == LedState::on);
  CHECK(shows(true));
  CHECK(box.await(led->set(LedState::blink_slow)).value_or(LedState::off) == LedState::on);
}

TEST_CASE("an active-low LED is on while its line is low") {
  GpioBox box;
  box.chip->drive(7, true);
  const auto led = box.led("gpio:f1010100.gpio/7,active-low");
  CHECK(box.await(led->set(LedState::on)).ok());
  CHECK(box.until([&] { return !box.chip->level(7); }));
}

TEST_CASE("a LED whose chip went says so at the next write and at the next look") {
  GpioBox box;
  const auto led = box.led("gpio:f1010100.gpio/7");
  box.chip.reset();
  const auto set = box.await(led->set(LedState::on));
  REQUIRE_FALSE(set.ok());
  CHECK(set.error().code == Errc::unsupported);
  CHECK(box.looks == 1);
  CHECK_FALSE(led->availability().present);
  box.plug();
  led->refresh();
  CHECK(led->availability().present);
  box.chip.reset();
  led->refresh();
  CHECK_FALSE(led->availability().present);
}

TEST_CASE("a beep is a pulse of 100 ms or a second") {
  GpioBox box;
  const auto buzzer = box.buzzer();
  REQUIRE(buzzer->availability().present);
  for (const BeepLength length : {BeepLength::brief, BeepLength::extended}) {
    const auto expected = length == BeepLength::brief ? 100ms : 1000ms;
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(box.await(buzzer->beep(length)).ok());
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took >= expected);
    CHECK(took < expected + 5s);
    REQUIRE(box.until([&] { return box.chip->sets(3).size() % 2 == 0; }));
  }
  CHECK(box.chip->sets(3) == std::vector<bool>{true, false, true, false});
}

TEST_CASE("two beeps at once are one sound, as long as the longer one") {
  GpioBox box;
  const auto buzzer = box.buzzer();
  const auto begin = std::chrono::steady_clock::now();
  const auto [one, other] =
      box.await(buzzer->beep(BeepLength::extended), buzzer->beep(BeepLength::brief));
  CHECK(one.ok());
  CHECK(other.ok());
  CHECK(std::chrono::steady_clock::now() - begin >= 1s);
  REQUIRE(box.until([&] { return box.chip->sets(3).size() == 2; }));
  CHECK(box.chip->sets(3) == std::vector<bool>{true, false});
}

TEST_CASE("a sound ends when its buzzer is closed") {
  GpioBox box;
  const auto buzzer = box.buzzer();
  bool ended = false;
  asio::co_spawn(box.io, buzzer->beep(BeepLength::extended),
                 [&](std::exception_ptr, const Status&) { ended = true; });
  REQUIRE(box.until([&] { return box.chip->level(3); }));
  buzzer->close();
  REQUIRE(box.until([&] { return ended; }));
  REQUIRE(box.until([&] { return box.chip->sets(3).size() == 2; }));
  CHECK(box.chip->sets(3) == std::vector<bool>{true, false});
}
