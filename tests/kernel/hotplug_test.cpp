// SPDX-License-Identifier: MIT
// Devices that come and go under another root, and when a burst is told.
#include <catch.hpp>

#include <libmcu/kernel/fd_reader.hpp>
#include <libmcu/kernel/hotplug.hpp>
#include <libmcu/kernel/hotplug_burst.hpp>

#include "../common/temp_tree.hpp"

#include <boost/asio/io_context.hpp>

#include <unistd.h>

using namespace mcu;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

class Box {
public:
  Box() : hotplug(make_hotplug(io.get_executor(), tree.root())) {
    hotplug->on_change = [this] {
      ++calls;
      last = std::chrono::steady_clock::now();
    };
  }
  ~Box() {
    hotplug->stop();
    io.restart();
    io.run_for(50ms);
  }

  void run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!done() && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_one_for(20ms);
    }
    REQUIRE(done());
  }
  /// Does `change`, and waits until it is told.
  void told_of(const std::function<void()>& change) {
    const int before = calls;
    change();
    run_until([&] { return calls > before; });
  }
  /// Does `change`, which is nobody's business: what comes next to be told is the sentinel.
  void silent_about(const std::function<void()>& change) {
    const int before = calls;
    change();
    io.restart();
    io.run_for(Burst::distance + 100ms);
    CHECK(calls == before);
  }
  void folder(const std::string& below) const { fs::create_directories(tree.path(below)); }

  TempTree tree;
  asio::io_context io{1};
  std::unique_ptr<HotPlug> hotplug;
  int calls = 0;
  SteadyTime last;
};

} // namespace

TEST_CASE("a burst is told 50 ms behind its first event") {
  Burst burst;
  const SteadyTime t0(10s);
  CHECK_FALSE(burst.due());
  burst.event(t0);
  burst.event(t0 + 20ms);
  burst.event(t0 + 49ms);
  CHECK(burst.due() == t0 + 50ms);
  burst.told(t0 + 50ms);
  CHECK_FALSE(burst.due());
}

TEST_CASE("bursts are told every 500 ms at most") {
  Burst burst;
  const SteadyTime t0(10s);
  burst.event(t0);
  burst.told(t0 + 50ms);
  burst.event(t0 + 60ms);
  CHECK(burst.due() == t0 + 550ms);
  burst.told(t0 + 550ms);
  burst.event(t0 + 5s);
  CHECK(burst.due() == t0 + 5050ms);
}

TEST_CASE("a device that comes or goes in a folder of its class is told") {
  Box box;
  box.folder("sys/class/hwmon");
  box.folder("sys/class/leds");
  box.folder("dev/input");
  box.hotplug->start();
  box.told_of([&] { box.folder("sys/class/hwmon/hwmon3"); });
  box.told_of([&] { fs::remove(box.tree.path("sys/class/hwmon/hwmon3")); });
  box.told_of([&] {
    box.folder("sys/devices/led0");
    fs::create_symlink("../../devices/led0", box.tree.path("sys/class/leds/red:status"));
  });
  box.told_of([&] { box.tree.write("dev/gpiochip0", ""); });
  box.told_of([&] { box.tree.write("dev/input/event0", ""); });
}

TEST_CASE("a device that was made elsewhere and moved into its place is told") {
  Box box;
  box.folder("sys/class/thermal");
  box.folder("made");
  box.hotplug->start();
  box.told_of([&] { fs::rename(box.tree.path("made"), box.tree.path("sys/class/thermal/zone")); });
  box.told_of([&] { fs::rename(box.tree.path("sys/class/thermal/zone"), box.tree.path("out")); });
}

TEST_CASE("folders that are not there yet are told when they come, and watched from then on") {
  Box box;
  box.hotplug->start(); // nothing but the root
  box.told_of([&] { box.folder("sys/class/rtc"); });
  box.told_of([&] { box.folder("sys/class/rtc/rtc0"); });
  box.told_of([&] { fs::remove_all(box.tree.path("sys")); });
  box.told_of([&] { box.folder("sys/bus/serial/devices"); });
  box.told_of([&] { box.tree.write("sys/bus/serial/devices/serial0-0", ""); });
}

TEST_CASE("a name that is written after its folder makes the device known late") {
  Box box;
  box.folder("sys/class/hwmon");
  box.hotplug->start();
  box.told_of([&] { box.folder("sys/class/hwmon/hwmon0"); });
  box.told_of([&] { box.tree.write("sys/class/hwmon/hwmon0/name", ""); });
  box.told_of([&] { box.tree.write("sys/class/hwmon/hwmon0/name", "qnapmcu\n"); });
}

TEST_CASE("values that are written and folders that mean nothing are not told") {
  Box box;
  box.folder("dev");
  box.tree.write("sys/class/hwmon/hwmon0/pwm1", "0\n");
  box.tree.write("sys/class/hwmon/hwmon0/name", "qnapmcu\n");
  box.hotplug->start();
  box.silent_about([&] {
    box.tree.write("sys/class/hwmon/hwmon0/pwm1", "128\n");
    box.tree.read("sys/class/hwmon/hwmon0/name");
    box.tree.write("run/nasmcu/loans", "x\n");
    box.folder("sys/kernel/debug");
    box.folder("system");
  });
  box.told_of([&] { box.folder("sys/class/hwmon/hwmon1"); });
}

TEST_CASE("many devices at once are told together") {
  Box box;
  box.folder("sys/class/leds");
  box.hotplug->start();
  const auto begin = std::chrono::steady_clock::now();
  box.told_of([&] {
    for (int i = 0; i < 100; ++i) box.folder("sys/class/leds/led" + std::to_string(i));
  });
  CHECK(box.last - begin >= Burst::delay);
  CHECK(box.calls == 1);
}

TEST_CASE("once stopped nothing is told, not even what had happened before") {
  Box box;
  box.folder("sys/class/leds");
  box.hotplug->start();
  box.folder("sys/class/leds/one");
  box.io.restart();
  box.io.run_for(10ms);
  box.hotplug->stop();
  box.silent_about([&] { box.folder("sys/class/leds/two"); });
  box.hotplug->start();
  box.told_of([&] { box.folder("sys/class/leds/three"); });
}

TEST_CASE("the real machine's events can be asked for, and nothing happening costs nothing") {
  asio::io_context io{1};
  const auto hotplug = make_hotplug(io.get_executor(), "");
  hotplug->start();
  io.run_for(50ms); // what the machine does meanwhile is its own affair
  hotplug->stop();
  io.restart();
  CHECK(io.run_for(5s) <= 2); // ends because there is nothing left to wait for
  CHECK(io.stopped());
}

TEST_CASE("a descriptor is read until it is at its end, and then no more") {
  asio::io_context io{1};
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  int reads = 0;
  bool lost = false;
  const FdReader reader(
      io.get_executor(), ends[0],
      [&] {
        ++reads;
        char byte = 0;
        return ::read(ends[0], &byte, 1) == 1;
      },
      [&] { lost = true; });
  REQUIRE(::write(ends[1], "ab", 2) == 2);
  io.run_for(50ms);
  CHECK(reads == 2);
  CHECK_FALSE(lost);
  ::close(ends[1]);
  const auto begin = std::chrono::steady_clock::now();
  io.restart();
  io.run_for(10s); // ends by itself
  CHECK(reads == 3);
  CHECK(lost);
  CHECK(std::chrono::steady_clock::now() - begin >= 100ms);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  ::close(ends[0]);
}

TEST_CASE("a reader may be ended by what it calls") {
  asio::io_context io{1};
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  int reads = 0;
  std::unique_ptr<FdReader> reader;
  reader = std::make_unique<FdReader>(
      io.get_executor(), ends[0],
      [&] {
        ++reads;
        reader.reset();
        return true;
      },
      [&] { FAIL("it did not go"); });
  REQUIRE(::write(ends[1], "ab", 2) == 2);
  io.run_for(10s);
  CHECK(io.stopped());
  CHECK(reads == 1);
  ::close(ends[0]);
  ::close(ends[1]);
}
