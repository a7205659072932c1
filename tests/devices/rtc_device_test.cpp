// SPDX-License-Identifier: MIT
// Clocks under a fake root. What needs a clock chip is proved in the guest.
#include <devices/one_device.hpp>

#include <libmcu/model/civil_time.hpp>

using namespace mcu;

namespace {

const CivilTime leap_day{2024, 2, 29, 21, 6, 17};
const std::string leap_day_seconds = "1709240777";

/// A box with two clocks: rtc0, and the one of the driver rtc-pcf85063, which is rtc1.
class ClockBox : public OneDevice {
public:
  ClockBox() {
    for (const char* number : {"0", "1"}) {
      const std::string rtc = std::string("rtc") + number;
      const std::string folder = "sys/devices/platform/" + rtc + "/rtc/" + rtc;
      tree.write(folder + "/name",
                 number[0] == '0' ? "rtc-mv f1010300.rtc\n" : "rtc-pcf85063 0-0051\n");
      tree.link("sys/class/rtc/" + rtc, folder);
      tree.write("dev/" + rtc, "2023-01-01 00:00:0" + std::string(number) + "\n");
    }
  }
  std::unique_ptr<Clock> clock(const std::string& device = "rtc:rtc0", bool utc = true) {
    return start(
        backend_for("rtc").clock(context(), ClockSpec{*parse_device_uri(device), utc, {}}));
  }
  /// An alarm as the kernel keeps it: empty while none is set, refused while one is.
  void give_alarm() {
    tree.write(alarm, "");
    files->on_write = [this](const std::string& path, const std::string& text) {
      if (!path.ends_with("/wakealarm")) return false;
      const bool clears = text == "0" || std::stoll(text) <= now;
      if (!clears && !tree.read(alarm).empty()) busy = true;
      tree.write(alarm, clears ? "" : text + "\n");
      return true;
    };
  }

  std::string alarm = "sys/devices/platform/rtc0/rtc/rtc0/wakealarm";
  long long now = 0;
  bool busy = false;
};

} // namespace

TEST_CASE("a clock is read and set") {
  ClockBox box;
  const auto clock = box.clock();
  CHECK(clock->availability().present);
  CHECK(clock->name() == "clock");
  CHECK(*box.await(clock->read()) == CivilTime{2023, 1, 1, 0, 0, 0});
  REQUIRE(box.await(clock->set(leap_day)).ok());
  CHECK(box.tree.read("dev/rtc0") == "2024-02-29 21:06:17\n");
  CHECK(*box.await(clock->read()) == leap_day);
  CivilTime odd = leap_day;
  odd.year = 2023;
  CHECK(box.await(clock->set(odd)).error().code == Errc::invalid_argument);
  CHECK(*box.await(clock->read()) == leap_day);
}

TEST_CASE("a clock is found by its driver's name as well") {
  ClockBox box;
  const auto clock = box.clock("rtc:rtc-pcf85063");
  CHECK(*box.await(clock->read()) == CivilTime{2023, 1, 1, 0, 0, 1});
}

TEST_CASE("a clock that says no time has lost it, and what to do is said") {
  ClockBox box;
  const auto clock = box.clock();
  for (const char* odd : {"", "1970-01-01 00:00:00", "2023-02-29 00:00:00", "2023-01-01T00:00:00",
                          "2023-01-01 00:00:00 ", "2023-1-01 00:00:000"}) {
    INFO(odd);
    box.tree.write("dev/rtc0", odd);
    const auto read = box.await(clock->read());
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::protocol);
    CHECK(read.error().what.find("lost its time") != std::string::npos);
    CHECK(read.error().what.find("set it with mcuctl systohc") != std::string::npos);
  }
}

TEST_CASE("the alarm is in the clock's own time, and can be set, moved and cleared") {
  ClockBox box;
  box.give_alarm();
  // Local time makes no difference: the kernel knows the clock's fields only.
  const Variable zone("TZ", "Asia/Tokyo");
  ::tzset();
  for (const bool utc : {true, false}) {
    const auto clock = box.clock("rtc:rtc0", utc);
    CHECK_FALSE(*box.await(clock->wake()));
    REQUIRE(box.await(clock->set_wake(leap_day)).ok());
    CHECK(box.tree.read(box.alarm) == leap_day_seconds + "\n");
    CHECK(*box.await(clock->wake()) == leap_day);
    CivilTime later = leap_day;
    later.hour = 22;
    REQUIRE(box.await(clock->set_wake(later)).ok());
    CHECK_FALSE(box.busy);
    CHECK(*box.await(clock->wake()) == later);
    REQUIRE(box.await(clock->set_wake({})).ok());
    CHECK_FALSE(*box.await(clock->wake()));
  }
}

TEST_CASE("an alarm that the clock's time has passed is refused") {
  ClockBox box;
  box.give_alarm();
  box.now = std::stoll(leap_day_seconds) + 1;
  const auto clock = box.clock();
  const Status refused = box.await(clock->set_wake(leap_day));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_argument);
  CHECK(refused.error().what.find("later than the clock's own time") != std::string::npos);
  CivilTime odd = leap_day;
  odd.month = 13;
  CHECK(box.await(clock->set_wake(odd)).error().code == Errc::invalid_argument);
}

TEST_CASE("a clock without an alarm says that it cannot start the box") {
  ClockBox box;
  const auto clock = box.clock();
  for (const Error& error :
       {box.await(clock->wake()).error(), box.await(clock->set_wake(leap_day)).error()}) {
    CHECK(error.code == Errc::unsupported);
    CHECK(error.what.find("cannot start the box") != std::string::npos);
  }
  CHECK(box.looks == 0);
  CHECK(clock->availability().present);
}

TEST_CASE("a plain file in place of the kernel's alarm does for a test's box") {
  ClockBox box;
  box.tree.write(box.alarm, "\n");
  const auto clock = box.clock();
  CHECK_FALSE(*box.await(clock->wake()));
  REQUIRE(box.await(clock->set_wake(leap_day)).ok());
  CHECK(*box.await(clock->wake()) == leap_day);
  REQUIRE(box.await(clock->set_wake({})).ok());
  CHECK_FALSE(*box.await(clock->wake()));
  box.tree.write(box.alarm, "soon");
  CHECK(box.await(clock->wake()).error().code == Errc::protocol);
}

TEST_CASE("a clock that is not there is absent with a reason, and comes and goes") {
  ClockBox box;
  const auto clock = box.clock("rtc:rtc2");
  CHECK_FALSE(clock->availability().present);
  CHECK(clock->availability().reason.find("'rtc2'") != std::string::npos);
  CHECK(box.await(clock->read()).error().code == Errc::unsupported);
  box.tree.write("sys/class/rtc/rtc2/name", "rtc-rv8263 1-0051\n");
  clock->refresh();
  CHECK_FALSE(clock->availability().present);
  CHECK(clock->availability().reason.find("/dev/rtc2 is not") != std::string::npos);
  box.tree.write("dev/rtc2", "2024-02-29 21:06:17\n");
  clock->refresh();
  CHECK(clock->availability().present);
  CHECK(*box.await(clock->read()) == leap_day);
  box.tree.remove("sys/class/rtc/rtc2");
  box.tree.remove("dev/rtc2");
  CHECK(box.await(clock->read()).error().code == Errc::unsupported);
  CHECK(box.looks == 1);
  CHECK_FALSE(clock->availability().present);
}

TEST_CASE("under another root nothing but a plain file is taken for a clock") {
  ClockBox box;
  box.tree.remove("dev/rtc0");
  box.tree.folder("dev/rtc0");
  const auto clock = box.clock();
  CHECK(box.await(clock->read()).error().code == Errc::unsupported);
  CHECK(box.await(clock->set(leap_day)).error().code == Errc::unsupported);
}

TEST_CASE("a clock that fails is an error with the kernel's words") {
  ClockBox box;
  box.give_alarm();
  const auto clock = box.clock();
  box.files->fail("dev/rtc0", EIO);
  CHECK(box.await(clock->read()).error().code == Errc::protocol);
  CHECK(box.await(clock->set(leap_day)).error().what.find("Input/output error") !=
        std::string::npos);
  box.files->on_write = nullptr;
  box.files->fail("/wakealarm", EBUSY);
  CHECK(box.await(clock->wake()).error().code == Errc::busy);
  CHECK(box.await(clock->set_wake(leap_day)).error().code == Errc::busy);
}
