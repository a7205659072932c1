// SPDX-License-Identifier: MIT
#include <mcusim/board.hpp>
#include <mcusim/control.hpp>
#include <mcusim/simulator.hpp>

#include <catch.hpp>

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

using namespace mcusim;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A directory of its own for each test.
struct TempDir {
  TempDir() {
    std::string name = (fs::temp_directory_path() / "mcusim-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TempDir() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  fs::path path;
};

/// What a test does as the host or as a control client: blocking-free descriptors, and the
/// simulator's loop is turned while it waits.
struct Bench {
  explicit Bench(SimulatorOptions options = {}) {
    if (options.listen.empty() && options.link.empty()) options.link = dir.file("tty");
    sim = std::make_unique<Simulator>(io.get_executor(), std::move(options));
  }
  ~Bench() {
    sim->stop();
    io.restart();
    io.run_for(100ms);
    for (const int fd : opened) ::close(fd);
  }

  int open_port(int flags = 0) {
    const int fd = ::open(sim->link_path().c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | flags);
    REQUIRE(fd >= 0);
    opened.push_back(fd);
    return fd;
  }
  int connect_to(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    opened.push_back(fd);
    return fd;
  }
  void close_port(int fd) {
    opened.erase(std::find(opened.begin(), opened.end(), fd));
    ::close(fd);
  }
  template <class Condition>
  bool turn_until(Condition condition, std::chrono::milliseconds limit = 5s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_one_for(10ms);
    }
    return true;
  }
  /// Writes and waits for exactly `count` bytes.
  mcu::Bytes ask(int fd, const mcu::Bytes& request, std::size_t count) {
    REQUIRE(::write(fd, request.data(), request.size()) == ssize_t(request.size()));
    return read(fd, count);
  }
  mcu::Bytes read(int fd, std::size_t count, std::chrono::milliseconds limit = 5s) {
    mcu::Bytes all;
    turn_until(
        [&] {
          std::uint8_t buffer[256];
          const ssize_t got = ::read(fd, buffer, sizeof buffer);
          if (got > 0) all.insert(all.end(), buffer, buffer + got);
          return all.size() >= count;
        },
        limit);
    return all;
  }
  std::string line(int fd, const std::string& text) {
    REQUIRE(::write(fd, text.data(), text.size()) == ssize_t(text.size()));
    std::string all;
    turn_until([&] {
      char buffer[4096];
      const ssize_t got = ::read(fd, buffer, sizeof buffer);
      if (got > 0) all.append(buffer, std::size_t(got));
      return got == 0 || (!all.empty() && all.back() == '\n');
    });
    return all;
  }

  TempDir dir;
  boost::asio::io_context io{1};
  std::unique_ptr<Simulator> sim;
  std::vector<int> opened;
};

const mcu::Bytes beep{0x40, 0x43, 0x32, 0x31};
const mcu::Bytes ack{0x40, 0x30, 0x70};

} // namespace

TEST_CASE("a host opens the link, asks and is answered, also after closing and opening again") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  CHECK(fs::is_symlink(bench.sim->link_path()));
  for (int round = 0; round < 3; ++round) {
    const int port = bench.open_port();
    CHECK(bench.ask(port, beep, 3) == ack);
    bench.close_port(port);
  }
  CHECK(bench.sim->command("state")["beeps"]["short"] == 3);
  const std::string link = bench.sim->link_path();
  bench.sim->stop();
  CHECK_FALSE(fs::exists(fs::symlink_status(link)));
}

TEST_CASE("every byte value passes the pty unchanged in both directions") {
  SimulatorOptions options;
  options.protocol = "dns320l";
  Bench bench(options);
  REQUIRE(bench.sim->start().ok());
  mcu::Bytes heard;
  bench.sim->on_wire = [&heard](Direction direction, mcu::ByteView bytes, Time) {
    if (direction == Direction::rx) heard.insert(heard.end(), bytes.begin(), bytes.end());
  };
  const int port = bench.open_port();
  // No FA among them: none of these may wait for the rest of a frame.
  mcu::Bytes all;
  std::string hex;
  for (int value = 0; value < 256; ++value) {
    if (value != 0xFA) all.push_back(static_cast<std::uint8_t>(value));
  }
  REQUIRE(::write(port, all.data(), all.size()) == ssize_t(all.size()));
  CHECK(bench.turn_until([&] { return heard.size() >= all.size(); }));
  CHECK(heard == all);
  REQUIRE(bench.sim->command("send " + mcu::to_hex(all))["ok"] == true);
  CHECK(bench.read(port, all.size()) == all);
}

TEST_CASE("what nobody has read is gone when the next host opens the port") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  bench.sim->command("send 40 30 70");
  const int first = bench.open_port();
  CHECK(bench.ask(first, beep, 3) == ack);
  bench.sim->command("send AA BB");
  bench.close_port(first);
  bench.turn_until([] { return false; }, 50ms);
  const int second = bench.open_port();
  CHECK(bench.ask(second, beep, 3) == ack);
  CHECK(bench.sim->command("state")["wire"]["lost_bytes"] == 3);
}

// Native: qemu's user mode does not know TIOCGEXCL.
TEST_CASE("a host's exclusive use ends with the host", "[native]") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  const int port = bench.open_port();
  REQUIRE(::ioctl(port, TIOCEXCL) == 0);
  CHECK(bench.ask(port, beep, 3) == ack);
  bench.close_port(port);
  bench.turn_until([] { return false; }, 50ms);
  const int next = bench.open_port();
  int exclusive = 1;
  REQUIRE(::ioctl(next, TIOCGEXCL, &exclusive) == 0);
  CHECK(exclusive == 0);
}

TEST_CASE("pulled out, the host sees a hang-up and the link is gone; then it is back") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  const int port = bench.open_port();
  CHECK(bench.ask(port, beep, 3) == ack);
  const std::string link = bench.sim->link_path();
  REQUIRE(bench.sim->command("disconnect 200")["ok"] == true);
  CHECK_FALSE(fs::exists(fs::symlink_status(link)));
  CHECK(bench.sim->command("state")["wire"]["connected"] == false);
  std::uint8_t byte = 0;
  CHECK(::read(port, &byte, 1) <= 0);
  pollfd hung{port, POLLIN, 0};
  CHECK(::poll(&hung, 1, 0) == 1);
  CHECK((hung.revents & POLLHUP) != 0);
  REQUIRE(bench.turn_until([&] { return fs::exists(link); }));
  const int again = bench.open_port();
  CHECK(bench.ask(again, beep, 3) == ack);
  // The MCU's state has outlived its plug.
  CHECK(bench.sim->command("state")["beeps"]["short"] == 2);
}

TEST_CASE("the simulator sleeps while nothing happens, with and without a host") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  const auto handlers_in = [&bench](std::chrono::milliseconds time) {
    bench.io.restart();
    return bench.io.run_for(time);
  };
  handlers_in(20ms);
  CHECK(handlers_in(200ms) == 0);
  const int port = bench.open_port();
  CHECK(bench.ask(port, beep, 3) == ack);
  handlers_in(20ms);
  CHECK(handlers_in(200ms) == 0);
  bench.close_port(port);
  handlers_in(20ms);
  CHECK(handlers_in(200ms) == 0);
}

TEST_CASE("a frame without its end is dropped when the line has been idle") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  const int port = bench.open_port();
  REQUIRE(::write(port, beep.data(), 2) == 2);
  CHECK(bench.turn_until([&] { return bench.sim->command("state")["counters"]["partial"] == 1; }));
  CHECK(bench.ask(port, beep, 3) == ack);
}

TEST_CASE("an emulator connects to the socket, leaves and comes back") {
  SimulatorOptions options;
  const TempDir dir;
  options.listen = dir.file("mcu.sock");
  Bench bench(options);
  REQUIRE(bench.sim->start().ok());
  for (int round = 0; round < 2; ++round) {
    const int host = bench.connect_to(options.listen);
    CHECK(bench.ask(host, beep, 3) == ack);
    bench.close_port(host);
  }
  bench.sim->stop();
  CHECK_FALSE(fs::exists(options.listen));
}

TEST_CASE("paths that are taken are left alone") {
  Bench bench;
  const std::string file = bench.dir.file("precious");
  std::ofstream(file) << "data";
  for (const bool socket : {false, true}) {
    SimulatorOptions options;
    (socket ? options.listen : options.link) = file;
    Simulator other(bench.io.get_executor(), options);
    const mcu::Status status = other.start();
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().what.find("precious") != std::string::npos);
  }
  CHECK(fs::file_size(file) == 4);
}

TEST_CASE("a late reply comes behind the deadline, and the next one behind it") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  bench.sim->command("set late 150");
  bench.sim->command("fault late once");
  const int port = bench.open_port();
  const auto from = std::chrono::steady_clock::now();
  CHECK(bench.ask(port, {0x25, 0x56, 0x73}, 7).size() == 7);
  CHECK(std::chrono::steady_clock::now() - from >= 150ms);
  CHECK(bench.sim->command("state")["faults"]["late"] == 1);
}

TEST_CASE("unasked bytes come by themselves, and stop when told to") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  const int port = bench.open_port();
  REQUIRE(bench.sim->command("fault unsolicited once")["ok"] == true);
  CHECK(bench.read(port, 1, 2s).size() >= 1);
  CHECK(bench.sim->command("state")["faults"]["unsolicited"] == 1);
}

TEST_CASE("a paced exchange takes its bytes' time and not much more") {
  SimulatorOptions options;
  options.pace = true;
  Bench bench(options);
  REQUIRE(bench.sim->start().ok());
  const int port = bench.open_port();
  bench.ask(port, beep, 3);
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 50; ++i) {
    const auto from = std::chrono::steady_clock::now();
    CHECK(bench.ask(port, beep, 3) == ack);
    best = std::min(best, std::chrono::steady_clock::now() - from);
  }
  CHECK(best >= 7 * byte_time(115200));
  // Generous: other programs share the machine. What it reaches is measured by the benchmark.
  CHECK(best < 7 * byte_time(115200) + 1ms);
}

TEST_CASE("the trace has every byte with its direction, in order, as JSON Lines") {
  SimulatorOptions options;
  const TempDir dir;
  options.trace = dir.file("trace.jsonl");
  Bench bench(options);
  REQUIRE(bench.sim->start().ok());
  const int port = bench.open_port();
  CHECK(bench.ask(port, beep, 3) == ack);
  std::ifstream file(options.trace);
  std::string text;
  std::vector<nlohmann::json> lines;
  while (std::getline(file, text)) lines.push_back(nlohmann::json::parse(text));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["dir"] == "rx");
  CHECK(lines[0]["hex"] == "40 43 32 31");
  CHECK(lines[1]["dir"] == "tx");
  CHECK(lines[1]["hex"] == "40 30 70");
  CHECK(lines[1]["t_ms"].get<double>() >= lines[0]["t_ms"].get<double>());
}

TEST_CASE("control lines are answered one for one, to several clients, whatever they send") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  const std::string path = bench.dir.file("control");
  Control control(bench.io.get_executor(), path,
                  [&](std::string_view line) { return bench.sim->command(line); });
  REQUIRE(control.start().ok());
  const int one = bench.connect_to(path);
  const int two = bench.connect_to(path);
  const auto json = [&](int fd, const std::string& text) {
    return nlohmann::json::parse(bench.line(fd, text));
  };
  CHECK(json(one, "set temp 55\n")["ok"] == true);
  CHECK(json(two, "state\r\n")["temperature"].get<double>() == Approx(55));
  CHECK(json(one, "help\n")["commands"].size() > 10);
  for (const char* bad : {"\n", "nonsense\n", "set\n", "fault\n", "disconnect\n", "disconnect -1\n",
                          "press\n", "send 4\n", "set late x\n", "\xFF\xFE\n", "set temp \xFF\n"}) {
    const nlohmann::json answer = json(two, bad);
    INFO(bad);
    CHECK(answer["ok"] == false);
    CHECK(answer["error"].get<std::string>().size() > 10);
  }
  // A line without end harms only its own client.
  CHECK(json(one, std::string(5000, 'x'))["ok"] == false);
  CHECK(json(two, "state\n")["ok"] == true);
}

TEST_CASE("a board says which protocol, speed and LEDs the MCU has") {
  mcu::Board board;
  board.id = "small";
  SimulatorOptions options;
  CHECK_FALSE(play_board(board, options).ok());
  board.mcu = mcu::McuSpec{"wt61p803", "/dev/ttyS0", 9600, ""};
  board.leds.push_back({"disk1-fault", {"mcu", "disk1", {}}, {}, {}});
  board.leds.push_back({"disk2-fault", {"mcu", "disk2", {}}, {}, {}});
  board.leds.push_back({"disk1-activity", {"gpio", "gpio1/29", {}}, {}, {}});
  REQUIRE(play_board(board, options).ok());
  CHECK(options.protocol == "wt61p803");
  CHECK(options.baud == 9600);
  CHECK(options.mcu.disks == 2);
  CHECK_FALSE(options.mcu.usb_led);
}

TEST_CASE("an unknown protocol or fault is refused before anything is opened") {
  SimulatorOptions options;
  options.protocol = "wt61p8003";
  CHECK(check(options).error().what.find("dns320l") != std::string::npos);
  options.protocol = "dns320l";
  options.faults = {"drop=0.1", "flop"};
  CHECK_FALSE(check(options).ok());
}

TEST_CASE("10,000 exchanges without faults are answered without an error") {
  Bench bench;
  REQUIRE(bench.sim->start().ok());
  const int port = bench.open_port();
  std::size_t good = 0;
  for (int i = 0; i < 10'000; ++i) good += bench.ask(port, beep, 3) == ack ? 1 : 0;
  CHECK(good == 10'000);
  CHECK(bench.sim->command("state")["counters"]["bad"] == 0);
}
