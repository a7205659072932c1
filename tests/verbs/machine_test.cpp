// SPDX-License-Identifier: MIT
// What is read of a machine, and what is made of it: sections, a draft, likely boards.
#include <catch.hpp>
#include <common/temp_tree.hpp>

#include <libmcu/protocol/registry.hpp>
#include <verbs/draft.hpp>
#include <verbs/likely.hpp>
#include <verbs/machine.hpp>

#include <linux/input-event-codes.h>

#include <algorithm>
#include <set>
#include <sstream>

using namespace nasmcu;

namespace {

/// A folder of /sys with links as the kernel makes them.
struct Tree : TempTree {
  void link(const std::string& at, const std::string& to) const {
    std::filesystem::create_directories(std::filesystem::path(path(at)).parent_path());
    std::filesystem::create_directories(path(to));
    std::filesystem::create_symlink(path(to), path(at));
  }
};

/// "10000 0 100\n": these bits in words of the kernel's `unsigned long`, the highest first.
std::string bit_words(const std::set<unsigned>& bits) {
  constexpr unsigned width = sizeof(unsigned long) * 8;
  std::ostringstream text;
  for (unsigned word = *bits.rbegin() / width + 1; word-- > 0;) {
    unsigned long value = 0;
    for (unsigned bit = 0; bit < width; ++bit)
      if (bits.contains(word * width + bit)) value |= 1UL << bit;
    text << std::hex << value << (word > 0 ? " " : "\n");
  }
  return text.str();
}

/// Something like a QNAP on a kernel that has its driver.
void fill(const Tree& tree) {
  tree.write("proc/device-tree/model", std::string("QNAP TS-433 NAS\0", 16));
  tree.write("proc/device-tree/compatible", std::string("qnap,ts433\0rockchip,rk3568\0", 27));
  tree.write("sys/class/hwmon/hwmon4/name", "qnapmcu\n");
  tree.write("sys/class/hwmon/hwmon4/pwm1", "128\n");
  tree.write("sys/class/hwmon/hwmon4/fan1_input", "2550\n");
  tree.write("sys/class/hwmon/hwmon4/temp1_input", "42000\n");
  tree.write("sys/class/hwmon/hwmon4/uevent", "");
  tree.link("sys/class/hwmon/hwmon4/device", "sys/devices/platform/qnap-mcu-hwmon");
  tree.write("sys/class/hwmon/hwmon5/name", "drivetemp\n");
  tree.write("sys/class/hwmon/hwmon5/temp1_input", "31000\n");
  tree.write("sys/class/leds/hdd1:green:disk/trigger", "none timer [disk-activity]\n");
  tree.write("sys/class/leds/input0::capslock/trigger", "[kbd-capslock]\n");
  tree.link("sys/bus/gpio/devices/gpiochip0", "sys/devices/platform/fdd60000.gpio/gpiochip0");
  tree.write("sys/class/input/event1/device/name", "gpio-keys\n");
  tree.write("sys/class/input/event1/device/capabilities/key", bit_words({KEY_COPY, KEY_RESTART}));
  tree.write("sys/class/input/event2/device/name", "keyboard\n");
  std::set<unsigned> many;
  for (unsigned key = KEY_ESC; key < 128; ++key) many.insert(key);
  tree.write("sys/class/input/event2/device/capabilities/key", bit_words(many));
  tree.write("sys/class/rtc/rtc1/name", "rtc-rv8263 1-0051\n");
  tree.write("sys/class/watchdog/watchdog0/identity", "Synopsys DesignWare Watchdog\n");
  tree.write("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
  tree.write("sys/class/thermal/thermal_zone0/policy", "step_wise\n");
  tree.link("sys/class/thermal/thermal_zone0/cdev0", "sys/class/thermal/cooling_device0");
  tree.write("sys/class/thermal/cooling_device0/type", "qnap-mcu-hwmon\n");
  tree.write("sys/class/tty/ttyS2/type", "4\n");
  tree.write("sys/class/tty/ttyS7/type", "0\n");
  tree.write("sys/class/tty/console/active", "tty0 ttyS2\n");
  tree.write("sys/bus/serial/devices/serial0-0/modalias", "of:NmcuT(null)Cqnap,ts433-mcu\n");
  tree.link("sys/bus/serial/devices/serial0-0/driver", "sys/bus/serial/drivers/qnap-mcu");
}

Machine look(const Tree& tree) { return look_at_machine(mcu::Files(), tree.root()); }

std::vector<std::string> lines(const Machine& machine, const std::string& title) {
  for (const Section& section : describe(machine))
    if (section.title.starts_with(title)) return section.lines;
  return {};
}

mcu::BoardFile parse(const std::string& draft) {
  return mcu::make_board("draft", mcu::parse_ini("draft.ini", draft), mcu::protocol_names());
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a machine is read by the kernel's names") {
  const Tree tree;
  fill(tree);
  const Machine machine = look(tree);
  CHECK(machine.model == "QNAP TS-433 NAS");
  CHECK(lines(machine, "Machine").at(1) == "compatible: qnap,ts433");
  CHECK(lines(machine, "Monitoring") ==
        std::vector<std::string>{"hwmon4: qnapmcu on qnap-mcu-hwmon", "  fan1_input 2550",
                                 "  pwm1 128", "  temp1_input 42000", "hwmon5: drivetemp",
                                 "  temp1_input (not read: it could wake the disk)"});
  CHECK(lines(machine, "LEDs").front() == "hdd1:green:disk (disk-activity)");
  CHECK(lines(machine, "GPIO") == std::vector<std::string>{"gpiochip0: fdd60000.gpio"});
  CHECK(lines(machine, "Input").front() == "event1: gpio-keys: KEY_RESTART KEY_COPY (2 keys)");
  CHECK(lines(machine, "Thermal") ==
        std::vector<std::string>{
            "thermal_zone0: cpu-thermal (policy step_wise, cools by qnap-mcu-hwmon)"});
  CHECK(lines(machine, "Serial ports") == std::vector<std::string>{"ttyS2 (console)"});
  CHECK(lines(machine, "Devices on serial") ==
        std::vector<std::string>{"serial0-0: of:NmcuT(null)Cqnap,ts433-mcu (driver qnap-mcu)"});
}

TEST_CASE("an empty machine says where it was looked, section by section") {
  const Tree tree;
  std::filesystem::create_directories(tree.path("sys/class/leds"));
  for (const Section& section : describe(look(tree))) {
    CAPTURE(section.title);
    REQUIRE(!section.lines.empty());
    const bool there = section.title.starts_with("LEDs");
    CHECK(section.lines[0].starts_with(there ? "none: nothing of that can be read in /"
                                             : "none: there is no /"));
  }
}

TEST_CASE("a disk's temperature is never read, whatever the chip is called") {
  const Tree tree;
  tree.write("sys/class/hwmon/hwmon0/name", "strange\n");
  tree.write("sys/class/hwmon/hwmon0/temp1_input", "31000\n");
  tree.link("sys/class/hwmon/hwmon0/device", "sys/devices/platform/a.sata/ata1/host0/target0:0:0");
  const Machine machine = look(tree);
  REQUIRE(machine.hwmon.size() == 1);
  CHECK(machine.hwmon[0].disk);
  CHECK(!has(machine.hwmon[0].values.at(0).text, "31000"));
}

TEST_CASE("a draft passes the check and has what was found") {
  const Tree tree;
  fill(tree);
  const std::string draft = draft_board(look(tree));
  CAPTURE(draft);
  const mcu::BoardFile file = parse(draft);
  REQUIRE(file.board);
  CHECK(file.diagnostics.empty());
  const mcu::Board& board = *file.board;
  CHECK(board.name == "QNAP TS-433 NAS");
  CHECK(board.match == std::vector<std::string>{"qnap,ts433"});
  REQUIRE(board.fans.size() == 1);
  CHECK(mcu::to_string(board.fans[0].device) == "hwmon:qnapmcu/pwm1");
  CHECK(mcu::to_string(board.fans[0].tach.value()) == "hwmon:qnapmcu/fan1");
  REQUIRE(board.sensors.size() == 2);
  CHECK(board.sensors[0].name == "cpu");
  CHECK(mcu::to_string(board.sensors[1].device) == "hwmon:qnapmcu/temp1");
  REQUIRE(board.leds.size() == 1);
  CHECK(board.leds[0].name == "hdd1-green-disk");
  REQUIRE(board.buttons.size() == 2);
  CHECK(board.buttons[0].name == "reset");
  CHECK(mcu::to_string(board.clock.value().device) == "rtc:rtc-rv8263");
  CHECK(mcu::to_string(board.watchdog.value().device) == "watchdog:Synopsys DesignWare Watchdog");
  CHECK(has(draft, "# protocol = "));
  CHECK(has(draft, "# gpio:fdd60000.gpio/0"));
}

TEST_CASE("a draft passes the check on any machine, and hostile names stay in comments") {
  CHECK(parse(draft_board(Machine{})).board);
  CHECK(parse(draft_board(Machine{})).diagnostics.empty());
  Machine machine;
  machine.model = "evil\n[fan x]\ndevice = mcu ; # x";
  machine.compatible = {"two words"};
  machine.dmi = {{"product_name", "unused"}};
  for (const char* name : {"", "a\n[led b]\ndevice = led:c", "../x", "a//b", "/x", "x,active-low",
                           "same", "same", "SAME", "[board]", "= = =", "ä:ö"}) {
    machine.leds.push_back({name, name, ""});
    machine.hwmon.push_back({"hwmon0", name, "", false, {{"pwm1", "1"}, {"temp1_input", "1"}}});
    machine.inputs.push_back({{"event0", name, ""}, {"KEY_POWER", "SW 5"}, 1, true});
    machine.clocks.push_back({"rtc0", name, ""});
    machine.watchdogs.push_back({"watchdog0", name, ""});
    machine.zones.push_back({"thermal_zone0", name, ""});
    machine.disks.push_back({name, {}});
    machine.gpio_chips.push_back({"gpiochip0", name, ""});
  }
  const std::string draft = draft_board(machine);
  CAPTURE(draft);
  CHECK(parse(draft).board);
  CHECK(parse(draft).diagnostics.empty());
  CHECK(!has(draft, "\n[led b]"));
}

TEST_CASE(
    "the likeliest board is the one of the first compatible string, others follow by evidence") {
  const Tree tree;
  fill(tree);
  std::vector<mcu::Board> boards;
  for (const char* id : {"dlink-dns320l", "qnap-ts133", "qnap-ts433"})
    boards.push_back(
        *mcu::read_board(std::string(NASMCU_SOURCE_DIR "/config/boards/") + id + ".ini",
                         mcu::protocol_names())
             .board);
  Machine machine = look(tree);
  auto likely = likely_boards(boards, machine);
  CHECK(likely.at(0).id == "qnap-ts433");
  CHECK(likely[0].why.at(0) == "this machine is qnap,ts433");
  CHECK(likely[1].id == "qnap-ts133");
  CHECK(likely[1].why.at(0) == "it is from the same maker, qnap");
  CHECK(likely[2].id == "dlink-dns320l");
  CHECK(likely[2].weight == 0);
  CHECK(likely[2].why.empty());

  // A vendor's kernel with another board's strings: its MCU and its LEDs speak.
  machine.compatible = {"rockchip,rk3568-evb1-ddr4-v10"};
  machine.model.clear();
  likely = likely_boards(boards, machine);
  CHECK(likely[0].id == "qnap-ts433");
  CHECK(has(likely[0].why.at(0), "qnap,ts433-mcu is on serial0-0"));
  machine.compatible.insert(machine.compatible.end(), "dlink,dns320l");
  CHECK(likely_boards(boards, machine)[0].why.at(0) == "this machine is also dlink,dns320l");
}
