// SPDX-License-Identifier: MIT
// LocalBox over a board whose MCU is not there: what must hold without any answer.
#include <catch.hpp>
#include <verbs/fake_box.hpp>

#include <libmcu/protocol/registry.hpp>
#include <verbs/local_box.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

using namespace nasmcu;

namespace {

struct Rig {
  Rig() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nasmcu-box-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(root + "/run/nasmcu");
    const mcu::BoardFile file = mcu::read_board(
        std::string(NASMCU_SOURCE_DIR) + "/config/boards/dlink-dns327l.ini", mcu::protocol_names());
    REQUIRE(file.board);
    mcu::InventoryOptions options;
    options.root = root;
    auto made = mcu::Inventory::make(io.get_executor(), *file.board, options);
    REQUIRE(made);
    inventory = std::move(made).value();
    inventory->start();
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
