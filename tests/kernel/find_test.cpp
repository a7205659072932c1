// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <kernel/sys_tree.hpp>

#include <libmcu/kernel/find.hpp>

#include <algorithm>
#include <numeric>
#include <random>

using namespace mcu;

namespace {

std::string found(const Result<std::string>& result) {
  return result ? *result : "error: " + result.error().what;
}

std::string disk_on(const SysTree& tree, const std::string& port) {
  const auto disk = find_disk(Files(), tree.root(), port);
  return disk ? disk->name : "error: " + disk.error().what;
}

/// A drivetemp folder for a disk.
void drivetemp(const SysTree& tree, int number, const std::string& scsi) {
  tree.hwmon(number, scsi, "drivetemp");
}

} // namespace

TEST_CASE("a hwmon chip is found by its name, whatever its number") {
  const SysTree tree;
  const std::string mcu = tree.device("platform/mcu", "platform", "qnap-mcu-hwmon");
  const std::string cpu = tree.device("virtual/cpu", "virtual");
  tree.hwmon(10, mcu, "qnapmcu");
  tree.hwmon(2, cpu, "cpu_thermal");
  const Files files;
  CHECK(found(find_hwmon(files, tree.root(), "qnapmcu")) == tree.path("sys/class/hwmon/hwmon10"));
  CHECK(found(find_hwmon(files, tree.root(), "cpu_thermal")) ==
        tree.path("sys/class/hwmon/hwmon2"));
  const auto missing = find_hwmon(files, tree.root(), "qnap");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::unsupported);
  CHECK(missing.error().what == "no hwmon chip 'qnap': there are 'cpu_thermal', 'qnapmcu'");
  CHECK(found(find_hwmon(files, "/nonexistent", "qnapmcu")) ==
        "error: no hwmon chip 'qnapmcu': there is none");
}

TEST_CASE("of several chips of one name the device's end says which, and none is guessed") {
  const SysTree tree;
  tree.hwmon(1, tree.device("platform/i2c0/i2c-0/0-0048", "i2c"), "lm75");
  tree.hwmon(0, tree.device("platform/i2c0/i2c-0/0-0049", "i2c"), "lm75");
  const Files files;
  CHECK(found(find_hwmon(files, tree.root(), "lm75@0-0048")) ==
        tree.path("sys/class/hwmon/hwmon1"));
  CHECK(found(find_hwmon(files, tree.root(), "lm75@0-0049")) ==
        tree.path("sys/class/hwmon/hwmon0"));
  CHECK(found(find_hwmon(files, tree.root(), "lm75@i2c-0/0-0049")) ==
        tree.path("sys/class/hwmon/hwmon0"));
  for (const char* chip : {"lm75", "lm75@0048", "lm75@0-0050"}) {
    const auto none = find_hwmon(files, tree.root(), chip);
    CAPTURE(chip);
    REQUIRE_FALSE(none);
    CHECK_THAT(none.error().what,
               ContainsSubstring("lm75@0-0048") && ContainsSubstring("lm75@0-0049"));
  }
}

TEST_CASE("a thermal zone is found by its type") {
  const SysTree tree;
  tree.zone(0, "gpu-thermal", "40000");
  tree.zone(1, "cpu-thermal", "41000");
  tree.write("sys/class/thermal/cooling_device0/type", "cpu-thermal\n"); // not a zone
  const Files files;
  CHECK(found(find_thermal_zone(files, tree.root(), "cpu-thermal")) ==
        tree.path("sys/class/thermal/thermal_zone1"));
  CHECK(found(find_thermal_zone(files, tree.root(), "cpu")) ==
        "error: no thermal zone 'cpu': there are 'gpu-thermal', 'cpu-thermal'");
  tree.zone(7, "cpu-thermal", "42000");
  CHECK_THAT(
      found(find_thermal_zone(files, tree.root(), "cpu-thermal")),
      ContainsSubstring("several thermal zones 'cpu-thermal': thermal_zone1, thermal_zone7"));
}

TEST_CASE("of a LED's names the first that exists counts; NAME_1 is another LED") {
  const SysTree tree;
  tree.write("sys/class/leds/red:status_1/brightness", "0\n");
  tree.write("sys/class/leds/green:status/brightness", "0\n");
  tree.write("sys/class/leds/hdd1:red:status/brightness", "0\n");
  const Files files;
  CHECK(found(find_led(files, tree.root(), {"none", "hdd1:red:status", "green:status"})) ==
        tree.path("sys/class/leds/hdd1:red:status"));
  CHECK_THAT(found(find_led(files, tree.root(), {"red:status"})),
             ContainsSubstring("no LED 'red:status'") && ContainsSubstring("'red:status_1'"));
  for (const char* odd : {"", ".", "..", "../leds/green:status"})
    CHECK_FALSE(find_led(files, tree.root(), {odd}));
}

TEST_CASE("an input device is found by its name") {
  const SysTree tree;
  tree.write("sys/class/input/event0/device/name", "gpio-keys\n");
  tree.write("sys/class/input/event11/device/name", "qnap-mcu\n");
  tree.write("sys/class/input/input3/name", "qnap-mcu\n");
  const Files files;
  CHECK(found(find_input(files, tree.root(), "qnap-mcu")) == tree.path("dev/input/event11"));
  CHECK_FALSE(find_input(files, tree.root(), "qnap"));
  // A name comes from a USB device's maker and is not to be trusted on a terminal.
  tree.write("sys/class/input/event12/device/name", "\x1B[31mred\n");
  CHECK_THAT(found(find_input(files, tree.root(), "x")), ContainsSubstring("\\x1B[31mred"));
}

TEST_CASE("a clock is found by number or by its driver") {
  const SysTree tree;
  tree.write("sys/class/rtc/rtc0/name", "rk808-rtc rk808-rtc.1.auto\n");
  tree.write("sys/class/rtc/rtc1/name", "rtc-pcf85063 0-0051\n");
  const Files files;
  const auto by_driver = find_rtc(files, tree.root(), "rtc-pcf85063");
  REQUIRE(by_driver);
  CHECK(by_driver->sysfs == tree.path("sys/class/rtc/rtc1"));
  CHECK(by_driver->dev == tree.path("dev/rtc1"));
  CHECK(find_rtc(files, tree.root(), "rtc0")->sysfs == tree.path("sys/class/rtc/rtc0"));
  CHECK(find_rtc(files, tree.root(), "rtc2").error().what ==
        "no clock 'rtc2': there are 'rtc0', 'rtc1'");
  CHECK_FALSE(find_rtc(files, tree.root(), "rtc-pcf"));
}

TEST_CASE("a watchdog is found by its identity") {
  const SysTree tree;
  tree.write("sys/class/watchdog/watchdog0/identity", "Software Watchdog\n");
  tree.write("sys/class/watchdog/watchdog1/identity", "Orion Watchdog\n");
  CHECK(found(find_watchdog(Files(), tree.root(), "Orion Watchdog")) == tree.path("dev/watchdog1"));
  CHECK_FALSE(find_watchdog(Files(), tree.root(), "Orion"));
}

TEST_CASE("a disk's port has the name that udev gives it") {
  const SysTree tree;
  // Kirkwood and Armada: platform devices, one inside another.
  tree.device("platform/mbus@f1000000", "platform");
  tree.device("platform/mbus@f1000000/f1080000.sata", "platform");
  tree.disk({"sdb", "platform/mbus@f1000000/f1080000.sata", 4, 3, "2"});
  // A PC: bridges in front of the controller.
  tree.device("pci0000:00/0000:00:1c.0", "pci");
  tree.device("pci0000:00/0000:00:1c.0/0000:02:00.0", "pci");
  tree.disk({"sda", "pci0000:00/0000:00:1c.0/0000:02:00.0", 9, 8, "1"});
  // RK3568: a PCI controller below a platform's host bridge.
  const std::string bridge = "platform/3c0800000.pcie";
  tree.device(bridge, "platform");
  tree.device(bridge + "/pci0002:20/0002:20:00.0", "pci");
  tree.device(bridge + "/pci0002:20/0002:20:00.0/0002:21:00.0", "pci");
  tree.disk({"sdaa", bridge + "/pci0002:20/0002:20:00.0/0002:21:00.0", 1, 0, "2"});

  CHECK(disk_on(tree, "platform-f1080000.sata-ata-2") == "sdb");
  CHECK(disk_on(tree, "pci-0000:02:00.0-ata-1") == "sda");
  CHECK(disk_on(tree, "platform-3c0800000.pcie-pci-0002:21:00.0-ata-2") == "sdaa");
  const auto all = disks_on_ports(Files(), tree.root());
  REQUIRE(all.size() == 3);
  CHECK(all[0].port == "pci-0000:02:00.0-ata-1");
  CHECK(all[0].disk.sysfs == tree.path("sys/block/sda"));

  SECTION("as older and newer versions of udev write it") {
    CHECK(disk_on(tree, "pci-0002:21:00.0-ata-2") == "sdaa");
    CHECK(disk_on(tree, "pci-0002:21:00.0-ata-2.0") == "sdaa");
    CHECK(disk_on(tree, "platform-f1080000.sata-ata-2.0") == "sdb");
  }
  SECTION("and only so") {
    for (const char* port :
         {"", "ata-2", "platform-f1080000.sata-ata-1", "f1080000.sata-ata-2",
          "pci-0002:20:00.0-ata-2", "pci-ata-2", "platform-f1080000.sata-ata-2.1"})
      CHECK_THAT(disk_on(tree, port), ContainsSubstring("no disk on port") &&
                                          ContainsSubstring("platform-f1080000.sata-ata-2"));
  }
}

TEST_CASE("a tree without the links of the buses gives the same names") {
  const SysTree tree;
  tree.disk({"sda", "platform/soc/f1080000.sata", 1, 0, "1"});
  tree.disk({"sdb", "platform/3c0800000.pcie/pci0002:20/0002:20:00.0/0002:21:00.0", 2, 1, "1"});
  CHECK(disk_on(tree, "platform-f1080000.sata-ata-1") == "sda");
  CHECK(disk_on(tree, "platform-3c0800000.pcie-pci-0002:21:00.0-ata-1") == "sdb");
}

TEST_CASE("where the kernel does not number a controller's ports, their order does") {
  const SysTree tree;
  tree.folder("sys/devices/platform/f1080000.sata/ata9"); // an empty port
  tree.disk({"sdc", "platform/f1080000.sata", 10, 9, ""});
  tree.disk({"sdd", "platform/f1090000.sata", 11, 10, ""});
  CHECK(disk_on(tree, "platform-f1080000.sata-ata-2") == "sdc");
  CHECK(disk_on(tree, "platform-f1090000.sata-ata-1") == "sdd");
}

TEST_CASE("disks behind a port multiplier are told apart") {
  const SysTree tree;
  tree.disk({"sda", "platform/f1080000.sata", 1, 0, "1", "0:0:0"});
  tree.disk({"sdb", "platform/f1080000.sata", 1, 0, "1", "2:0:0"});
  CHECK(disk_on(tree, "platform-f1080000.sata-ata-1") == "sda");
  CHECK(disk_on(tree, "platform-f1080000.sata-ata-1.2.0") == "sdb");
  tree.remove("sys/block/sda");
  CHECK_THAT(disk_on(tree, "platform-f1080000.sata-ata-1"), ContainsSubstring("no disk on port"));
}

TEST_CASE("two disks that fit one name are never guessed at") {
  const SysTree tree;
  tree.disk({"sda", "platform/a.pcie/pci0000:00/0000:00:01.0", 1, 0, "1"});
  tree.disk({"sdb", "platform/b.pcie/pci0000:00/0000:00:01.0", 2, 1, "1"});
  const auto disk = find_disk(Files(), tree.root(), "pci-0000:00:01.0-ata-1");
  REQUIRE_FALSE(disk);
  CHECK(disk.error().code == Errc::invalid_argument);
  CHECK_THAT(disk.error().what, ContainsSubstring("a.pcie") && ContainsSubstring("(sdb)"));
  CHECK(disk_on(tree, "platform-b.pcie-pci-0000:00:01.0-ata-1") == "sdb");
}

TEST_CASE("disks on USB and memory cards have no port") {
  const SysTree tree;
  tree.write("sys/devices/platform/usb/usb1/1-1/host5/target5:0:0/5:0:0:0/block/sdc/stat", "1\n");
  tree.link("sys/devices/platform/usb/usb1/1-1/host5/target5:0:0/5:0:0:0/block/sdc/device",
            "sys/devices/platform/usb/usb1/1-1/host5/target5:0:0/5:0:0:0");
  tree.link("sys/block/sdc",
            "sys/devices/platform/usb/usb1/1-1/host5/target5:0:0/5:0:0:0/block/sdc");
  tree.write("sys/block/loop0/size", "0\n");
  CHECK(disks_on_ports(Files(), tree.root()).empty());
  CHECK(disk_on(tree, "platform-usb-ata-1") ==
        "error: no disk on port 'platform-usb-ata-1': there is none");
}

TEST_CASE("a disk's drivetemp is its own, and empty while it has none") {
  const SysTree tree;
  const std::string first = tree.disk({"sda", "platform/f1080000.sata", 1, 0, "1"});
  const std::string second = tree.disk({"sdb", "platform/f1080000.sata", 2, 1, "2"});
  const auto hwmon = [&](const std::string& port) {
    return find_disk(Files(), tree.root(), "platform-f1080000.sata-ata-" + port)->hwmon;
  };
  CHECK(hwmon("1").empty());
  drivetemp(tree, 3, second);
  CHECK(hwmon("1").empty());
  CHECK(hwmon("2") == tree.path("sys/class/hwmon/hwmon3"));
  drivetemp(tree, 1, first);
  CHECK(hwmon("1") == tree.path("sys/class/hwmon/hwmon1"));
}

TEST_CASE("with numbers permuted at random the same bay has the same disk, 100 times") {
  std::mt19937 random(20250101); // NOLINT: the same permutations in each run
  const std::vector<std::string> places = {"platform/fc400000.sata", "platform/fc800000.sata",
                                           "platform/3c0800000.pcie/pci0002:20/0002:21:00.0"};
  for (int round = 0; round < 100; ++round) {
    const SysTree tree;
    std::vector<int> numbers(places.size());
    std::iota(numbers.begin(), numbers.end(), 0);
    std::shuffle(numbers.begin(), numbers.end(), random);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const int number = numbers[i];
      const std::string scsi = tree.disk({std::string("sd") + static_cast<char>('a' + number),
                                          places[i], number + 1, number, "1"});
      tree.write(scsi + "/serial", std::to_string(i));
      drivetemp(tree, (number * 7) % 13, scsi);
    }
    const auto serial = [&](const std::string& port) {
      const auto disk = find_disk(Files(), tree.root(), port);
      REQUIRE(disk);
      CHECK(Files().resolve(disk->hwmon + "/device") == Files().resolve(disk->sysfs + "/device"));
      return Files().read(disk->sysfs + "/device/serial").value_or("none");
    };
    CHECK(serial("platform-fc400000.sata-ata-1") == "0");
    CHECK(serial("platform-fc800000.sata-ata-1") == "1");
    CHECK(serial("platform-3c0800000.pcie-pci-0002:21:00.0-ata-1") == "2");
  }
}

namespace {

/// A fan's hwmon folder, a zone with cooling devices of these types.
void cooled(const SysTree& tree, int zone, const std::string& type,
            const std::vector<std::string>& cooling, const std::string& policy,
            const std::string& mode) {
  tree.zone(zone, type, "40000");
  const std::string place = "sys/devices/virtual/thermal/thermal_zone" + std::to_string(zone);
  if (!policy.empty()) tree.write(place + "/policy", policy + "\n");
  if (!mode.empty()) tree.write(place + "/mode", mode + "\n");
  for (std::size_t i = 0; i < cooling.size(); ++i) {
    const std::string device = "sys/devices/virtual/thermal/cooling_device" +
                               std::to_string(zone * 10) + std::to_string(i);
    tree.write(device + "/type", cooling[i] + "\n");
    tree.link(place + "/cdev" + std::to_string(i), device);
    tree.write(place + "/cdev" + std::to_string(i) + "_trip_point", "0\n");
  }
}

} // namespace

TEST_CASE("a zone drives a fan when one of its cooling devices is of the fan's driver") {
  const SysTree tree;
  tree.hwmon(4, tree.device("platform/mcu/qnap-mcu-hwmon", "platform", "qnap-mcu-hwmon"),
             "qnapmcu");
  const std::string hwmon = tree.path("sys/class/hwmon/hwmon4");
  cooled(tree, 0, "cpu-thermal", {"cpufreq-cpu0", "Processor"}, "step_wise", "enabled");
  CHECK(zones_driving(Files(), tree.root(), hwmon).empty());
  cooled(tree, 1, "soc-thermal", {"cpufreq-cpu0", "qnap-mcu-hwmon"}, "step_wise", "enabled");
  cooled(tree, 2, "hdd-thermal", {"qnap-mcu-hwmon"}, "user_space", "disabled");
  cooled(tree, 3, "old-thermal", {"qnap-mcu-hwmon"}, "", "");
  const auto zones = zones_driving(Files(), tree.root(), hwmon);
  REQUIRE(zones.size() == 3);
  CHECK(zones[0].sysfs == tree.path("sys/class/thermal/thermal_zone1"));
  CHECK(zones[0].type == "soc-thermal");
  CHECK(zones[0].policy == "step_wise");
  CHECK(zones[0].enabled);
  CHECK(zones[1].policy == "user_space");
  CHECK_FALSE(zones[1].enabled);
  CHECK(zones[2].policy.empty());
  CHECK(zones[2].enabled);
}

TEST_CASE("a cooling device may be called as hwmon calls the chip") {
  const SysTree tree;
  tree.hwmon(0, tree.device("platform/fan", "platform"), "gpio_fan"); // no driver to be seen
  const std::string hwmon = tree.path("sys/class/hwmon/hwmon0");
  cooled(tree, 0, "hdd-thermal", {"gpio-fan"}, "step_wise", "enabled");
  CHECK(zones_driving(Files(), tree.root(), hwmon).size() == 1);
  CHECK(zones_driving(Files(), tree.root(), tree.path("sys/class/hwmon/hwmon9")).empty());
}
