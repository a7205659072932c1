// SPDX-License-Identifier: MIT
// Input devices: the documented fake, and the code for real ones with libevdev's functions played
// here (what an executable defines goes before what a shared library has). Real evdev devices are
// the guests' part.
#include <catch.hpp>

#include <libmcu/kernel/input_device.hpp>

#include "../common/temp_tree.hpp"
#include "fake_input.hpp"

#include <libevdev/libevdev.h>

#include <poll.h>

#include <ctime>
#include <deque>
#include <optional>

using namespace mcu;

namespace {

/// What the played libevdev has.
struct Played {
  struct Step {
    int result;
    input_event event;
    unsigned mode; ///< in which it must be asked
  };
  std::deque<Step> steps;
  std::map<std::pair<unsigned, unsigned>, int> values;
  int clock = -1, refuse = 0, freed = 0;
  bool wrong_mode = false;
} played;

input_event made(unsigned type, unsigned code, int value, long second = 5, long micro = 250'000) {
  input_event event = {};
  event.type = static_cast<std::uint16_t>(type);
  event.code = static_cast<std::uint16_t>(code);
  event.value = value;
  event.input_event_sec = second;
  event.input_event_usec = micro;
  return event;
}

constexpr unsigned normal = LIBEVDEV_READ_FLAG_NORMAL, sync_mode = LIBEVDEV_READ_FLAG_SYNC;

class RealDevice {
public:
  RealDevice() {
    played = {};
    played.values = {{{EV_KEY, KEY_POWER}, 1}, {{EV_SW, SW_LID}, 0}, {{EV_SND, SND_BELL}, 0}};
    path = tree.write("dev/input/event0", "");
  }
  std::unique_ptr<InputDevice> open() {
    auto opened = open_input_device(path);
    REQUIRE(opened.ok());
    return std::move(opened).value();
  }
  TempTree tree;
  std::string path;
};

std::vector<int> values(const Result<std::vector<InputEvent>>& events) {
  REQUIRE(events.ok());
  std::vector<int> all;
  for (const InputEvent& event : *events) all.push_back(event.value);
  return all;
}

bool wait_readable(int fd) {
  pollfd one = {fd, POLLIN, 0};
  return ::poll(&one, 1, 10'000) == 1;
}

} // namespace

extern "C" {
int libevdev_new_from_fd(int, libevdev** device) {
  if (played.refuse != 0) return played.refuse;
  *device = reinterpret_cast<libevdev*>(&played);
  return 0;
}
void libevdev_free(libevdev*) { ++played.freed; }
int libevdev_set_clock_id(libevdev*, int clock) {
  played.clock = clock;
  return 0;
}
int libevdev_has_event_code(const libevdev*, unsigned type, unsigned code) {
  return played.values.count({type, code}) != 0 ? 1 : 0;
}
int libevdev_fetch_event_value(const libevdev*, unsigned type, unsigned code, int* value) {
  const auto found = played.values.find({type, code});
  if (found == played.values.end()) return 0;
  *value = found->second;
  return 1;
}
int libevdev_next_event(libevdev*, unsigned mode, input_event* event) {
  if (played.steps.empty()) return -EAGAIN;
  const Played::Step step = played.steps.front();
  played.steps.pop_front();
  played.wrong_mode = played.wrong_mode || step.mode != mode;
  *event = step.event;
  return step.result;
}
}

TEST_CASE("names of keys, switches and sounds become the kernel's numbers") {
  CHECK(input_code("KEY_POWER", false).value_or({}) == InputCode{EV_KEY, KEY_POWER});
  CHECK(input_code("KEY_COPY", false).value_or({}) == InputCode{EV_KEY, KEY_COPY});
  CHECK(input_code("BTN_0", false).value_or({}) == InputCode{EV_KEY, BTN_0});
  CHECK(input_code("SW_LID", false).value_or({}) == InputCode{EV_SW, SW_LID});
  CHECK(input_code("SND_TONE", false).value_or({}) == InputCode{EV_SND, SND_TONE});
  CHECK(input_code("KEY_POWER", true).value_or({}) == InputCode{EV_SW, KEY_POWER});
  CHECK(input_code("SW_LID", true).value_or({}) == InputCode{EV_SW, SW_LID});
  for (const char* wrong : {"KEY_NO_SUCH", "POWER", "", "LED_MUTE", "key_power", "116"}) {
    INFO(wrong);
    const auto code = input_code(wrong, false);
    REQUIRE_FALSE(code.ok());
    CHECK(code.error().code == Errc::invalid_argument);
    CHECK(code.error().what.find("KEY_POWER") != std::string::npos); // what would be right
  }
  CHECK_FALSE(input_code("SND_BELL", true).ok());
}

TEST_CASE("a fake device tells its codes, their states and its events") {
  const TempTree tree;
  FakeInputNode node(tree.path("dev/input/event3"), "gpio-keys",
                     {{"KEY_POWER", 0}, {"KEY_COPY", 1}, {"SW:116", 1}, {"SND_BELL", 0}});
  auto opened = open_input_device(tree.path("dev/input/event3"));
  REQUIRE(opened.ok());
  InputDevice& device = **opened;
  const InputCode power = {EV_KEY, KEY_POWER}, copy = {EV_KEY, KEY_COPY}, slide = {EV_SW, 116};
  CHECK(device.has(power));
  CHECK(device.has(slide));
  CHECK_FALSE(device.has({EV_KEY, KEY_RESTART}));
  CHECK(device.state(power).value_or(-1) == 0);
  CHECK(device.state(copy).value_or(-1) == 1);
  CHECK(device.state(slide).value_or(-1) == 1);
  CHECK_FALSE(device.state({EV_KEY, KEY_RESTART}).ok());
  CHECK(values(device.events()).empty());

  node.key("KEY_POWER", 1);
  REQUIRE(wait_readable(device.fd()));
  const auto events = device.events();
  REQUIRE(events.ok());
  REQUIRE(events->size() == 1);
  CHECK(events->front().code == power);
  CHECK(events->front().value == 1);
  CHECK(device.state(power).value_or(-1) == 1);

  node.key("SW:116", 0);
  REQUIRE(wait_readable(device.fd()));
  CHECK(device.events()->front().code == slide);

  REQUIRE(device.sound({EV_SND, SND_BELL}, 1).ok());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (node.sounds().empty() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  CHECK(node.sounds() == std::vector<std::string>{"SND_BELL 1"});
}

TEST_CASE("a fake device that goes is noticed, and so is one that says something odd") {
  const TempTree tree;
  const std::string path = tree.path("dev/input/event3");
  std::optional<FakeInputNode> node;
  node.emplace(path, "keys", FakeInputNode::Codes{{"KEY_POWER", 0}});
  auto opened = open_input_device(path);
  REQUIRE(opened.ok());
  node.reset();
  REQUIRE(wait_readable((*opened)->fd()));
  const auto events = (*opened)->events();
  REQUIRE_FALSE(events.ok());
  CHECK(events.error().code == Errc::unsupported);
  CHECK((*opened)->sound({EV_SND, SND_BELL}, 1).error().code == Errc::unsupported);

  node.emplace(path, "keys", FakeInputNode::Codes{{"KEY_ODD_ONE", 0}});
  const auto odd = open_input_device(path);
  REQUIRE_FALSE(odd.ok());
  CHECK(odd.error().what.find("KEY_ODD_ONE") != std::string::npos);
}

TEST_CASE("a real device is asked for monotonic times, and freed") {
  RealDevice real;
  {
    const auto device = real.open();
    CHECK(played.clock == CLOCK_MONOTONIC);
    CHECK(device->has({EV_SW, SW_LID}));
    CHECK_FALSE(device->has({EV_KEY, KEY_COPY}));
    CHECK(device->state({EV_KEY, KEY_POWER}).value_or(-1) == 1);
    CHECK(device->state({EV_KEY, KEY_COPY}).error().code == Errc::unsupported);
  }
  CHECK(played.freed == 1);
  played.refuse = -ENOTTY;
  const auto none = open_input_device(real.path);
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().what.find(real.path) != std::string::npos);
  CHECK(open_input_device(real.tree.path("dev/input/event9")).error().code == Errc::unsupported);
}

TEST_CASE("events of keys and switches come with their time, repeats and frames are left out") {
  RealDevice real;
  const auto device = real.open();
  played.steps = {
      {LIBEVDEV_READ_STATUS_SUCCESS, made(EV_KEY, KEY_POWER, 1), normal},
      {LIBEVDEV_READ_STATUS_SUCCESS, made(EV_SYN, SYN_REPORT, 0), normal},
      {LIBEVDEV_READ_STATUS_SUCCESS, made(EV_KEY, KEY_POWER, 2), normal},
      {LIBEVDEV_READ_STATUS_SUCCESS, made(EV_MSC, MSC_SCAN, 7), normal},
      {LIBEVDEV_READ_STATUS_SUCCESS, made(EV_KEY, KEY_POWER, 0, 6, 0), normal},
      {LIBEVDEV_READ_STATUS_SUCCESS, made(EV_SW, SW_LID, 1), normal},
  };
  const auto events = device->events();
  CHECK(values(events) == std::vector<int>{1, 0, 1});
  CHECK(events->at(0).code == InputCode{EV_KEY, KEY_POWER});
  CHECK(events->at(0).at.time_since_epoch() == std::chrono::milliseconds(5250));
  CHECK(events->at(1).at.time_since_epoch() == std::chrono::seconds(6));
  CHECK(events->at(2).code == InputCode{EV_SW, SW_LID});
  CHECK(values(device->events()).empty());
}

TEST_CASE("events that the kernel had to drop are made up from the state") {
  RealDevice real;
  const auto device = real.open();
  played.steps = {
      {LIBEVDEV_READ_STATUS_SUCCESS, made(EV_KEY, KEY_POWER, 1), normal},
      {LIBEVDEV_READ_STATUS_SYNC, made(EV_SYN, SYN_DROPPED, 0), normal},
      {LIBEVDEV_READ_STATUS_SYNC, made(EV_KEY, KEY_POWER, 0), sync_mode},
      {LIBEVDEV_READ_STATUS_SYNC, made(EV_SW, SW_LID, 1), sync_mode},
      {-EAGAIN, {}, sync_mode},
      {LIBEVDEV_READ_STATUS_SUCCESS, made(EV_KEY, KEY_POWER, 1), normal},
  };
  CHECK(values(device->events()) == std::vector<int>{1, 0, 1, 1});
  CHECK_FALSE(played.wrong_mode);
  CHECK(played.steps.empty());
}

TEST_CASE("a real device that is unplugged is noticed") {
  RealDevice real;
  const auto device = real.open();
  played.steps = {{-ENODEV, {}, normal}};
  CHECK(device->events().error().code == Errc::unsupported);
}

TEST_CASE("a sound is written with the frame's end behind it") {
  RealDevice real;
  const auto device = real.open();
  REQUIRE(device->sound({EV_SND, SND_TONE}, 1000).ok());
  const std::string bytes = real.tree.read("dev/input/event0");
  REQUIRE(bytes.size() == 2 * sizeof(input_event));
  input_event events[2];
  std::memcpy(events, bytes.data(), sizeof events);
  CHECK(events[0].type == EV_SND);
  CHECK(events[0].code == SND_TONE);
  CHECK(events[0].value == 1000);
  CHECK(events[1].type == EV_SYN);
  CHECK(events[1].code == SYN_REPORT);
}
