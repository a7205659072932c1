// SPDX-License-Identifier: MIT
// Boards' devices against a simulated MCU on a pty, all in one io_context.
#include <catch.hpp>

#include "../common/temp_tree.hpp"
#include <libmcu/devices/inventory.hpp>
#include <libmcu/protocol/registry.hpp>

#include <mcusim/board.hpp>
#include <mcusim/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>

using namespace mcu;
using namespace std::chrono_literals;

namespace {

Board shipped(const std::string& id) {
  const auto file = read_board(NASMCU_SOURCE_DIR "/config/boards/" + id + ".ini", protocol_names());
  REQUIRE(file.board);
  return *file.board;
}

/// A box: its board file's devices here, its MCU simulated at the other end of a pty.
class Box {
public:
  explicit Box(Board board) {
    char name[] = "/tmp/inventory-XXXXXX";
    folder_ = ::mkdtemp(name);
    mcusim::SimulatorOptions sim_options;
    REQUIRE(mcusim::play_board(board, sim_options).ok());
    sim_options.link = folder_ + "/tty";
    sim = std::make_unique<mcusim::Simulator>(io.get_executor(), sim_options);
    REQUIRE(sim->start().ok());
    InventoryOptions options;
    options.root = folder_; // empty: nothing of this machine's kernel is looked at
    options.port = sim_options.link;
    options.byte_gap_set = true; // 0: these tests are not about pauses
    auto made = Inventory::make(io.get_executor(), std::move(board), options);
    REQUIRE(made);
    inventory = std::move(made).value();
  }
  ~Box() {
    inventory->stop();
    sim->stop();
    io.restart();
    io.run_for(200ms);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void start() {
    REQUIRE(inventory->start());
    REQUIRE(turn_until([&] { return inventory->link()->up(); }));
  }

  bool turn_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_one_for(10ms);
    }
    return true;
  }

  template <class T>
  T await(Task<T> task) {
    std::optional<T> value;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T got) {
      REQUIRE_FALSE(error);
      value = std::move(got);
    });
    REQUIRE(turn_until([&] { return value.has_value(); }));
    return std::move(*value);
  }

  Result<Celsius> read(const std::string& name) {
    return await(inventory->read_sensor(*inventory->sensor(name)));
  }
  std::uint64_t exchanges() { return inventory->link()->stats().exchanges; }
  nlohmann::json state() { return sim->command("state"); }
  void set_temp(double degrees) { sim->command("set temp " + std::to_string(degrees)); }

  asio::io_context io{1};
  std::unique_ptr<mcusim::Simulator> sim;
  std::unique_ptr<Inventory> inventory;

private:
  std::string folder_;
};

} // namespace

TEST_CASE("before the port is open the MCU's devices are listed as not there, with a reason") {
  Box box(shipped("qnap-ts433"));
  const Availability fan = box.inventory->fan("system")->availability();
  CHECK_FALSE(fan.present);
  CHECK_FALSE(fan.reason.empty());
  box.start();
  CHECK(box.inventory->fan("system")->availability().present);
  CHECK(box.inventory->fan("system")->availability().reason.empty());
  CHECK(box.inventory->backend() == "tty");
}

TEST_CASE("a QNAP board's MCU devices work, whatever of the kernel's devices is missing") {
  Box box(shipped("qnap-ts433"));
  box.start();
  Inventory& all = *box.inventory;
  for (const char* led : {"status", "status-fault", "usb", "disk1-fault", "disk4-fault"})
    CHECK(all.led(led)->availability().present);
  CHECK(all.button("power")->availability().present);
  CHECK(all.button("power")->polled());
  CHECK(all.buzzer()->availability().present);
  CHECK(all.power()->availability().present);
  CHECK(*box.await(all.led("disk2-fault")->set(LedState::blink_fast)) == LedState::blink_fast);
  CHECK_FALSE(*box.await(all.button("power")->pressed()));
  CHECK(box.await(all.buzzer()->beep(BeepLength::brief)).ok());
  CHECK(box.state()["beeps"]["short"] == 1);
  CHECK(box.await(all.power()->ready()).error().code == Errc::unsupported);
}

TEST_CASE("devices of the kernel that are not there are listed, and say so when asked") {
  Box box(shipped("qnap-ts433"));
  box.start();
  Inventory& all = *box.inventory;
  const Availability led = all.led("disk1-activity")->availability();
  CHECK_FALSE(led.present);
  CHECK(led.reason.find("no LED 'hdd1:green:disk'") != std::string::npos);
  const auto refused = box.await(all.led("disk1-activity")->set(LedState::on));
  CHECK(refused.error().code == Errc::unsupported);
  CHECK(refused.error().what.find("disk1-activity") != std::string::npos);
  CHECK(box.await(all.clock()->read()).error().code == Errc::unsupported);
  CHECK(box.read("cpu").error().code == Errc::unsupported);
  CHECK_FALSE(all.button("copy")->availability().present);
}

TEST_CASE("a fan is driven at the nearest duty it can do, and a duty out of range is refused") {
  Box box(shipped("dlink-dns327l"));
  box.start();
  Fan& fan = *box.inventory->fan("system");
  CHECK(*box.await(fan.set(Duty{30}, Urgency::normal)) == Duty{50});
  CHECK(*box.await(fan.set(Duty{51}, Urgency::urgent)) == Duty{100});
  CHECK(*box.await(fan.set(Duty{0}, Urgency::normal)) == Duty{0});
  const auto before = box.exchanges();
  for (const double bad : {-1.0, 100.5, std::nan("")})
    CHECK(box.await(fan.set(Duty{bad}, Urgency::normal)).error().code == Errc::invalid_argument);
  CHECK(box.exchanges() == before);
  CHECK(box.await(fan.speed()).error().code == Errc::unsupported); // no tachometer
}

TEST_CASE("a D-Link board's clock and power switches work") {
  Box box(shipped("dlink-dns320l"));
  box.start();
  Inventory& all = *box.inventory;
  const CivilTime time{2024, 2, 29, 21, 6, 17};
  CHECK(box.await(all.clock()->set(time)).ok());
  const auto read = box.await(all.clock()->read());
  REQUIRE(read);
  CHECK(read->day == 29);
  CHECK(read->hour == 21);
  CHECK(box.await(all.power()->ready()).ok());
  CHECK(box.await(all.power()->set_recovery(true)).ok());
  CHECK(*box.await(all.power()->recovery()));
  CHECK(box.await(all.power()->set_wake_on_lan(false)).ok());
  CHECK_FALSE(*box.await(all.power()->wake_on_lan()));
  CHECK(all.buzzer() == nullptr);
}

TEST_CASE("an alarm after 2038 is told, whatever seconds this machine counts") {
  Box box(shipped("dlink-dns320l"));
  box.start();
  Clock& clock = *box.inventory->clock();
  CHECK(box.await(clock.set({2050, 12, 30, 12, 0, 0})).ok());
  REQUIRE(box.await(clock.set_wake(CivilTime{2051, 1, 2, 6, 30, 0})).ok());
  const auto alarm = box.await(clock.wake());
  REQUIRE(alarm);
  REQUIRE(*alarm);
  CHECK(iso_text(**alarm) == "2051-01-02 06:30:00");
}

TEST_CASE("the first temperature is read twice, later ones once, a jump twice") {
  Box box(shipped("qnap-ts433"));
  box.start();
  box.set_temp(40);
  const auto start = box.exchanges();
  CHECK(*box.read("board") == Celsius{40});
  CHECK(box.exchanges() - start == 2);
  CHECK(*box.read("board") == Celsius{40});
  CHECK(box.exchanges() - start == 3);
  box.set_temp(60);
  CHECK(*box.read("board") == Celsius{60});
  CHECK(box.exchanges() - start == 5);
}

TEST_CASE("readings that go on disagreeing are an error after three reads, never a number") {
  Box box(shipped("qnap-ts433"));
  box.start();
  box.set_temp(40);
  REQUIRE(box.read("board"));
  int requests = 0;
  box.sim->on_wire = [&](mcusim::Direction, ByteView bytes, auto) {
    // Every request finds another temperature, each far from the others.
    if (bytes.size() >= 3 && bytes[0] == 0x40 && bytes[1] == 0x54) ++requests;
    box.set_temp(60 + 20 * (requests % 3));
  };
  const auto reading = box.read("board");
  REQUIRE_FALSE(reading);
  CHECK(reading.error().code == Errc::protocol);
  CHECK(reading.error().what.find("sensor board") != std::string::npos);
}

TEST_CASE("two callers share one reading: one exchange never counts as two that agree") {
  Box box(shipped("qnap-ts433"));
  box.start();
  box.set_temp(40);
  const auto start = box.exchanges();
  std::vector<Result<Celsius>> got;
  for (int i = 0; i < 3; ++i)
    asio::co_spawn(box.io, box.inventory->read_sensor(*box.inventory->sensor("board")),
                   [&](std::exception_ptr, Result<Celsius> value) { got.push_back(value); });
  REQUIRE(box.turn_until([&] { return got.size() == 3; }));
  for (const auto& one : got) CHECK(*one == Celsius{40});
  CHECK(box.exchanges() - start == 2);
}

TEST_CASE("a lost port makes the MCU's devices absent and leaves the others listed") {
  Box box(shipped("qnap-ts433"));
  box.start();
  box.sim->stop();
  REQUIRE(box.turn_until([&] { return !box.inventory->link()->up(); }));
  CHECK_FALSE(box.inventory->fan("system")->availability().present);
  CHECK_FALSE(box.inventory->fan("system")->availability().reason.empty());
  CHECK(box.read("board").error().code == Errc::link_down);
  CHECK(box.inventory->leds().size() == shipped("qnap-ts433").leds.size());
}

TEST_CASE("a board without an MCU has its devices listed, and no link") {
  const auto ini = parse_ini("x.ini", "[board]\nname = X\n[led power]\ndevice = led:white:power\n"
                                      "[button reset]\ndevice = odd:thing\n");
  const auto file = make_board("x", ini, protocol_names());
  REQUIRE(file.board);
  const TempTree tree;
  asio::io_context io;
  InventoryOptions options;
  options.root = tree.root();
  const auto made = Inventory::make(io.get_executor(), *file.board, options);
  REQUIRE(made);
  Inventory& all = *made.value();
  REQUIRE(all.start());
  CHECK(all.backend() == "none");
  CHECK(all.link() == nullptr);
  CHECK(all.mcu() == nullptr);
  CHECK(all.led("power")->availability().reason.find("white:power") != std::string::npos);
  CHECK_FALSE(all.button("reset")->availability().present);
  CHECK(all.led("none") == nullptr);
  all.stop();
}

TEST_CASE("a board with a protocol that nobody knows is refused in words") {
  Board board = shipped("qnap-ts433");
  board.mcu->protocol = "z80";
  asio::io_context io;
  const auto made = Inventory::make(io.get_executor(), board, {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::invalid_argument);
  CHECK(made.error().what.find("z80") != std::string::npos);
}

TEST_CASE(
    "the port is the user's as given, or the board's below the root; the pause is the protocol's") {
  asio::io_context io;
  InventoryOptions options;
  options.root = "/tmp/none";
  const auto below = Inventory::make(io.get_executor(), shipped("dlink-dns327l"), options);
  CHECK(below.value()->port() == "/tmp/none/dev/ttyS1");
  CHECK(below.value()->link()->options().byte_gap == 100us);
  options.port = "/tmp/my-port";
  options.byte_gap_set = true;
  const auto given = Inventory::make(io.get_executor(), shipped("dlink-dns327l"), options);
  CHECK(given.value()->port() == "/tmp/my-port");
  CHECK(given.value()->link()->options().byte_gap == 0us);
}
