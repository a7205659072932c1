// SPDX-License-Identifier: MIT
// Buttons and the buzzer on a fake input device, which they share.
#include "line_box.hpp"

#include <kernel/fake_input.hpp>

using namespace mcu;
using namespace std::chrono_literals;

namespace {

const FakeInputNode::Codes codes = {
    {"KEY_POWER", 0}, {"KEY_COPY", 0}, {"SW_LID", 0}, {"SW:116", 1}, {"SND_BELL", 0}};

struct InputBox : LineBox {
  explicit InputBox(const FakeInputNode::Codes& with = codes) { plug(with); }
  ~InputBox() { side->inputs->close(); }

  void plug(const FakeInputNode::Codes& with = codes, const std::string& event = "event3") {
    tree.write("sys/class/input/" + event + "/device/name", "gpio-keys\n");
    node.emplace(tree.path("dev/input/" + event), "gpio-keys", with);
  }
  void unplug() {
    tree.remove("sys/class/input/event3");
    node.reset();
  }
  std::unique_ptr<Button> button(const std::string& device) {
    return start(backend_for("input").button(
        context(), ButtonSpec{"copy", parse_device_uri(device).value(), {}}));
  }
  std::unique_ptr<Buzzer> buzzer(const std::string& device = "input:gpio-keys/SND_BELL") {
    return start(
        backend_for("input").buzzer(context(), BuzzerSpec{parse_device_uri(device).value(), {}}));
  }
  std::vector<std::string> sounds(std::size_t count) {
    REQUIRE(until([&] { return node->sounds().size() >= count; }));
    return node->sounds();
  }

  std::optional<FakeInputNode> node;
};

} // namespace

TEST_CASE("a key says its state and tells its edges by itself") {
  InputBox box;
  const auto button = box.button("input:gpio-keys/KEY_COPY");
  Told told(*button);
  CHECK(button->availability().present);
  CHECK_FALSE(button->polled());
  CHECK_FALSE(box.await(button->pressed()).value_or(true));
  box.node->key("KEY_POWER", 1); // another one
  box.node->key("KEY_COPY", 1);
  REQUIRE(box.until([&] { return !told.all.empty(); }));
  CHECK(box.await(button->pressed()).value_or(false));
  box.node->key("KEY_COPY", 0);
  REQUIRE(box.until([&] { return told.all.size() == 2; }));
  CHECK(told.all == std::vector<bool>{true, false});
}

TEST_CASE("switches work, by their name and by a key's number") {
  InputBox box;
  const auto lid = box.button("input:gpio-keys/SW_LID");
  const auto slide = box.button("input:gpio-keys/KEY_POWER,switch");
  Told lid_told(*lid), slide_told(*slide);
  CHECK_FALSE(box.await(lid->pressed()).value_or(true));
  CHECK(box.await(slide->pressed()).value_or(false));
  box.node->key("KEY_POWER", 1); // the key of that number is not the switch
  box.node->key("SW_LID", 1);
  box.node->key("SW:116", 0);
  REQUIRE(box.until([&] { return !slide_told.all.empty(); }));
  CHECK(lid_told.all == std::vector<bool>{true});
  CHECK(slide_told.all == std::vector<bool>{false});
}

TEST_CASE("a key that the kernel polls tells at which pace") {
  InputBox box;
  CHECK(box.button("input:gpio-keys/KEY_COPY")->resolution() == 0ms);
  box.tree.write("sys/class/input/event3/device/poll", "500\n");
  CHECK(box.button("input:gpio-keys/KEY_COPY")->resolution() == 500ms);
}

TEST_CASE("devices that share an input device open it once, and the last one closes it") {
  InputBox box;
  const auto power = box.button("input:gpio-keys/KEY_POWER");
  const auto copy = box.button("input:gpio-keys/KEY_COPY");
  const auto buzzer = box.buzzer();
  CHECK(box.node->connections() == 1);
  Told power_told(*power), copy_told(*copy);
  box.node->key("KEY_POWER", 1);
  box.node->key("KEY_COPY", 1);
  REQUIRE(box.until([&] { return !copy_told.all.empty(); }));
  CHECK(power_told.all == std::vector<bool>{true});
  power->close();
  buzzer->close();
  box.node->key("KEY_COPY", 0);
  REQUIRE(box.until([&] { return copy_told.all.size() == 2; }));
  CHECK(power_told.all.size() == 1);
  copy->close();
  REQUIRE(box.until([&] { return box.node->open_now() == 0; }));
}

TEST_CASE("what is not there is absent with the reason") {
  InputBox box;
  const auto reason = [&](const std::string& device) {
    const auto button = box.button(device);
    CHECK_FALSE(button->availability().present);
    CHECK(box.await(button->pressed()).error().code == Errc::unsupported);
    return button->availability().reason;
  };
  CHECK(reason("input:other-keys/KEY_COPY").find("other-keys") != std::string::npos);
  CHECK(reason("input:gpio-keys/KEY_RESTART") == "input device gpio-keys has no KEY_RESTART");
  CHECK(reason("input:gpio-keys/KEY_COPY,switch").find("KEY_COPY switch") != std::string::npos);
  CHECK(reason("input:gpio-keys/COPY").find("KEY_POWER") != std::string::npos);
  CHECK(reason("input:gpio-keys").find("names no key") != std::string::npos);
  const auto buzzer = box.buzzer("input:gpio-keys/SND_TONE");
  CHECK_FALSE(buzzer->availability().present);
  CHECK(box.await(buzzer->beep(BeepLength::brief)).error().code == Errc::unsupported);
}

TEST_CASE("a key that is held when its device goes counts as released, and works again later") {
  InputBox box;
  const auto button = box.button("input:gpio-keys/KEY_COPY");
  Told told(*button);
  box.node->key("KEY_COPY", 1);
  REQUIRE(box.until([&] { return told.all.size() == 1; }));
  box.unplug();
  REQUIRE(box.until([&] { return !button->availability().present; }));
  CHECK(box.looks == 1);
  CHECK(told.all == std::vector<bool>{true, false});
  CHECK(box.await(button->pressed()).error().code == Errc::unsupported);

  box.plug(codes, "event7"); // another number
  button->refresh();
  CHECK(button->availability().present);
  box.node->key("KEY_COPY", 1);
  REQUIRE(box.until([&] { return told.all.size() == 3; }));
  CHECK(told.all.back());
}

TEST_CASE("a device that comes back with its key held tells the press") {
  InputBox box;
  const auto button = box.button("input:gpio-keys/KEY_COPY");
  Told told(*button);
  box.unplug();
  REQUIRE(box.until([&] { return !button->availability().present; }));
  box.plug({{"KEY_COPY", 1}});
  button->refresh();
  CHECK(told.all == std::vector<bool>{true});
}

TEST_CASE("a device that hangs up again and again does not keep the processor busy") {
  InputBox box;
  const auto button = box.button("input:gpio-keys/KEY_COPY");
  box.side->look_again = [&] {
    ++box.looks;
    button->refresh();
    box.node->drop_clients();
  };
  box.node->drop_clients();
  REQUIRE(box.until([&] { return box.looks > 0; }));
  const std::size_t before = box.node->connections();
  box.turn_for(500ms);
  CHECK(box.node->connections() - before <= 6);
  CHECK(box.until([&] { return box.node->connections() > before; })); // it does go on
}

TEST_CASE("a button may be closed by what its edge brings about") {
  InputBox box;
  const auto power = box.button("input:gpio-keys/KEY_POWER");
  const auto copy = box.button("input:gpio-keys/KEY_COPY");
  int edges = 0;
  power->on_edge = [&](bool) {
    ++edges;
    power->close();
    copy->close();
  };
  copy->on_edge = [&](bool) { ++edges; };
  box.node->key("KEY_POWER", 1);
  box.node->key("KEY_COPY", 1);
  REQUIRE(box.until([&] { return edges > 0; }));
  REQUIRE(box.until([&] { return box.node->open_now() == 0; }));
  CHECK(edges == 1);
}

TEST_CASE("without a tone the bell is held, 100 ms or a second") {
  InputBox box;
  const auto buzzer = box.buzzer();
  REQUIRE(buzzer->availability().present);
  for (const BeepLength length : {BeepLength::brief, BeepLength::extended}) {
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(box.await(buzzer->beep(length)).ok());
    CHECK(std::chrono::steady_clock::now() - begin >=
          (length == BeepLength::brief ? 100ms : 1000ms));
  }
  CHECK(box.sounds(4) ==
        std::vector<std::string>{"SND_BELL 1", "SND_BELL 0", "SND_BELL 1", "SND_BELL 0"});
}

TEST_CASE("a device with a tone has it for long sounds") {
  InputBox box({{"SND_BELL", 0}, {"SND_TONE", 0}});
  const auto buzzer = box.buzzer();
  REQUIRE(box.await(buzzer->beep(BeepLength::extended)).ok());
  REQUIRE(box.await(buzzer->beep(BeepLength::brief)).ok());
  CHECK(box.sounds(4) ==
        std::vector<std::string>{"SND_TONE 1000", "SND_TONE 0", "SND_BELL 1", "SND_BELL 0"});
}

TEST_CASE("a sound through an input device ends when its buzzer is closed") {
  InputBox box;
  const auto buzzer = box.buzzer();
  bool ended = false;
  asio::co_spawn(box.io, buzzer->beep(BeepLength::extended),
                 [&](std::exception_ptr, const Status&) { ended = true; });
  CHECK(box.sounds(1) == std::vector<std::string>{"SND_BELL 1"});
  buzzer->close();
  REQUIRE(box.until([&] { return ended; }));
  CHECK(box.sounds(2).back() == "SND_BELL 0");
}
