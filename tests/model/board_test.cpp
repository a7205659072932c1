// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <libmcu/model/board.hpp>

#include <cmath>
#include <limits>

using namespace mcu;

namespace {

const std::string head = "[board]\nname = Test\nmatch = acme,box\n[mcu]\nprotocol = wt61p803\n"
                         "port = /dev/ttyS0\n"; // 6 lines
const std::string good_fan = "[fan system]\ndevice = mcu\nmin = 20\n";

BoardFile load(const std::string& text) {
  return make_board("acme-box", parse_ini("b.ini", text), {"wt61p803", "dns320l"});
}

std::string all_text(const BoardFile& file) {
  std::string text;
  for (const Diagnostic& one : file.diagnostics) text += to_string(one) + "\n";
  return text;
}

FanSpec fan_of(const std::string& keys) {
  const auto file = load(head + "[fan system]\ndevice = mcu\n" + keys);
  INFO(all_text(file));
  REQUIRE(file.board);
  return file.board->fans.at(0);
}

} // namespace

TEST_CASE("device URIs are read and written back") {
  const auto gpio = parse_device_uri("gpio:gpio0/14,active-low");
  REQUIRE(gpio);
  CHECK(*gpio == DeviceUri{"gpio", "gpio0/14", {"active-low"}});
  CHECK(*parse_device_uri("mcu") == DeviceUri{"mcu", "", {}});
  CHECK(*parse_device_uri("led:hdd1:red:status") == DeviceUri{"led", "hdd1:red:status", {}});
  for (const char* text : {"mcu", "mcu:disk1", "hwmon:qnapmcu/pwm1", "gpio:gpio0/14,active-low"})
    CHECK(to_string(*parse_device_uri(text)) == text);
}

TEST_CASE("a device that could leave its folder, or is none at all, is refused") {
  for (const char* bad :
       {"", ":", "MCU", "mcu:", "hwmon:../../etc/passwd", "hwmon:../x", "led:a/../b", "led:a/..",
        "led:..", "led:/dev/sda", "led:a//b", "gpio:x/1,", "gpio:x/1,a b", "m cu:x", "led:a\x01"})
    CHECK(parse_device_uri(bad).error().code == Errc::invalid_argument);
}

TEST_CASE("a curve rises in temperature and never falls in duty") {
  const auto curve = parse_curve("35:20 45.5:40  60:100");
  REQUIRE(curve);
  CHECK(curve->at(1) == CurvePoint{Celsius{45.5}, Duty{40}});
  for (const char* bad : {"", "35", "35:", ":20", "35:20 35:30", "45:20 35:30", "35:50 45:40",
                          "35:101", "35:-1", "999:50", "35:20,45:40", "35:x", "nan:20", "35:20:3"})
    CHECK_FALSE(parse_curve(bad).ok());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += std::to_string(i % 150) + ":1 ";
  CHECK_FALSE(parse_curve(many).ok());
}

TEST_CASE("a duty is fitted to the levels: the lowest level at or above it") {
  const FanSpec fan = fan_of("levels = 0 50 100\nstop = yes\n");
  CHECK(fit(fan, Duty{0}) == Duty{0});
  CHECK(fit(fan, Duty{1}) == Duty{50});
  CHECK(fit(fan, Duty{50}) == Duty{50});
  CHECK(fit(fan, Duty{50.000001}) == Duty{50});
  CHECK(fit(fan, Duty{51}) == Duty{100});
  CHECK(fit(fan, Duty{100}) == Duty{100});
  CHECK(fan.min == Duty{50});
}

TEST_CASE("a fan that may not stop turns at its lowest level or duty") {
  CHECK(fit(fan_of("levels = 0 50 100\n"), Duty{0}) == Duty{50});
  CHECK(fit(fan_of("min = 20\n"), Duty{0}) == Duty{20});
  CHECK(fit(fan_of("min = 20\nstop = yes\n"), Duty{0}) == Duty{0});
  CHECK(fit(fan_of("min = 20\nstop = yes\n"), Duty{5}) == Duty{20});
  CHECK(fit(fan_of("min = 20\nmax = 80\n"), Duty{100}) == Duty{80});
}

TEST_CASE("a wish that is no number means full speed") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(fit(fan_of("min = 20\n"), Duty{nan}) == Duty{100});
  CHECK(fit(fan_of("levels = 0 50 100\nstop = yes\n"), Duty{nan}) == Duty{100});
  CHECK(fit(fan_of("min = 20\n"), Duty{1e9}) == Duty{100});
  CHECK(fit(fan_of("min = 20\n"), Duty{-1e9}) == Duty{20});
}

TEST_CASE("a whole board file is read") {
  const auto file = load(head + good_fan +
                         "stop = no\nfailsafe = 80\ntach = mcu\nstall-below = 120\n"
                         "curve = 35:20 60:100\n"
                         "[sensor board]\ndevice = mcu\nmax = 70\n"
                         "[led disk1-fault]\ndevice = mcu:disk1\nfallback = hdd1:red:status other\n"
                         "[button power]\ndevice = mcu:power\n[buzzer]\ndevice = mcu\n"
                         "[clock]\ndevice = rtc:rtc0\nutc = no\n"
                         "[power]\ndevice = mcu\ndelay = 20\ncoding = bcd\n"
                         "[bay 1]\nled = disk1-fault\nlabel = left one\nport = platform-x-ata-1\n"
                         "[watchdog]\ndevice = watchdog:orion_wdt\n");
  INFO(all_text(file));
  REQUIRE(file.board);
  CHECK(file.diagnostics.empty());
  const Board& board = *file.board;
  CHECK(board.id == "acme-box");
  CHECK(board.name == "Test");
  CHECK(board.match == std::vector<std::string>{"acme,box"});
  CHECK(board.mcu->protocol == "wt61p803");
  REQUIRE(board.fan("system") != nullptr);
  CHECK(board.fan("system")->failsafe == Duty{80});
  CHECK(board.fan("system")->stall_below == Rpm{120});
  CHECK(board.fan("other") == nullptr);
  CHECK(board.sensor("board")->max == Celsius{70});
  CHECK(board.leds.at(0).fallback == std::vector<std::string>{"hdd1:red:status", "other"});
  CHECK_FALSE(board.clock->utc);
  CHECK(board.power->delay == 20);
  CHECK(board.power->coding == DelayCoding::bcd);
  CHECK(board.bays.at(0).label == "left one");
  CHECK(board.watchdog->device.address == "orion_wdt");
}

TEST_CASE("without a failsafe key the fan's highest duty is its failsafe") {
  CHECK(fan_of("min = 20\n").failsafe == Duty{100});
  CHECK(fan_of("min = 20\nmax = 70\n").failsafe == Duty{70});
}

TEST_CASE("devices on the MCU have other names while the kernel's driver holds it") {
  const std::string text = head + "kernel-driver = qnap-mcu\n" + good_fan +
                           "kernel = hwmon:qnapmcu/pwm1\ntach = mcu\n"
                           "kernel-tach = hwmon:qnapmcu/fan1\n"
                           "[sensor board]\ndevice = mcu\nkernel = hwmon:qnapmcu/temp1\n"
                           "[sensor cpu]\ndevice = thermal:cpu-thermal\n"
                           "[led usb]\ndevice = mcu:usb\nkernel = led:usb:blue:disk\n"
                           "[button power]\ndevice = mcu:power\n"
                           "kernel = input:qnap-mcu/KEY_POWER\n"
                           "[buzzer]\ndevice = mcu\nkernel = input:qnap-mcu/SND_BELL\n"
                           "[clock]\ndevice = mcu\nkernel = rtc:rtc-x\n"
                           "[power]\ndevice = mcu\n";
  const auto file = load(text);
  INFO(all_text(file));
  REQUIRE(file.board);
  CHECK(file.diagnostics.empty());
  CHECK(file.board->mcu->kernel_driver == "qnap-mcu");
  CHECK(to_string(file.board->fans.at(0).device) == "mcu");
  const Board board = with_kernel_mcu(*file.board);
  CHECK(to_string(board.fans.at(0).device) == "hwmon:qnapmcu/pwm1");
  CHECK(to_string(*board.fans.at(0).tach) == "hwmon:qnapmcu/fan1");
  CHECK(to_string(board.sensors.at(0).device) == "hwmon:qnapmcu/temp1");
  CHECK(to_string(board.sensors.at(1).device) == "thermal:cpu-thermal");
  CHECK(to_string(board.leds.at(0).device) == "led:usb:blue:disk");
  CHECK(to_string(board.buttons.at(0).device) == "input:qnap-mcu/KEY_POWER");
  CHECK(to_string(board.buzzer->device) == "input:qnap-mcu/SND_BELL");
  CHECK(to_string(board.clock->device) == "rtc:rtc-x");
  // It has no other name: nobody can reach it then.
  CHECK(to_string(board.power->device) == "mcu");
}

TEST_CASE("a fan's alarm line, its sensors and what to do about others are read") {
  const auto file = load(head + good_fan +
                         "alarm = hwmon:gpio_fan/fan1\nsensors = disk1 disk2\n"
                         "conflict = take-over\n"
                         "[sensor disk1]\ndevice = disk:1\n[sensor disk2]\ndevice = disk:2\n"
                         "[bay 1]\nport = platform-x-ata-1\n[bay 2]\nport = platform-x-ata-2\n");
  INFO(all_text(file));
  REQUIRE(file.board);
  CHECK(file.diagnostics.empty());
  const FanSpec& fan = file.board->fans.at(0);
  CHECK(to_string(*fan.alarm) == "hwmon:gpio_fan/fan1");
  CHECK(fan.sensors == std::vector<std::string>{"disk1", "disk2"});
  CHECK(fan.conflict == Conflict::take_over);
  CHECK(fan_of("min = 20\n").conflict == Conflict::stand_back);
  CHECK(fan_of("min = 20\nconflict = refuse\n").conflict == Conflict::refuse);
  CHECK(fan_of("min = 20\nalarm = gpio:gpio0/10,active-low\n").alarm->scheme == "gpio");
  for (const Conflict one : {Conflict::stand_back, Conflict::take_over, Conflict::refuse})
    CHECK(*conflict_from_name(name(one)) == one);
}

TEST_CASE("one of several chips of a name, and a slide switch, can be named") {
  const auto file = load(head + "[sensor a]\ndevice = hwmon:lm75@0-0048/temp1\n"
                                "[sensor b]\ndevice = hwmon:lm75@0-0049/temp1\n"
                                "[button power]\ndevice = input:gpio_keys/KEY_POWER,switch\n");
  INFO(all_text(file));
  REQUIRE(file.board);
  CHECK(file.diagnostics.empty());
  CHECK(file.board->sensors.at(1).device.address == "lm75@0-0049/temp1");
  CHECK(file.board->buttons.at(0).device.flags == std::vector<std::string>{"switch"});
}

TEST_CASE("each mistake in a board file is named with file, line and what is right") {
  struct Row {
    std::string text;
    std::string complaint; ///< must be found in the diagnostics
  };
  const std::vector<Row> rows = {
      {"", "no [board] section"},
      {"[fan system]\ndevice=mcu\nmin=20\n", "b.ini: error: no [board] section"},
      {"[board]\nmatch = a,b\n", "b.ini:1: error: [board] needs a name"},
      {"[board]\nname =\n", "b.ini:2: error: name = '': a value is missing"},
      {"[board x]\nname = T\n", "b.ini:1: error: [board x]: there is one only"},
      {"[board]\nname = T\n[mcu]\nport = /dev/x\n",
       "b.ini:3: error: [mcu] needs a protocol, one of wt61p803, dns320l"},
      {"[board]\nname = T\n[mcu]\nprotocol = z80\nport = /dev/x\n",
       "b.ini:4: error: protocol = 'z80': known protocols are"},
      {"[board]\nname = T\n[mcu]\nprotocol = dns320l\n", "b.ini:3: error: [mcu] needs the port"},
      {"[board]\nname = T\n[mcu]\nprotocol = dns320l\nport = ttyS1\n",
       "b.ini:5: error: port = 'ttyS1': a path"},
      {head + "baud = 12\n", "b.ini:7: error: baud = '12': a whole number from 300 to 4000000"},
      {head + "[fan]\ndevice = mcu\nmin=20\n", "b.ini:7: error: [fan]: a name is needed"},
      {head + "[fan System]\ndevice = mcu\nmin=20\n",
       "b.ini:7: error: [fan System]: a name is needed"},
      {head + "[fan system]\nmin = 20\n", "b.ini:7: error: [fan system] needs a device"},
      {head + "[fan system]\ndevice = led:x\nmin = 20\n",
       "b.ini:8: error: device = 'led:x': [fan system] cannot hang on led:"},
      {head + "[fan system]\ndevice = mcu:2\nmin = 20\n", "the MCU has one only: write mcu"},
      {head + "[fan system]\ndevice = ../x\nmin = 20\n",
       "b.ini:8: error: device: '../x' is no device"},
      {head + "[fan system]\ndevice = mcu\n", "b.ini:7: error: [fan system] needs min above 0"},
      {head + "[fan system]\ndevice = mcu\nmin = 0\n",
       "b.ini:9: error: [fan system] needs min above 0"},
      {head + "[fan system]\ndevice = mcu\nmin = 101\n",
       "b.ini:9: error: min = '101': a number from 0 to 100"},
      {head + "[fan system]\ndevice = mcu\nmin = 20 %\n", "b.ini:9: error: min = '20 %'"},
      {head + "[fan system]\ndevice = mcu\nmin = 90\nmax = 60\n", "min is above max"},
      {head + "[fan system]\ndevice = mcu\nmin = 20\nmax = 40\n",
       "b.ini:10: error: max = '40': a number from 50 to 100"},
      {head + "[fan system]\ndevice = mcu\nlevels = 0 100 50\n",
       "b.ini:9: error: levels = '0 100 50'"},
      {head + "[fan system]\ndevice = mcu\nlevels = 0 40\n", "the highest level must be 50"},
      {head + "[fan system]\ndevice = mcu\nlevels =\n", "b.ini:9: error: levels = ''"},
      {head + "[fan system]\ndevice = mcu\nlevels = 0 100\nmin = 20\n", "leave min and max out"},
      {head + "[fan system]\ndevice = mcu\nlevels = 50 100\nstop = yes\n",
       "b.ini:10: error: [fan system] stop = yes needs the level 0"},
      {head + good_fan + "stop = maybe\n", "b.ini:10: error: stop = 'maybe': yes or no"},
      {head + good_fan + "failsafe = 49\n",
       "b.ini:10: error: failsafe = '49': a number from 50 to 100"},
      {head + "[fan system]\ndevice = mcu\nmin = 70\nfailsafe = 60\n",
       "b.ini:10: error: failsafe = '60': it must lie between"},
      {head + good_fan + "invert = yes\n", "b.ini:10: error: invert = 'yes'"},
      {head + good_fan + "stall-below = 100\n",
       "b.ini:10: error: stall-below = '100': without tach"},
      {head + good_fan + "curve = 45:40 35:20\n",
       "b.ini:10: error: curve = '45:40 35:20': curve point '35:20'"},
      {head + "[sensor board]\ndevice = mcu\nmax = 200\n",
       "b.ini:9: error: max = '200': a number from 30 to 120"},
      {head + "[led a]\ndevice = mcu\n", "say which, such as mcu:power"},
      {head + "[led a]\ndevice = gpio:gpio0\n",
       "b.ini:8: error: device = 'gpio:gpio0': two names with a / between"},
      {head + "[led a]\ndevice = gpio:gpio0/x\n", "the line behind the / is a number"},
      {head + "[led a]\ndevice = gpio:gpio0/3,open\n", "unknown option 'open'"},
      {head + "[led a]\ndevice = led:x\n[led b]\ndevice = led:x\n",
       "b.ini:10: error: device = 'led:x': that is the device of [led a]"},
      {head + "[clock]\ndevice = mcu\nutc = perhaps\n", "b.ini:9: error: utc = 'perhaps'"},
      {head + "[power]\ndevice = mcu\ndelay = 100\n",
       "b.ini:9: error: delay = '100': a whole number from 1 to 99"},
      {head + "[power]\ndevice = mcu\ncoding = hex\n",
       "b.ini:9: error: coding = 'hex': binary or bcd"},
      {head + "[bay 1]\nled = disk1\n", "b.ini:8: error: led = disk1: there is no [led disk1]"},
      {"[board]\nname = T\n[led a]\ndevice = mcu:a\n",
       "b.ini:4: error: the device hangs on the MCU, but there is no [mcu]"},
      {head + "[led a]\ndevice = led:x\nkernel = led:y\n",
       "b.ini:9: error: kernel = 'led:y': only a device on the MCU"},
      {head + "[led a]\ndevice = mcu:x\nkernel = mcu:y\n",
       "b.ini:9: error: kernel = 'mcu:y': a device of the kernel is needed"},
      {head + "[led a]\ndevice = mcu:x\nkernel = hwmon:x/pwm1\n",
       "b.ini:9: error: kernel = 'hwmon:x/pwm1': [led a] cannot hang on hwmon:"},
      {head + good_fan + "alarm = thermal:x\n", "b.ini:10: error: alarm = 'thermal:x'"},
      {head + good_fan + "alarm = mcu\n", "cannot hang on mcu:, only on hwmon, gpio"},
      {head + good_fan + "sensors =\n", "b.ini:10: error: sensors = ''"},
      {head + good_fan + "sensors = a b\n[sensor a]\ndevice = mcu\n",
       "b.ini:10: error: sensors: there is no [sensor b]"},
      {head + good_fan + "conflict = fight\n",
       "b.ini:10: error: conflict = 'fight': stand-back, take-over or refuse"},
      {head + "[sensor disk1]\ndevice = disk:1\n",
       "b.ini:8: error: device = disk:1: there is no [bay 1]"},
      {head + "[led a]\ndevice = disk:1\n", "cannot hang on disk:"},
      {head + "[button a]\ndevice = gpio:x/1,switch\n", "unknown option 'switch'"},
      {head + "[button a]\ndevice = input:x/KEY_A,active-low\n", "unknown option 'active-low'"},
      {head + "hello\n", "b.ini:7: error: neither"},
  };
  for (const Row& row : rows) {
    const auto file = load(row.text);
    INFO(row.text << "---\n" << all_text(file));
    CHECK_FALSE(file.board);
    CHECK(all_text(file).find(row.complaint) != std::string::npos);
  }
}

TEST_CASE("what is unknown is a warning with its line, and the board is used") {
  struct Row {
    std::string text;
    std::string complaint;
  };
  const std::vector<Row> rows = {
      {head + good_fan + "colour = red\n",
       "b.ini:10: warning: unknown key 'colour' in [fan system]"},
      {head + "[lights]\na = 1\n", "b.ini:7: warning: unknown section [lights]"},
      {head + "[led a]\ndevice = i2c:3\n",
       "b.ini:8: warning: device = 'i2c:3': unknown kind of device"},
      {head + good_fan + "min = 30\n", "b.ini:10: warning: min stands in line 9 already"},
  };
  for (const Row& row : rows) {
    const auto file = load(row.text);
    INFO(row.text << "---\n" << all_text(file));
    CHECK(file.board);
    CHECK(all_text(file).find(row.complaint) != std::string::npos);
    CHECK(file.diagnostics.size() == 1);
  }
}

TEST_CASE("a button tells its key, whether it is a switch and how late it shows") {
  const std::string text = head + "[button slide]\ndevice = input:keys/KEY_POWER,switch\n" +
                           "[button lid]\ndevice = input:keys/SW_LID\n" +
                           "[button power]\ndevice = gpio:bank/29\nheld = 5\n";
  const auto file = load(text);
  INFO(all_text(file));
  REQUIRE(file.board);
  REQUIRE(file.board->buttons.size() == 3);
  const ButtonSpec& slide = file.board->buttons[0];
  const ButtonSpec& power = file.board->buttons[2];
  CHECK(slide.key() == "KEY_POWER");
  CHECK(slide.is_switch());
  CHECK(slide.held.count() == 0);
  CHECK(file.board->buttons[1].is_switch());
  CHECK(power.key().empty());
  CHECK_FALSE(power.is_switch());
  CHECK(power.held == std::chrono::seconds(5));
  const auto late = load(text + "[button copy]\ndevice = gpio:bank/30\nheld = 31\n");
  CHECK_FALSE(late.board);
  CHECK(all_text(late).find("held = '31': a number from 0 to 30 is allowed") != std::string::npos);
}

TEST_CASE("device names are 1 to 32 of a-z, 0-9 and -") {
  CHECK(is_device_name("disk1-fault"));
  CHECK(is_device_name(std::string(32, 'a')));
  for (const std::string& bad : {std::string(), std::string(33, 'a'), std::string("A"),
                                 std::string("a_b"), std::string("a b"), std::string("\xC3\xA4")})
    CHECK_FALSE(is_device_name(bad));
}

TEST_CASE("a board file that is not there is an error with its path") {
  const auto file = read_board("/nowhere/x.ini", {"dns320l"});
  CHECK_FALSE(file.board);
  CHECK(all_text(file).find("/nowhere/x.ini") != std::string::npos);
}

TEST_CASE("commands and LED states have words") {
  CHECK(describe(cmd::SetFanDuty{Duty{50}}) == "fan duty 50 %");
  CHECK(describe(cmd::ReadTemperature{}) == "read temperature");
  CHECK(describe(cmd::ReadAlarm{AlarmField::hour}) == "read alarm hour");
  for (const LedState state :
       {LedState::off, LedState::on, LedState::blink_slow, LedState::blink_fast})
    CHECK(*led_state_from_name(name(state)) == state);
  CHECK(led_state_from_name("purple").error().what.find("blink-slow") != std::string::npos);
}
