// SPDX-License-Identifier: MIT
// Every shipped board on its fake root: all of its devices are there, and whatever numbers the
// kernel gave out this time, the right node is driven and no other.
#include <common/temp_tree.hpp>
#include <devices/fake_box.hpp>

#include <libmcu/kernel/find.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>

using namespace mcu;
namespace fs = std::filesystem;

namespace {

struct Setup {
  std::string board;
  bool kernel = false; ///< its own driver has the MCU
};
const std::vector<Setup> setups = {
    {"dlink-dns320l"},  {"dlink-dns327l"},        {"qnap-ts133"},       {"qnap-ts233"},
    {"qnap-ts433"},     {"qnap-ts133", true},     {"qnap-ts233", true}, {"qnap-ts433", true},
    {"buffalo-ls220d"}, {"cloudengines-pogoe02"}, {"arduino-yun"},      {"tplink-tl-wr842n"},
};

std::string words(const Setup& setup) {
  return setup.board + (setup.kernel ? " with the kernel's driver" : "");
}

FakeBox::Options options_for(const Setup& setup) {
  FakeBox::Options options;
  if (setup.kernel) options.root.with.insert("kernel");
  options.mcu = !setup.kernel && (setup.board.starts_with("qnap") || setup.board.starts_with("dl"));
  return options;
}

/// The kernel's part of a box with shuffled numbers; what hangs on a tty MCU is not looked at.
FakeBox::Options shuffled(const Setup& setup, unsigned seed) {
  FakeBox::Options options = options_for(setup);
  options.mcu = false;
  options.root.seed = seed;
  return options;
}

/// Every regular file below /sys, and when it was last written.
std::map<std::string, fs::file_time_type> writes(const FakeBox& box) {
  std::map<std::string, fs::file_time_type> all;
  for (const auto& entry : fs::recursive_directory_iterator(box.tree.path("sys/devices")))
    if (entry.is_regular_file() && !entry.is_symlink()) all[entry.path()] = entry.last_write_time();
  return all;
}

void check_fans(FakeBox& box, std::set<std::string>& mine) {
  for (const auto& fan : box.devices->fans()) {
    if (fan->spec().device.scheme != "hwmon") continue;
    for (const Duty duty : {Duty{60}, Duty{33}}) {
      const auto done = box.await(fan->set(duty, Urgency::normal));
      REQUIRE(done);
      const Duty fitted = fit(fan->spec(), duty);
      CHECK(box.read("/sys/class/hwmon/{hwmon.fan}/pwm1") ==
            std::to_string(std::lround(fitted.percent * 255 / 100)));
    }
    mine.insert(fs::canonical(box.root.path("/sys/class/hwmon/{hwmon.fan}/pwm1")));
    if (fan->spec().tach) CHECK(*box.await(fan->speed()) == Rpm{2550});
    if (fan->spec().alarm) CHECK_FALSE(*box.await(fan->alarm()));
  }
}

/// The owner uses a disk: the kernel's counters move.
void use_disk(const FakeBox& box, const std::string& bay) {
  const std::string stat = box.root.path("/sys/block/{sd.disk" + bay + "}/stat");
  std::ofstream(stat) << "1300 10 90000 3000 950 20 65000 4000 0 5000 7000\n";
}

std::vector<Result<Celsius>> read_all(FakeBox& box, const std::vector<Sensor*>& sensors) {
  std::vector<Task<Result<Celsius>>> tasks;
  for (Sensor* one : sensors) tasks.push_back(one->read());
  return box.await_all(std::move(tasks));
}

void check_sensors(FakeBox& box) {
  std::vector<Sensor*> sensors;
  for (const auto& one : box.devices->sensors())
    if (one->spec().device.scheme != "mcu") sensors.push_back(one.get());
  const auto first = read_all(box, sensors);
  for (std::size_t i = 0; i < sensors.size(); ++i) {
    const DeviceUri& uri = sensors[i]->spec().device;
    if (uri.scheme != "disk") continue;
    CHECK(first[i].error().code == Errc::asleep); // nobody has seen it in use yet
    use_disk(box, uri.address);
  }
  const auto values = read_all(box, sensors);
  for (std::size_t i = 0; i < sensors.size(); ++i) {
    const DeviceUri& uri = sensors[i]->spec().device;
    INFO("sensor " << sensors[i]->name() << (values[i] ? "" : values[i].error().what));
    REQUIRE(values[i]);
    if (uri.scheme == "thermal") CHECK(*values[i] == Celsius{47});
    if (uri.scheme == "hwmon") CHECK(*values[i] == Celsius{42});
    if (uri.scheme == "disk") CHECK(*values[i] == Celsius{30 + std::stod(uri.address)});
  }
}

/// Which disk the tree file has on a bay's port: by model, which no number is part of.
void check_bays(FakeBox& box) {
  const Files files;
  for (const BaySpec& bay : box.devices->board().bays) {
    INFO("bay " << bay.name << " on " << bay.port);
    const auto disk = find_disk(files, box.tree.root(), bay.port);
    REQUIRE(disk);
    CHECK(*files.read(disk->sysfs + "/device/model") == "DISK-disk" + bay.name);
    CHECK(disk->name == fs::path(box.root.path("/{sd.disk" + bay.name + "}")).filename());
    CHECK(*files.read(disk->hwmon + "/temp1_input") == "3" + bay.name + "000");
  }
}

void set_leds(FakeBox& box, const std::vector<Led*>& leds, LedState state) {
  std::vector<Task<Result<LedState>>> tasks;
  for (Led* one : leds) tasks.push_back(one->set(state));
  for (const auto& shown : box.await_all(std::move(tasks))) CHECK(*shown == state);
}

/// `blink` too, which takes a moment.
void check_leds(FakeBox& box, bool blink, std::set<std::string>& mine) {
  std::vector<Led*> leds;
  for (const auto& one : box.devices->leds())
    if (one->spec().device.scheme == "led") leds.push_back(one.get());
  const auto node = [](const Led* led) { return "/sys/class/leds/" + led->spec().device.address; };
  // One by one, so that one in the place of another is seen.
  for (Led* one : leds) {
    INFO("led " << one->name());
    CHECK(*box.await(one->set(LedState::on)) == LedState::on);
    CHECK(box.read(node(one) + "/brightness") == box.read(node(one) + "/max_brightness"));
  }
  if (blink) {
    set_leds(box, leds, LedState::blink_slow);
    for (const Led* one : leds) CHECK(box.read(node(one) + "/trigger") == "timer");
  }
  set_leds(box, leds, LedState::off);
  for (const Led* one : leds) {
    CHECK(box.read(node(one) + "/brightness") == "0");
    for (const char* file : {"brightness", "trigger", "delay_on", "delay_off"})
      mine.insert(fs::canonical(box.root.path(node(one))) / file);
  }
}

void check_clock(FakeBox& box) {
  if (box.devices->clock() == nullptr || box.devices->board().clock->device.scheme != "rtc") return;
  const auto time = box.await(box.devices->clock()->read());
  REQUIRE(time);
  CHECK(*time == CivilTime{2026, 3, 1, 12, 0, 0});
  const CivilTime later{2026, 4, 2, 13, 14, 15};
  CHECK(box.await(box.devices->clock()->set(later)).ok());
  CHECK(box.read("/dev/{rtc.clock}") == "2026-04-02 13:14:15");
}

/// What a button hangs on: presses and releases it.
void press(FakeBox& box, const DeviceUri& uri, bool down) {
  const auto slash = uri.address.rfind('/');
  const std::string where = uri.address.substr(0, slash), what = uri.address.substr(slash + 1);
  const bool low = std::count(uri.flags.begin(), uri.flags.end(), "active-low") > 0;
  if (uri.scheme == "gpio")
    box.nodes.line(where, static_cast<unsigned>(std::stoul(what)), down != low);
  else
    box.nodes.key(where, uri.flags.empty() ? what : "SW:116", down);
}

void check_buttons(FakeBox& box) {
  std::map<std::string, bool> seen; // the last edge of each button
  for (const auto& button : box.devices->buttons()) {
    if (button->spec().device.scheme == "mcu") continue;
    button->on_edge = [&seen, name = button->name()](bool pressed) { seen[name] = pressed; };
  }
  for (const auto& button : box.devices->buttons()) {
    const DeviceUri uri = button->spec().device;
    if (uri.scheme == "mcu") continue;
    INFO("button " << button->name());
    const bool start = *box.await(button->pressed()); // a slide switch may be on
    for (const bool down : {!start, start}) {
      seen.clear();
      press(box, uri, down);
      CHECK(box.turn_until([&] { return seen.contains(button->name()); }));
      CHECK(seen == std::map<std::string, bool>{{button->name(), down}});
      CHECK(*box.await(button->pressed()) == down);
    }
  }
  for (const auto& button : box.devices->buttons()) button->on_edge = nullptr;
}

void check_buzzer(FakeBox& box) {
  if (box.devices->buzzer() == nullptr || box.devices->backend() != "kernel") return;
  CHECK(box.await(box.devices->buzzer()->beep(BeepLength::brief)).ok());
  CHECK(box.turn_until([&] {
    const auto sounds = box.nodes.sounds();
    return !sounds.empty() && sounds.front() == "SND_BELL 1";
  }));
}

/// Whether a device of the board hangs on this device of the tree, and on nothing else that is
/// there.
bool board_has(const Setup& setup, const std::string& name) {
  const std::set<std::string> kinds = {"fan", "cpu-thermal", "keys", "mcu-keys", "rtc"};
  if (name == "gpio0") return setup.board == "dlink-dns320l";
  // Bays without known ports have no sensors.
  if (name.starts_with("disk")) return setup.board != "qnap-ts233" && setup.board != "qnap-ts433";
  return kinds.contains(name) || name.starts_with("led ");
}

/// Refuses some files, as a broken device does.
class Broken : public Files {
public:
  Broken(std::string part, int number) : part_(std::move(part)), number_(number) {}
  Result<std::string> read(const std::string& path) const override {
    if (path.find(part_) != std::string::npos) return os_error(path, "cannot read", number_);
    return Files::read(path);
  }
  Status write(const std::string& path, const std::string& text) const override {
    if (path.find(part_) != std::string::npos) return os_error(path, "cannot write", number_);
    return Files::write(path, text);
  }

private:
  std::string part_;
  int number_;
};

} // namespace

TEST_CASE("every device of every shipped board is there on the board's own root") {
  for (const Setup& setup : setups) {
    INFO(words(setup));
    FakeBox box(setup.board, options_for(setup));
    const std::string expected = setup.kernel ? "kernel" : box.sim ? "tty" : "none";
    CHECK(box.devices->backend() == expected);
    const std::string power = ": not available: the kernel's own driver";
    const std::string absent = box.absent();
    // The kernel's driver switches off by itself and offers nothing else.
    if (setup.kernel && box.devices->power() != nullptr) {
      CHECK(absent.starts_with(" power" + power));
      CHECK(std::count(absent.begin(), absent.end(), '\n') == 1);
    } else {
      CHECK(absent.empty());
    }
  }
}

TEST_CASE("with 100 shuffles of the kernel's numbers the right node is driven every time") {
  for (const Setup& setup : setups) {
    // On a tty a QNAP has nothing that it has not with the kernel's driver too.
    const bool less = setup.board.starts_with("qnap") && !setup.kernel;
    for (unsigned seed = 1; seed <= (less ? 10u : 100u); ++seed) {
      INFO(words(setup) << ", seed " << seed);
      FakeBox box(setup.board, shuffled(setup, seed));
      const auto before = writes(box);
      std::set<std::string> mine;
      check_fans(box, mine);
      check_sensors(box);
      check_bays(box);
      const bool slowly = seed % 10 == 0; // waits for blinking LEDs and bouncing keys
      check_leds(box, slowly, mine);
      check_clock(box);
      if (slowly) check_buttons(box);
      check_buzzer(box);
      for (const auto& [path, when] : writes(box)) {
        if (mine.contains(path) || path.ends_with("/stat")) continue;
        const auto old = before.find(path);
        if (old != before.end() && old->second == when) continue;
        INFO(path << " was written");
        CHECK(false);
      }
    }
  }
}

TEST_CASE("what is borrowed is given back under any number") {
  for (const unsigned seed : {1u, 2u, 3u, 4u, 5u}) {
    FakeBox box("buffalo-ls220d", shuffled({"buffalo-ls220d"}, seed));
    const std::string trigger = "/sys/class/leds/red:disk-1/trigger";
    REQUIRE(box.await(box.devices->led("disk1-fault")->set(LedState::blink_fast)));
    CHECK(box.read(trigger) == "timer");
    REQUIRE(box.await(box.devices->fan("system")->take_over()).ok());
    CHECK(box.read("/sys/class/thermal/{thermal_zone.hdd}/policy") == "user_space");
    CHECK(box.read("/sys/class/thermal/{thermal_zone.other}/policy") == "step_wise");
    CHECK(box.await(box.devices->give_back()).ok());
    CHECK(box.read(trigger) == "ata1");
    CHECK(box.read("/sys/class/thermal/{thermal_zone.hdd}/policy") == "step_wise");
  }
}

TEST_CASE("the zone that the device tree gives the fan to is found, and no other") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    FakeBox::Options options = shuffled({"qnap-ts433", true}, seed);
    {
      FakeBox box("qnap-ts433", options);
      const auto rival = box.await(box.devices->fan("system")->rival());
      REQUIRE(rival);
      REQUIRE(*rival);
      CHECK((*rival)->kind == Rival::Kind::thermal_zone);
      CHECK((*rival)->what.find("cpu-thermal") != std::string::npos);
    }
    options.root.without = {"zone-fan"};
    FakeBox box("qnap-ts433", options);
    const auto rival = box.await(box.devices->fan("system")->rival());
    REQUIRE(rival);
    CHECK_FALSE(*rival);
  }
}

TEST_CASE("devices that come late are there as soon as they come") {
  for (const Setup& setup : setups) {
    INFO(words(setup));
    FakeBox::Options options = shuffled(setup, 7);
    // The driver is bound before its devices appear; were it not there, the tty would be ours.
    for (const char* late :
         {"fan", "zone", "cpu-thermal", "disk?", "keys", "mcu-keys", "led *", "rtc", "gpio?"})
      options.root.late.emplace_back(late);
    FakeBox box(setup.board, options);
    const auto before = box.all();
    for (const auto& [name, availability] : before) {
      INFO(name);
      CHECK_FALSE(availability.present);
      CHECK_FALSE(availability.reason.empty());
    }
    int changes = 0;
    box.devices->on_devices_changed = [&] { ++changes; };
    CHECK(box.nodes.add("*") > 0);
    const auto is_mcus = [](const std::string& line) {
      return line.find("MCU") != std::string::npos || line.find("tty") != std::string::npos;
    };
    const auto complete = [&] {
      for (const auto& [name, availability] : box.all())
        if (!availability.present && !is_mcus(availability.reason)) return false;
      return true;
    };
    CHECK(box.turn_until(complete));
    INFO(box.absent());
    CHECK(complete());
    CHECK(changes > 0);
  }
}

TEST_CASE(
    "a device that goes away is absent with a reason, the others stay, and it may come back") {
  const std::vector<Setup> enough = {
      {"dlink-dns320l"}, {"qnap-ts133", true}, {"buffalo-ls220d"}, {"arduino-yun"}};
  for (const Setup& setup : enough) {
    FakeBox box(setup.board, shuffled(setup, 9));
    std::vector<std::string> names;
    for (const fakeroot::Device& device : box.root.devices()) names.push_back(device.name);
    const auto whole = box.all();
    const auto present = [](const std::map<std::string, Availability>& all) {
      return std::count_if(all.begin(), all.end(),
                           [](const auto& one) { return one.second.present; });
    };
    for (const std::string& name : names) {
      if (!board_has(setup, name)) continue;
      INFO(words(setup) << " without " << name);
      REQUIRE(box.nodes.remove(name) == 1);
      CHECK(box.turn_until([&] { return present(box.all()) < present(whole); }));
      for (const auto& [device, availability] : box.all())
        CHECK(availability.present == availability.reason.empty());
      REQUIRE(box.nodes.add(name) == 1);
      CHECK(box.turn_until([&] { return present(box.all()) == present(whole); }));
    }
  }
}

TEST_CASE("a node that answers with an error fails alone, in words") {
  for (const int number : {EIO, ENODEV}) {
    FakeBox::Options options = shuffled({"qnap-ts433", true}, 3);
    options.files = std::make_shared<Broken>("temp1_input", number);
    FakeBox box("qnap-ts433", options);
    const auto board = box.await(box.devices->sensor("board")->read());
    REQUIRE_FALSE(board);
    CHECK(board.error().code == (number == EIO ? Errc::protocol : Errc::unsupported));
    CHECK(board.error().what.find("board") != std::string::npos);
    CHECK(*box.await(box.devices->sensor("cpu")->read()) == Celsius{47});
    CHECK(*box.await(box.devices->fan("system")->speed()) == Rpm{2550});
    CHECK(box.await(box.devices->led("usb")->set(LedState::on)).ok());
  }
}

TEST_CASE("a file that the kernel refuses to read is an error of the real files too") {
  // What README.md recommends for trees: a link to /proc/self/mem reads as EIO.
  TempTree tree;
  fs::create_symlink("/proc/self/mem", tree.path("temp1_input"));
  const auto read = Files().read(tree.path("temp1_input"));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::protocol);
}
