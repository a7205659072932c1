// SPDX-License-Identifier: MIT
#include <devices/one_device.hpp>

#include <libmcu/devices/hwmon_channel.hpp>

#include <algorithm>
#include <numeric>
#include <random>

using namespace mcu;

namespace {

using Writes = std::vector<std::string>;

DeviceUri uri(const std::string& text) { return *parse_device_uri(text); }

FanSpec fan_on(const std::string& device) {
  FanSpec spec;
  spec.name = "system";
  spec.device = uri(device);
  spec.min = Duty{20};
  return spec;
}

FanSpec with_levels(std::vector<double> percents) {
  FanSpec spec = fan_on("hwmon:gpio_fan/pwm1");
  for (const double one : percents) spec.levels.push_back(Duty{one});
  spec.min = spec.levels.at(1);
  spec.stop = true;
  return spec;
}

SensorSpec sensor_on(const std::string& device) {
  SensorSpec spec;
  spec.name = "board";
  spec.device = uri(device);
  return spec;
}

/// A box with the kernel's own driver for a QNAP's MCU as hwmon2: no pwm1_enable, and pwm limited
/// to 51 to 255 or 0.
class QnapBox : public OneDevice {
public:
  QnapBox() {
    chip = tree.hwmon(2, tree.device("platform/mcu/qnap-mcu-hwmon.4", "platform", "qnap-mcu-hwmon"),
                      "qnapmcu");
    tree.write(chip + "/pwm1", "255\n");
    tree.write(chip + "/fan1_input", "2550\n");
    tree.write(chip + "/temp1_input", "42000\n");
    files->on_write = [this](const std::string& path, const std::string& text) {
      if (!path.ends_with("/pwm1") || text == "0" || std::stoi(text) >= 51) return false;
      tree.write(chip + "/pwm1", "51\n");
      return true;
    };
  }
  std::unique_ptr<Fan> fan(const FanSpec& spec) {
    return start(backend_for("hwmon").fan(context(), spec));
  }
  std::unique_ptr<Sensor> sensor(const SensorSpec& spec) {
    return start(backend_for("hwmon").sensor(context(), spec));
  }
  /// A zone that has the fan as a cooling device.
  void bind_zone(const std::string& policies = "user_space step_wise") {
    tree.zone(0, "hdd-thermal", "30000");
    const std::string zone = "sys/devices/virtual/thermal/thermal_zone0/";
    tree.write(zone + "policy", "step_wise\n");
    tree.write(zone + "mode", "enabled\n");
    tree.write(zone + "available_policies", policies + " \n");
    tree.write("sys/devices/virtual/thermal/cooling_device0/type", "qnap-mcu-hwmon\n");
    tree.link(zone + "cdev0", "sys/devices/virtual/thermal/cooling_device0");
  }
  std::string zone_file(const std::string& file) const {
    return tree.read("sys/class/thermal/thermal_zone0/" + file);
  }

  std::string chip; ///< its folder behind the class's link
};

/// A gpio-fan of `speeds` speeds does this with a pwm.
int gpio_fan_level(int pwm, int speeds) { return (pwm * (speeds - 1) + 254) / 255; }

} // namespace

TEST_CASE("a duty becomes the nearest of 256 values, inverted where the fan is") {
  FanSpec fan = fan_on("hwmon:x/pwm1");
  CHECK(pwm_of(fan, Duty{0}) == 0);
  CHECK(pwm_of(fan, Duty{20}) == 51);
  CHECK(pwm_of(fan, Duty{50}) == 128); // 127.5
  CHECK(pwm_of(fan, Duty{60}) == 153);
  CHECK(pwm_of(fan, Duty{100}) == 255);
  CHECK(duty_of(fan, 51) == Duty{20});
  CHECK(duty_of(fan, 255) == Duty{100});
  fan.invert = true;
  CHECK(pwm_of(fan, Duty{0}) == 255);
  CHECK(pwm_of(fan, Duty{20}) == 204);
  CHECK(pwm_of(fan, Duty{100}) == 0);
  CHECK(duty_of(fan, 204) == Duty{20});
  CHECK(duty_of(fan, 0) == Duty{100});
}

TEST_CASE("each level of a gpio-fan is reached exactly, and read back as itself") {
  const std::vector<std::vector<double>> boards = {
      {0, 50, 100}, {0, 33, 66, 100}, {0, 33.3, 66.7, 100}, {0, 25, 50, 75, 100}};
  for (const auto& percents : boards) {
    const FanSpec fan = with_levels(percents);
    const int speeds = static_cast<int>(percents.size());
    for (int level = 0; level < speeds; ++level) {
      const Duty duty = fan.levels.at(static_cast<std::size_t>(level));
      INFO(duty.percent << " of " << speeds << " levels");
      CHECK(gpio_fan_level(pwm_of(fan, duty), speeds) == level);
      CHECK(duty_of(fan, level * 255 / (speeds - 1)) == duty);
    }
  }
}

TEST_CASE("a fan is driven through pwm1, and the duty in force is what the chip says") {
  QnapBox box;
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  CHECK(fan->availability().present);
  CHECK(fan->availability().reason.empty());
  CHECK(*box.await(fan->set(Duty{60}, Urgency::normal)) == Duty{60});
  CHECK(box.files->written() == Writes{"pwm1=153"});
  CHECK(*box.await(fan->duty()) == Duty{60});
  // The chip's own mode is not touched where it has none.
  CHECK(box.side->loans.all().empty());
  for (const double bad : {-1.0, 100.5, std::nan("")})
    CHECK(box.await(fan->set(Duty{bad}, Urgency::urgent)).error().code == Errc::invalid_argument);
  CHECK(box.files->written().empty());
}

TEST_CASE("a duty that the driver limits is reported as what it became") {
  QnapBox box;
  FanSpec spec = fan_on("hwmon:qnapmcu/pwm1");
  spec.min = Duty{10};
  const auto fan = box.fan(spec);
  CHECK(*box.await(fan->set(Duty{5}, Urgency::urgent)) == Duty{20});
  CHECK(box.files->written() == Writes{"pwm1=26"});
  CHECK_FALSE(*box.await(fan->rival()));
}

TEST_CASE("an inverted fan at full duty has pwm 0") {
  QnapBox box;
  FanSpec spec = fan_on("hwmon:qnapmcu/pwm1");
  spec.invert = true;
  const auto fan = box.fan(spec);
  CHECK(*box.await(fan->set(Duty{100}, Urgency::urgent)) == Duty{100});
  CHECK(box.files->written() == Writes{"pwm1=0"});
  CHECK(*box.await(fan->set(Duty{20}, Urgency::normal)) == Duty{20});
  CHECK(box.files->written() == Writes{"pwm1=204"});
}

TEST_CASE("a chip's automatic mode is borrowed before the first write, and given back") {
  QnapBox box;
  box.tree.write(box.chip + "/pwm1_enable", "2\n");
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  const std::string node = box.tree.root() + "/sys/class/hwmon/hwmon2";
  bool noted = false;
  box.files->on_write = [&](const std::string& path, const std::string&) {
    if (path.ends_with("pwm1_enable")) noted = box.side->loans.has(node + "/pwm1_enable");
    return false;
  };
  CHECK(*box.await(fan->set(Duty{60}, Urgency::normal)) == Duty{60});
  CHECK(noted);
  CHECK(box.files->written() == Writes{"pwm1_enable=1", "pwm1=153"});
  REQUIRE(box.side->loans.all().size() == 1);
  CHECK(box.side->loans.all()[0] ==
        Loan{node + "/name", "qnapmcu", {{node + "/pwm1_enable", "2"}}});
  // The mode is ours now.
  CHECK(*box.await(fan->set(Duty{100}, Urgency::normal)) == Duty{100});
  CHECK(box.files->written() == Writes{"pwm1=255"});
  REQUIRE(box.side->loans.give_back_all().ok());
  CHECK(box.tree.read(box.chip + "/pwm1_enable") == "2");
  CHECK(box.side->loans.all().empty());
  // And taken again at the next write.
  CHECK(*box.await(fan->set(Duty{60}, Urgency::normal)) == Duty{60});
  CHECK(box.side->loans.all().size() == 1);
}

TEST_CASE("a fan that is in manual mode already owes nothing") {
  QnapBox box;
  box.tree.write(box.chip + "/pwm1_enable", "1\n");
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  CHECK(box.await(fan->set(Duty{60}, Urgency::normal)).ok());
  CHECK(box.files->written() == Writes{"pwm1=153"});
  CHECK(box.side->loans.all().empty());
}

TEST_CASE("of two duties that are asked for at once, the later one stays in force") {
  QnapBox box;
  box.tree.write(box.chip + "/pwm1_enable", "2\n");
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  const auto [first, second] =
      box.await(fan->set(Duty{40}, Urgency::normal), fan->set(Duty{100}, Urgency::urgent));
  CHECK(*second == Duty{100});
  CHECK(first.ok());
  CHECK(box.tree.read(box.chip + "/pwm1") == "255");
  CHECK_FALSE(*box.await(fan->rival()));
}

TEST_CASE("a gpio-fan with three levels is driven at the next level that it has") {
  OneDevice box;
  const std::string chip =
      box.tree.hwmon(0, box.tree.device("platform/gpio-fan", "platform", "gpio-fan"), "gpio_fan");
  box.tree.write(chip + "/pwm1", "0\n");
  box.tree.write(chip + "/pwm1_enable", "1\n");
  box.files->on_write = [&](const std::string& path, const std::string& text) {
    if (!path.ends_with("/pwm1")) return false;
    box.tree.write(chip + "/pwm1", std::to_string(gpio_fan_level(std::stoi(text), 3) * 255 / 2));
    return true;
  };
  const auto fan = box.start(backend_for("hwmon").fan(box.context(), with_levels({0, 50, 100})));
  CHECK(*box.await(fan->set(Duty{30}, Urgency::normal)) == Duty{50});
  CHECK(*box.await(fan->duty()) == Duty{50});
  CHECK(*box.await(fan->set(Duty{51}, Urgency::normal)) == Duty{100});
  CHECK(*box.await(fan->set(Duty{0}, Urgency::normal)) == Duty{0});
  CHECK(box.files->written() == Writes{"pwm1=127", "pwm1=255", "pwm1=0"});
}

TEST_CASE("the speed is read where the board says, on this chip or on another") {
  QnapBox box;
  FanSpec spec = fan_on("hwmon:qnapmcu/pwm1");
  CHECK(box.await(box.fan(spec)->speed()).error().code == Errc::unsupported);
  spec.tach = uri("hwmon:qnapmcu/fan1");
  CHECK(*box.await(box.fan(spec)->speed()) == Rpm{2550});
  const std::string other = box.tree.hwmon(7, box.tree.device("i2c-1/1-002e", "i2c"), "adt7475");
  box.tree.write(other + "/fan3_input", "900\n");
  spec.tach = uri("hwmon:adt7475@1-002e/fan3");
  CHECK(*box.await(box.fan(spec)->speed()) == Rpm{900});
  box.tree.write(other + "/fan3_input", "-1\n");
  CHECK(box.await(box.fan(spec)->speed()).error().code == Errc::protocol);
  spec.tach = uri("mcu");
  CHECK(box.await(box.fan(spec)->speed()).error().code == Errc::unsupported);
  spec.tach = uri("hwmon:none/fan1");
  const auto fan = box.fan(spec);
  CHECK(fan->availability().present); // it can be driven all the same
  const auto speed = box.await(fan->speed());
  REQUIRE_FALSE(speed);
  CHECK(speed.error().code == Errc::unsupported);
  CHECK(speed.error().what.find("fan system: no hwmon chip 'none'") == 0);
}

TEST_CASE("an alarm line of the chip is read") {
  QnapBox box;
  FanSpec spec = fan_on("hwmon:qnapmcu/pwm1");
  CHECK(box.await(box.fan(spec)->alarm()).error().code == Errc::unsupported);
  spec.alarm = uri("hwmon:qnapmcu/fan1");
  CHECK(box.await(box.fan(spec)->alarm()).error().code == Errc::unsupported); // no such file
  box.tree.write(box.chip + "/fan1_alarm", "0\n");
  const auto fan = box.fan(spec);
  CHECK_FALSE(*box.await(fan->alarm()));
  box.tree.write(box.chip + "/fan1_alarm", "1\n");
  CHECK(*box.await(fan->alarm()));
  spec.alarm = uri("gpio:gpio0/10,active-low");
  const auto refused = box.await(box.fan(spec)->alarm());
  CHECK(refused.error().code == Errc::unsupported);
  CHECK(refused.error().what.find("gpio:gpio0/10,active-low") != std::string::npos);
}

TEST_CASE("a fan without its chip, or without its pwm, is absent with a reason") {
  QnapBox box;
  const auto reason = [&](const std::string& device) {
    const auto fan = box.fan(fan_on(device));
    const Availability there = fan->availability();
    CHECK_FALSE(there.present);
    const auto refused = box.await(fan->set(Duty{50}, Urgency::urgent));
    CHECK(refused.error().code == Errc::unsupported);
    CHECK(refused.error().what == "fan system: " + there.reason);
    CHECK(box.await(fan->rival()).error().code == Errc::unsupported);
    return there.reason;
  };
  CHECK(reason("hwmon:nct6775/pwm1") == "no hwmon chip 'nct6775': there is only 'qnapmcu'");
  CHECK(reason("hwmon:qnapmcu/pwm2").find("has no file pwm2") != std::string::npos);
  CHECK(reason("hwmon:qnapmcu/temp1").find("must end in pwm and a number") != std::string::npos);
  CHECK(box.files->written().empty());
}

TEST_CASE("with hwmon numbers in any order the right chip is driven") {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    OneDevice box;
    std::vector<int> numbers(5);
    std::iota(numbers.begin(), numbers.end(), 0);
    std::shuffle(numbers.begin(), numbers.end(), random);
    const std::vector<std::string> names = {"qnapmcu", "drivetemp", "drivetemp", "cpu_thermal",
                                            "lm75"};
    std::vector<std::string> chips;
    for (std::size_t i = 0; i < names.size(); ++i) {
      chips.push_back(box.tree.hwmon(
          numbers[i], box.tree.device("bus/dev-" + std::to_string(i), "bus"), names[i]));
      box.tree.write(chips[i] + "/pwm1", "9\n");
      box.tree.write(chips[i] + "/temp1_input", std::to_string(30000 + 1000 * i) + "\n");
    }
    const auto fan =
        box.start(backend_for("hwmon").fan(box.context(), fan_on("hwmon:qnapmcu/pwm1")));
    REQUIRE(box.await(fan->set(Duty{100}, Urgency::normal)).ok());
    for (std::size_t i = 0; i < chips.size(); ++i)
      REQUIRE(box.tree.read(chips[i] + "/pwm1") == (i == 0 ? "255" : "9\n"));
    const auto sensor = box.start(
        backend_for("hwmon").sensor(box.context(), sensor_on("hwmon:drivetemp@dev-2/temp1")));
    REQUIRE(*box.await(sensor->read()) == Celsius{32});
  }
}

TEST_CASE("a chip that goes makes its fan absent, and one that comes back is found again") {
  QnapBox box;
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  box.tree.remove("sys/class/hwmon/hwmon2");
  box.tree.remove(box.chip);
  // Another chip has got the number meanwhile: it must not be driven.
  const std::string other = box.tree.hwmon(2, box.tree.device("i2c/0-002f", "i2c"), "other");
  box.tree.write(other + "/pwm1", "9\n");
  const auto refused = box.await(fan->set(Duty{50}, Urgency::normal));
  CHECK(refused.error().code == Errc::unsupported);
  CHECK(box.looks == 1);
  CHECK_FALSE(fan->availability().present);
  CHECK(box.tree.read(other + "/pwm1") == "9\n");
  const std::string again =
      box.tree.hwmon(5, "sys/devices/platform/mcu/qnap-mcu-hwmon.4", "qnapmcu");
  box.tree.write(again + "/pwm1", "255\n");
  fan->refresh();
  CHECK(fan->availability().present);
  CHECK(*box.await(fan->set(Duty{60}, Urgency::normal)) == Duty{60});
  fan->close();
  CHECK_FALSE(fan->availability().present);
}

TEST_CASE("a chip that fails is an error with the kernel's words, and no reason to look again") {
  QnapBox box;
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  box.files->fail("/pwm1", EIO);
  const auto failed = box.await(fan->set(Duty{60}, Urgency::normal));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::protocol);
  CHECK(failed.error().what.find("fan system: ") == 0);
  CHECK(failed.error().what.find("Input/output error") != std::string::npos);
  CHECK(box.await(fan->duty()).error().code == Errc::protocol);
  CHECK(box.await(fan->rival()).error().code == Errc::protocol);
  box.files->fail("/pwm1", ENODEV);
  CHECK(box.await(fan->duty()).error().code == Errc::unsupported);
  CHECK(box.looks == 0);
  CHECK(fan->availability().present);
  box.files->heal();
  CHECK(*box.await(fan->set(Duty{60}, Urgency::normal)) == Duty{60});
}

TEST_CASE("a chip whose mode cannot be told is not driven blindly") {
  QnapBox box;
  box.tree.write(box.chip + "/pwm1_enable", "2\n");
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  box.files->fail("pwm1_enable", EIO);
  CHECK(box.await(fan->set(Duty{60}, Urgency::normal)).error().code == Errc::protocol);
  CHECK(box.files->written().empty());
}

TEST_CASE("a thermal zone in force on the fan is a rival, one under user_space is none") {
  QnapBox box;
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  CHECK_FALSE(*box.await(fan->rival()));
  box.bind_zone();
  const auto rival = *box.await(fan->rival());
  REQUIRE(rival);
  CHECK(*rival == Rival{Rival::Kind::thermal_zone, "thermal zone hdd-thermal (step_wise)"});
  const std::string zone = "sys/devices/virtual/thermal/thermal_zone0/";
  box.tree.write(zone + "mode", "disabled\n");
  CHECK_FALSE(*box.await(fan->rival()));
  box.tree.write(zone + "mode", "enabled\n");
  box.tree.write(zone + "policy", "user_space\n");
  CHECK_FALSE(*box.await(fan->rival()));
}

TEST_CASE("a zone is taken over by its policy, never by its mode, and gets the policy back") {
  QnapBox box;
  box.bind_zone();
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  REQUIRE(box.await(fan->take_over()).ok());
  CHECK(box.files->written() == Writes{"policy=user_space"});
  CHECK(box.zone_file("policy") == "user_space");
  CHECK(box.zone_file("mode") == "enabled\n");
  CHECK_FALSE(*box.await(fan->rival()));
  const std::string node = box.tree.root() + "/sys/class/thermal/thermal_zone0";
  REQUIRE(box.side->loans.all().size() == 1);
  CHECK(box.side->loans.all()[0] ==
        Loan{node + "/type", "hdd-thermal", {{node + "/policy", "step_wise"}}});
  REQUIRE(box.side->loans.give_back_all().ok());
  CHECK(box.zone_file("policy") == "step_wise");
}

TEST_CASE("a zone without the policy user_space is not taken over") {
  QnapBox box;
  box.bind_zone("step_wise power_allocator");
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  const Status refused = box.await(fan->take_over());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::unsupported);
  CHECK(refused.error().what.find("hdd-thermal") != std::string::npos);
  CHECK(refused.error().what.find("step_wise power_allocator") != std::string::npos);
  CHECK(box.files->written().empty());
  CHECK(box.side->loans.all().empty());
}

TEST_CASE("a value that another program has written is a rival, until the fan is taken over") {
  QnapBox box;
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  box.tree.write(box.chip + "/pwm1", "77\n");
  CHECK_FALSE(*box.await(fan->rival())); // nothing of ours was in force yet
  REQUIRE(box.await(fan->set(Duty{50}, Urgency::normal)).ok());
  CHECK_FALSE(*box.await(fan->rival()));
  box.tree.write(box.chip + "/pwm1", "77\n");
  const auto rival = *box.await(fan->rival());
  REQUIRE(rival);
  CHECK(*rival == Rival{Rival::Kind::program, "pwm1 is 77 (30 %), 128 was written"});
  REQUIRE(box.await(fan->take_over()).ok());
  CHECK_FALSE(*box.await(fan->rival()));
  CHECK(*box.await(fan->set(Duty{60}, Urgency::normal)) == Duty{60});
  CHECK_FALSE(*box.await(fan->rival()));
}

TEST_CASE("a chip that was put back into its own mode is a rival as well") {
  QnapBox box;
  box.tree.write(box.chip + "/pwm1_enable", "1\n");
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  REQUIRE(box.await(fan->set(Duty{50}, Urgency::normal)).ok());
  box.tree.write(box.chip + "/pwm1_enable", "2\n");
  const auto rival = *box.await(fan->rival());
  REQUIRE(rival);
  CHECK(*rival == Rival{Rival::Kind::program, "pwm1_enable is 2, it was 1"});
}

TEST_CASE("a write that failed leaves nothing that a rival could have changed") {
  QnapBox box;
  const auto fan = box.fan(fan_on("hwmon:qnapmcu/pwm1"));
  REQUIRE(box.await(fan->set(Duty{50}, Urgency::normal)).ok());
  box.files->fail("/pwm1", EIO);
  REQUIRE_FALSE(box.await(fan->set(Duty{60}, Urgency::normal)));
  box.files->heal();
  box.tree.write(box.chip + "/pwm1", "153\n");
  CHECK_FALSE(*box.await(fan->rival()));
}

TEST_CASE("a temperature is read in thousandths of a degree, and an impossible one is an error") {
  QnapBox box;
  const auto sensor = box.sensor(sensor_on("hwmon:qnapmcu/temp1"));
  CHECK(sensor->availability().present);
  CHECK(*box.await(sensor->read()) == Celsius{42});
  box.tree.write(box.chip + "/temp1_input", "-39500\n");
  CHECK(*box.await(sensor->read()) == Celsius{-39.5});
  for (const char* odd : {"-40001", "120001", "warm", ""}) {
    box.tree.write(box.chip + "/temp1_input", odd);
    const auto reading = box.await(sensor->read());
    REQUIRE_FALSE(reading);
    CHECK(reading.error().code == Errc::protocol);
    CHECK(reading.error().what.find("sensor board: ") == 0);
  }
}

TEST_CASE("a sensor whose chip says that it is broken gives no number") {
  QnapBox box;
  const auto sensor = box.sensor(sensor_on("hwmon:qnapmcu/temp1"));
  box.tree.write(box.chip + "/temp1_fault", "0\n");
  CHECK(*box.await(sensor->read()) == Celsius{42});
  box.tree.write(box.chip + "/temp1_fault", "1\n");
  CHECK(box.await(sensor->read()).error().code == Errc::protocol);
}

TEST_CASE("a sensor that fails, or goes, says so") {
  QnapBox box;
  const auto sensor = box.sensor(sensor_on("hwmon:qnapmcu/temp1"));
  box.files->fail("temp1_input", EIO);
  CHECK(box.await(sensor->read()).error().code == Errc::protocol);
  box.files->fail("temp1_input", ETIMEDOUT);
  CHECK(box.await(sensor->read()).error().code == Errc::timeout);
  box.files->heal();
  box.tree.remove("sys/class/hwmon/hwmon2");
  box.tree.remove(box.chip);
  CHECK(box.await(sensor->read()).error().code == Errc::unsupported);
  CHECK(box.looks == 1);
  CHECK(sensor->availability().reason == "no hwmon chip 'qnapmcu': there is none");
}
