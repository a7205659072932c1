// SPDX-License-Identifier: MIT
// LocalBox over a board whose MCU is not there: what must hold without any answer.
#include <catch.hpp>
#include <verbs/fake_box.hpp>

#include <libmcu/model/ini.hpp>
#include <libmcu/protocol/registry.hpp>
#include <verbs/local_box.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

using namespace nasmcu;

namespace {

struct Rig {
  explicit Rig(const std::string& board = {},
               const std::vector<std::pair<std::string, std::string>>& nodes = {}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "nasmcu-box-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(root + "/run/nasmcu");
    for (const auto& [path, text] : nodes) put(path, text);
    const mcu::BoardFile file =
        board.empty()
            ? mcu::read_board(std::string(NASMCU_SOURCE_DIR) + "/config/boards/dlink-dns327l.ini",
                              mcu::protocol_names())
            : mcu::make_board("test", mcu::parse_ini("test.ini", board), mcu::protocol_names());
    REQUIRE(file.board);
    mcu::InventoryOptions options;
    options.root = root;
    auto made = mcu::Inventory::make(io.get_executor(), *file.board, options);
    REQUIRE(made);
    inventory = std::move(made).value();
    REQUIRE(inventory->start());
    system.emplace(root, "test");
  }
  ~Rig() {
    inventory->stop();
    io.run();
    std::filesystem::remove_all(root);
  }

  template <class T>
  T wait(Task<T> task) {
    std::optional<T> result;
    mcu::asio::co_spawn(
        io,
        [](Task<T> inner, std::optional<T>* out) -> Task<void> {
          T value = co_await std::move(inner);
          out->emplace(std::move(value));
        }(std::move(task), &result),
        mcu::asio::detached);
    while (!result) io.run_one();
    return *result;
  }

  /// A file below the root; a text that begins with "->" makes it a link.
  void put(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root + path;
    std::filesystem::create_directories(file.parent_path());
    if (text.starts_with("->")) {
      std::filesystem::create_directories(root + text.substr(2));
      std::filesystem::create_symlink(root + text.substr(2), file);
    } else {
      std::ofstream(file) << text;
    }
  }
  std::string get(const std::string& path) const {
    std::ifstream file(root + path);
    std::string line;
    std::getline(file, line);
    return line;
  }

  mcu::asio::io_context io;
  std::string root;
  std::unique_ptr<mcu::Inventory> inventory;
  std::optional<System> system;
};

} // namespace

TEST_CASE("failsafe never claims success for a fan that could not be told") {
  Rig rig;
  LocalBox box(*rig.inventory, *rig.system, {});
  const Status safe = rig.wait(box.failsafe());
  REQUIRE(!safe);
  CHECK(safe.error().code == mcu::Errc::link_down);
  CHECK(safe.error().what.find("fan system: ") == 0);
}

TEST_CASE("a device that is away with the link is the link's failure, a wrong name is not") {
  Rig rig;
  LocalBox box(*rig.inventory, *rig.system, {});
  CHECK(rig.wait(box.set_led("power", mcu::LedState::on)).error().code == mcu::Errc::link_down);
  CHECK(rig.wait(box.ready()).error().code == mcu::Errc::link_down);
  CHECK(rig.wait(box.read_clock()).error().code == mcu::Errc::link_down);
  const auto wrong = rig.wait(box.set_fan("rear", mcu::Duty{50}));
  CHECK(wrong.error().code == mcu::Errc::unsupported);
  CHECK(wrong.error().what == "no fan 'rear' on this board; it has: system");
  CHECK(rig.wait(box.beep(mcu::BeepLength::brief)).error().code == mcu::Errc::unsupported);
  CHECK(rig.wait(box.wake()).error().code == mcu::Errc::link_down);
}

TEST_CASE("a snapshot of a silent board tells why and gives no numbers") {
  Rig rig;
  LocalBox box(*rig.inventory, *rig.system, {});
  const auto snapshot = rig.wait(box.snapshot());
  REQUIRE(snapshot);
  CHECK(snapshot->board == "dlink-dns327l");
  CHECK(!snapshot->link.up);
  CHECK(!snapshot->link.reason.empty());
  for (const SensorView& sensor : snapshot->sensors) CHECK(!sensor.valid);
  CHECK(!snapshot->buzzer); // not fitted
  REQUIRE(snapshot->clock);
  CHECK(!snapshot->clock->present);
  CHECK(!snapshot->clock->reason.empty());
  CHECK(snapshot->power);
}

TEST_CASE("only mcud may ask for a power off, and it leaves the delay") {
  Rig rig;
  LocalBox direct(*rig.inventory, *rig.system, {});
  CHECK(rig.wait(direct.power_off(5)).error().code == mcu::Errc::not_running);
  CHECK(!std::filesystem::exists(rig.root + "/run/nasmcu/actions"));

  LocalBoxOptions options;
  options.may_power_off = true;
  options.shutdown_delay = 17;
  LocalBox daemon(*rig.inventory, *rig.system, options);
  CHECK(rig.wait(daemon.power_off(100)).error().code == mcu::Errc::invalid_argument);
  CHECK(rig.wait(daemon.power_off(0)).ok());
  std::ifstream file(rig.root + "/run/nasmcu/actions");
  const std::string actions{std::istreambuf_iterator<char>(file), {}};
  CHECK(actions.find("\"poweroff\"") != std::string::npos);
  CHECK(actions.find("\"17\"") != std::string::npos);
}

TEST_CASE("the configuration's word on the clock wins over the board's") {
  Rig rig;
  LocalBox box(*rig.inventory, *rig.system, {});
  CHECK(!box.clock_utc()); // D-Link boards keep local time
  LocalBoxOptions options;
  options.clock_utc = true;
  box.set_options(options);
  CHECK(box.clock_utc());
}

namespace {

const char* const kernel_board = "[board]\nname = Box\n"
                                 "[mcu]\nprotocol = wt61p803\nport = /dev/ttyS0\n"
                                 "kernel-driver = qnap-mcu\n"
                                 "[fan system]\ndevice = mcu\nmin = 20\nfailsafe = 80\n"
                                 "kernel = hwmon:qnapmcu/pwm1\n"
                                 "[sensor board]\ndevice = mcu\n"
                                 "kernel = hwmon:qnapmcu/temp1\n"
                                 "[clock]\ndevice = rtc:rtc-test\nutc = yes\n";

const std::vector<std::pair<std::string, std::string>> kernel_nodes = {
    {"/sys/bus/serial/devices/serial0-0/driver", "->/sys/bus/serial/drivers/qnap-mcu"},
    {"/sys/class/hwmon/hwmon3/name", "qnapmcu\n"},
    {"/sys/class/hwmon/hwmon3/pwm1", "255\n"},
    {"/sys/class/hwmon/hwmon3/temp1_input", "41000\n"},
    {"/sys/class/rtc/rtc1/name", "rtc-test 1-0051\n"},
    {"/sys/class/rtc/rtc1/wakealarm", "\n"},
    {"/dev/rtc1", "2026-01-01 12:00:00\n"}};

} // namespace

TEST_CASE("with the kernel's driver the link is up while it offers anything, and counts nothing") {
  Rig rig(kernel_board, kernel_nodes);
  LocalBox box(*rig.inventory, *rig.system, {});
  const auto snapshot = rig.wait(box.snapshot());
  REQUIRE(snapshot);
  CHECK(snapshot->backend == "kernel");
  CHECK(snapshot->backend_reason == "qnap-mcu holds serial0-0");
  CHECK(snapshot->link.up);
  CHECK(snapshot->link.reason.empty());
  CHECK(snapshot->link.protocol == "wt61p803");
  CHECK(snapshot->link.port.empty());
  CHECK(snapshot->link.statistics.empty());
  REQUIRE(snapshot->sensors.size() == 1);
  CHECK(snapshot->sensors[0].valid);
  CHECK(snapshot->sensors[0].celsius == 41);
  REQUIRE(snapshot->fans.size() == 1);
  CHECK(snapshot->fans[0].valid); // what the hardware says, whoever set it
  CHECK(snapshot->fans[0].duty == 100);
  REQUIRE(snapshot->clock);
  CHECK(snapshot->clock->present);
}

TEST_CASE("with the kernel's driver and nothing of it there, the link is down with the reason") {
  Rig rig(kernel_board, {kernel_nodes.front()});
  LocalBox box(*rig.inventory, *rig.system, {});
  const auto snapshot = rig.wait(box.snapshot());
  REQUIRE(snapshot);
  CHECK(!snapshot->link.up);
  CHECK(!snapshot->link.reason.empty());
}

TEST_CASE("the clock's alarm is set, read and switched off, never for a time that has passed") {
  Rig rig(kernel_board, kernel_nodes);
  LocalBox box(*rig.inventory, *rig.system, {});
  const auto none = rig.wait(box.wake());
  REQUIRE(none);
  CHECK(!*none);
  const std::time_t when = std::time(nullptr) + 3600;
  CHECK(rig.wait(box.set_wake(when)).ok());
  CHECK(rig.get("/sys/class/rtc/rtc1/wakealarm").find(std::to_string(when)) != std::string::npos);
  const auto set = rig.wait(box.wake());
  REQUIRE(set);
  CHECK(*set == when);
  CHECK(rig.wait(box.set_wake(std::time(nullptr) - 1)).error().code == mcu::Errc::invalid_argument);
  CHECK(rig.wait(box.set_wake(std::nullopt)).ok());
  CHECK(rig.get("/sys/class/rtc/rtc1/wakealarm").find(std::to_string(when)) == std::string::npos);
}

TEST_CASE("before the box sleeps its fans go to failsafe; afterwards nobody here has more to do") {
  Rig rig(kernel_board, kernel_nodes);
  rig.put("/sys/class/hwmon/hwmon3/pwm1", "60\n");
  LocalBox box(*rig.inventory, *rig.system, {});
  CHECK(rig.wait(box.sleeping(true)).ok());
  CHECK(rig.get("/sys/class/hwmon/hwmon3/pwm1") == "204"); // 80 %
  CHECK(rig.wait(box.sleeping(false)).ok());
}

TEST_CASE("a fan that the kernel drives is left to it, unless the board says to take it") {
  std::vector<std::pair<std::string, std::string>> nodes = kernel_nodes;
  nodes.emplace_back("/sys/class/hwmon/hwmon3/device/driver", "->/sys/drivers/qnap-mcu-hwmon");
  nodes.emplace_back("/sys/class/thermal/cooling_device0/type", "qnap-mcu-hwmon\n");
  nodes.emplace_back("/sys/class/thermal/thermal_zone0/type", "hdd-thermal\n");
  nodes.emplace_back("/sys/class/thermal/thermal_zone0/policy", "step_wise\n");
  nodes.emplace_back("/sys/class/thermal/thermal_zone0/mode", "enabled\n");
  nodes.emplace_back("/sys/class/thermal/thermal_zone0/available_policies",
                     "user_space step_wise\n");
  nodes.emplace_back("/sys/class/thermal/thermal_zone0/cdev0",
                     "->/sys/class/thermal/cooling_device0");
  {
    Rig rig(kernel_board, nodes);
    LocalBox box(*rig.inventory, *rig.system, {});
    const auto left = rig.wait(box.set_fan("system", mcu::Duty{90}));
    REQUIRE(!left);
    CHECK(left.error().code == mcu::Errc::busy);
    CHECK(left.error().what.find("hdd-thermal") != std::string::npos);
    CHECK(rig.wait(box.failsafe()).ok());
    CHECK(rig.get("/sys/class/hwmon/hwmon3/pwm1") == "255");
    const auto snapshot = rig.wait(box.snapshot());
    CHECK(snapshot->fans.at(0).conflict.find("hdd-thermal") != std::string::npos);
  }
  std::string taking = kernel_board;
  taking.replace(taking.find("failsafe = 80"), 13, "failsafe = 80\nconflict = take-over");
  Rig rig(taking, nodes);
  LocalBox box(*rig.inventory, *rig.system, {});
  CHECK(rig.wait(box.set_fan("system", mcu::Duty{90})).ok());
  CHECK(rig.get("/sys/class/hwmon/hwmon3/pwm1") == "230");
  CHECK(rig.get("/sys/class/thermal/thermal_zone0/policy") == "user_space");
  CHECK(rig.wait(rig.inventory->give_back()).ok());
  CHECK(rig.get("/sys/class/thermal/thermal_zone0/policy") == "step_wise");
}

TEST_CASE("the owner's word on another driver of a fan goes to the devices") {
  Config config;
  config.fans["system"].conflict = mcu::Conflict::refuse;
  config.fans["rear"];
  const mcu::InventoryOptions options = inventory_options(config, "/root-of-test");
  CHECK(options.root == "/root-of-test");
  CHECK(options.conflicts ==
        std::map<std::string, mcu::Conflict>{{"system", mcu::Conflict::refuse}});
}
