// SPDX-License-Identifier: MIT
#include <devices/one_device.hpp>

#include <libmcu/model/text.hpp>

using namespace mcu;

namespace {

using Writes = std::vector<std::string>;

LedSpec led_on(const std::string& device, std::vector<std::string> fallback = {}) {
  LedSpec spec;
  spec.name = "disk1-fault";
  spec.device = *parse_device_uri(device);
  spec.fallback = std::move(fallback);
  return spec;
}

/// A box with the LED hdd1:red:status, and a kernel that keeps its triggers as the real one does.
class LedBox : public OneDevice {
public:
  explicit LedBox(const std::string& trigger = "none") {
    folder = tree.device("platform/leds/leds/hdd1:red:status", "leds");
    tree.link("sys/class/leds/hdd1:red:status", folder);
    tree.write(folder + "/max_brightness", "1\n");
    tree.write(folder + "/brightness", "0\n");
    activate(trigger);
    files->on_write = [this](const std::string& path, const std::string& text) {
      if (!path.ends_with("/trigger")) return false;
      tree.write(folder + "/brightness", "0\n"); // the old trigger goes with its light
      activate(text);
      return true;
    };
  }

  void activate(const std::string& trigger) {
    std::string list;
    for (const std::string& one : triggers) list += (one == trigger ? "[" + one + "]" : one) + " ";
    tree.write(folder + "/trigger", list + "\n");
    for (const char* delay : {"/delay_on", "/delay_off"})
      if (trigger == "timer")
        tree.write(folder + delay, "500\n");
      else
        tree.remove(folder + delay);
  }
  std::unique_ptr<Led> led(const LedSpec& spec = led_on("led:hdd1:red:status")) {
    return start(backend_for("led").led(context(), spec));
  }
  std::string read(const std::string& file) const {
    const std::string text = tree.read(folder + "/" + file);
    return std::string(trim(text));
  }

  std::vector<std::string> triggers = {"none", "timer", "disk-activity"};
  std::string folder; ///< behind the class's link
};

} // namespace

TEST_CASE("a LED goes on and off by its brightness") {
  LedBox box;
  const auto led = box.led();
  CHECK(led->availability().present);
  CHECK(*box.await(led->set(LedState::on)) == LedState::on);
  CHECK(box.files->written() == Writes{"brightness=1"});
  CHECK(*box.await(led->set(LedState::off)) == LedState::off);
  CHECK(box.files->written() == Writes{"brightness=0"});
}

TEST_CASE("full brightness is the LED's own, or 255 where it does not say") {
  LedBox box;
  box.tree.write(box.folder + "/max_brightness", "100\n");
  CHECK(box.await(box.led()->set(LedState::on)).ok());
  CHECK(box.files->written() == Writes{"brightness=100"});
  box.tree.remove(box.folder + "/max_brightness");
  CHECK(box.await(box.led()->set(LedState::on)).ok());
  CHECK(box.files->written() == Writes{"brightness=255"});
}

TEST_CASE("a LED blinks by the timer trigger, lit first, in two speeds") {
  LedBox box;
  const auto led = box.led();
  CHECK(*box.await(led->set(LedState::blink_fast)) == LedState::blink_fast);
  CHECK(box.files->written() ==
        Writes{"brightness=1", "trigger=timer", "delay_on=100", "delay_off=100"});
  // A timer that runs is not stopped for another speed: it would be dark in between.
  CHECK(*box.await(led->set(LedState::blink_slow)) == LedState::blink_slow);
  CHECK(box.files->written() == Writes{"delay_on=500", "delay_off=500"});
  CHECK(*box.await(led->set(LedState::on)) == LedState::on);
  CHECK(box.files->written() == Writes{"trigger=none", "brightness=1"});
  CHECK(*box.await(led->set(LedState::blink_slow)) == LedState::blink_slow);
  (void)box.files->written();
  CHECK(*box.await(led->set(LedState::off)) == LedState::off);
  CHECK(box.files->written() == Writes{"trigger=none", "brightness=0"});
}

TEST_CASE("the delays of a trigger are ours a moment later than the trigger") {
  LedBox box;
  const auto led = box.led();
  int tries = 0;
  const auto kernel = box.files->on_write;
  box.files->fail("/delay_on", EACCES);
  box.files->on_write = [&](const std::string& path, const std::string& text) {
    if (path.ends_with("/delay_on") && ++tries == 3) box.files->heal(); // udev has been there
    return kernel(path, text);
  };
  CHECK(*box.await(led->set(LedState::blink_fast)) == LedState::blink_fast);
  CHECK(tries == 3);
  CHECK(box.read("delay_off") == "100");
}

TEST_CASE("the speed is what the driver made of it") {
  LedBox box;
  const auto kernel = box.files->on_write;
  box.files->on_write = [&](const std::string& path, const std::string& text) {
    if (!path.ends_with("/delay_on")) return kernel(path, text);
    box.tree.write(box.folder + "/delay_on", "250\n"); // the one blink of a QNAP's USB LED
    return true;
  };
  CHECK(*box.await(box.led()->set(LedState::blink_slow)) == LedState::blink_fast);
}

TEST_CASE("a LED that another trigger drives is dark for a moment, and blinks") {
  LedBox box("disk-activity");
  CHECK(*box.await(box.led()->set(LedState::blink_fast)) == LedState::blink_fast);
  CHECK(box.files->written() ==
        Writes{"trigger=none", "brightness=1", "trigger=timer", "delay_on=100", "delay_off=100"});
}

TEST_CASE("without the timer trigger a blinking LED is lit, and says so") {
  LedBox box;
  box.triggers = {"none", "disk-activity"};
  box.activate("none");
  CHECK(*box.await(box.led()->set(LedState::blink_fast)) == LedState::on);
  CHECK(box.files->written() == Writes{"brightness=1"});
  CHECK(box.read("trigger") == "[none] disk-activity");
}

TEST_CASE("the trigger that a LED had comes back") {
  LedBox box("disk-activity");
  const auto led = box.led();
  REQUIRE(box.await(led->set(LedState::blink_slow)).ok());
  REQUIRE(box.await(led->set(LedState::off)).ok());
  const auto loans = box.side->loans.all();
  REQUIRE(loans.size() == 1);
  const std::string node = box.tree.root() + "/sys/class/leds/hdd1:red:status";
  CHECK(loans[0] == Loan{"", "", {{node + "/trigger", "disk-activity"}}});
  REQUIRE(box.side->loans.give_back_all().ok());
  CHECK(box.read("trigger") == "none timer [disk-activity]");
  // Taken again, it is a loan again.
  REQUIRE(box.await(led->set(LedState::on)).ok());
  CHECK(box.side->loans.all() == loans);
}

TEST_CASE("a LED without a trigger gets its brightness back") {
  LedBox box;
  box.tree.write(box.folder + "/brightness", "1\n");
  const auto led = box.led();
  REQUIRE(box.await(led->set(LedState::blink_fast)).ok());
  (void)box.files->written();
  REQUIRE(box.side->loans.give_back_all().ok());
  CHECK(box.files->written() == Writes{"trigger=none", "brightness=1"});
  CHECK(box.read("trigger") == "[none] timer disk-activity");
  CHECK(box.read("brightness") == "1");
}

TEST_CASE("a LED that blinked before us blinks as before again") {
  LedBox box("timer");
  box.tree.write(box.folder + "/delay_on", "30\n");
  box.tree.write(box.folder + "/delay_off", "970\n");
  const auto led = box.led();
  REQUIRE(box.await(led->set(LedState::on)).ok());
  (void)box.files->written();
  REQUIRE(box.side->loans.give_back_all().ok());
  CHECK(box.files->written() == Writes{"trigger=timer", "delay_on=30", "delay_off=970"});
}

TEST_CASE("a LED that knows no triggers has its brightness only") {
  LedBox box;
  box.tree.remove(box.folder + "/trigger");
  const auto led = box.led();
  CHECK(*box.await(led->set(LedState::blink_slow)) == LedState::on);
  CHECK(box.files->written() == Writes{"brightness=1"});
  REQUIRE(box.side->loans.give_back_all().ok());
  CHECK(box.files->written() == Writes{"brightness=0"});
}

TEST_CASE("a plain file in place of the kernel's trigger does for a test's box") {
  LedBox box("disk-activity");
  box.files->on_write = nullptr;
  box.tree.write(box.folder + "/delay_on", "0\n");
  box.tree.write(box.folder + "/delay_off", "0\n");
  const auto led = box.led();
  CHECK(*box.await(led->set(LedState::blink_slow)) == LedState::blink_slow);
  CHECK(box.read("trigger") == "timer");
  CHECK(*box.await(led->set(LedState::on)) == LedState::on);
  CHECK(*box.await(led->set(LedState::blink_fast)) == LedState::blink_fast);
  CHECK(box.read("trigger") == "timer");
  REQUIRE(box.side->loans.give_back_all().ok());
  CHECK(box.read("trigger") == "disk-activity");
}

TEST_CASE("two who set a LED at once leave it as the later one wants it, and one loan") {
  LedBox box("disk-activity");
  const auto led = box.led();
  const auto [first, second] = box.await(led->set(LedState::on), led->set(LedState::blink_fast));
  CHECK(first.ok());
  CHECK(*second == LedState::blink_fast);
  CHECK(box.read("trigger") == "none [timer] disk-activity");
  CHECK(box.read("delay_on") == "100");
  REQUIRE(box.side->loans.all().size() == 1);
  CHECK(box.side->loans.all()[0].writes[0].second == "disk-activity");
}

TEST_CASE("a LED of another name is found by the list of names") {
  LedBox box;
  const auto led = box.led(led_on("led:dns320l:orange:l_hdd", {"hdd1_orange", "hdd1:red:status"}));
  CHECK(led->availability().present);
  CHECK(*box.await(led->set(LedState::on)) == LedState::on);
  CHECK(box.read("brightness") == "1");
}

TEST_CASE("a LED that is not there is absent with a reason, and comes and goes") {
  LedBox box;
  const auto led = box.led(led_on("led:hdd1:green:disk"));
  CHECK_FALSE(led->availability().present);
  CHECK(led->availability().reason.find("hdd1:green:disk") != std::string::npos);
  const auto refused = box.await(led->set(LedState::on));
  CHECK(refused.error().code == Errc::unsupported);
  CHECK(refused.error().what == "led disk1-fault: " + led->availability().reason);
  CHECK(box.side->loans.all().empty());
  const std::string folder = box.tree.device("platform/leds/leds/hdd1:green:disk", "leds");
  box.tree.write(folder + "/brightness", "0\n");
  box.tree.link("sys/class/leds/hdd1:green:disk", folder);
  led->refresh();
  CHECK(led->availability().present);
  CHECK(*box.await(led->set(LedState::on)) == LedState::on);
  box.tree.remove("sys/class/leds/hdd1:green:disk");
  box.tree.remove(folder);
  CHECK(box.await(led->set(LedState::off)).error().code == Errc::unsupported);
  CHECK(box.looks == 1);
  CHECK_FALSE(led->availability().present);
}

TEST_CASE("a LED that fails is an error with the kernel's words") {
  LedBox box;
  const auto led = box.led();
  for (const char* file : {"/brightness", "/trigger", "/delay_on"}) {
    box.files->fail(file, EIO);
    const auto failed = box.await(led->set(LedState::blink_fast));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Errc::protocol);
    CHECK(failed.error().what.find("led disk1-fault: ") == 0);
    CHECK(failed.error().what.find("Input/output error") != std::string::npos);
    box.files->heal();
    box.activate("none");
  }
  CHECK(box.looks == 0);
  CHECK(*box.await(led->set(LedState::blink_fast)) == LedState::blink_fast);
}
