// SPDX-License-Identifier: MIT
// The real port, played by ptys and a socket in a temporary folder.
#include <libmcu/link/serial.hpp>
#include <libmcu/link/termios2.hpp>

#include "scripted_transport.hpp"

#include <catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>

using namespace mcu;
using namespace mcu::testing;

namespace {

/// The MCU's end of a pty.
class Pty {
public:
  Pty() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    REQUIRE(master_ >= 0);
    REQUIRE(::grantpt(master_) == 0);
    REQUIRE(::unlockpt(master_) == 0);
    path_ = ::ptsname(master_);
  }
  ~Pty() { hang_up(); }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;

  const std::string& path() const { return path_; }
  int fd() const { return master_; }
  void hang_up() {
    if (master_ >= 0) ::close(master_);
    master_ = -1;
  }

private:
  int master_;
  std::string path_;
};

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "serial-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

void put(int fd, const Bytes& bytes) {
  REQUIRE(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
}

/// `size` bytes, or fewer if they do not come within 5 s.
Bytes get(int fd, std::size_t size) {
  Bytes all;
  while (all.size() < size) {
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, 5000) != 1) break;
    std::uint8_t bytes[256];
    const ssize_t count = ::read(fd, bytes, std::min(sizeof bytes, size - all.size()));
    if (count <= 0) break;
    all.insert(all.end(), bytes, bytes + count);
  }
  return all;
}

Bytes every_byte() {
  Bytes all(256);
  std::iota(all.begin(), all.end(), std::uint8_t{0});
  return all;
}

void run(asio::io_context& io, Task<void> body) {
  bool ended = false;
  asio::co_spawn(io, std::move(body), [&](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
    ended = true;
  });
  io.run_for(10s);
  REQUIRE(ended);
}

} // namespace

TEST_CASE("all 256 byte values pass both ways unchanged") {
  Pty pty;
  asio::io_context io;
  const auto port = make_serial(io.get_executor(), pty.path(), {});
  REQUIRE(port->open().ok());
  const Bytes all = every_byte();
  Bytes received;
  run(io, [&]() -> Task<void> {
    const Status sent = co_await port->write(all);
    CHECK(sent.ok());
    CHECK(get(pty.fd(), all.size()) == all);
    put(pty.fd(), all);
    Bytes chunk(64);
    while (received.size() < all.size()) {
      const Result<std::size_t> count = co_await port->read_some(chunk);
      if (!count) break;
      received.insert(received.end(), chunk.begin(),
                      chunk.begin() + static_cast<std::ptrdiff_t>(count.value()));
    }
  }());
  CHECK(received == all);
}

TEST_CASE("a second opening of the same port is refused in words and does not disturb the first") {
  Pty pty;
  asio::io_context io;
  const auto first = make_serial(io.get_executor(), pty.path(), {});
  const auto second = make_serial(io.get_executor(), pty.path(), {});
  REQUIRE(first->open().ok());
  const Status refused = second->open();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::busy);
  CHECK(refused.error().what.find("fuser " + pty.path()) != std::string::npos);
  CHECK_FALSE(second->is_open());
  first->close();
  CHECK(second->open().ok());
}

TEST_CASE("a hung-up port ends the read with its name, once") {
  Pty pty;
  asio::io_context io;
  Link link(io.get_executor(), make_serial(io.get_executor(), pty.path(), {}), protocol("wt61p803"),
            quick());
  std::vector<std::string> reasons;
  Signal changed(io.get_executor());
  link.on_state = [&](bool up, const std::string& reason) {
    if (!up) reasons.push_back(reason);
    changed.notify();
  };
  link.start();
  REQUIRE(link.up());
  run(io, [&]() -> Task<void> {
    asio::post(io, [&] { pty.hang_up(); });
    while (link.up()) co_await changed.wait();
    asio::steady_timer a_while(io, 100ms);
    co_await expired(a_while);
    link.stop();
  }());
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].find(pty.path()) == 0);
}

// Native: qemu's user mode knows no termios2.
TEST_CASE("any speed is set, 250000 baud and the WD relative's 19200 included", "[native]") {
  Pty pty;
  asio::io_context io;
  for (const unsigned baud : {250000U, 19200U, 115200U}) {
    const auto port = make_serial(io.get_executor(), pty.path(), {.baud = baud});
    const Status opened = port->open();
    INFO((opened.ok() ? std::string() : opened.error().what));
    CHECK(opened.ok());
  }
}

TEST_CASE("without termios2 the line is raw at the old speeds, and others are refused in words") {
  Pty pty;
  const int slave = ::open(pty.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(slave >= 0);
  REQUIRE(set_raw_line_at_old_speed(slave, {.baud = 19200}).ok());
  termios line = {};
  REQUIRE(::tcgetattr(slave, &line) == 0);
  CHECK(::cfgetospeed(&line) == B19200);
  CHECK(::cfgetispeed(&line) == B19200);
  CHECK((line.c_iflag & ICRNL) == 0);
  CHECK((line.c_lflag & (ICANON | ECHO)) == 0);
  REQUIRE(set_raw_line_at_old_speed(slave, {}).ok());
  REQUIRE(::tcgetattr(slave, &line) == 0);
  CHECK(::cfgetospeed(&line) == B115200);

  const Status odd = set_raw_line_at_old_speed(slave, {.baud = 250000});
  REQUIRE_FALSE(odd.ok());
  CHECK(odd.error().what.find("250000 baud") != std::string::npos);
  ::close(slave);
  CHECK_FALSE(set_raw_line_at_old_speed(slave, {}).ok());
}

TEST_CASE("no tty setting of before survives: what others left cooked is raw") {
  Pty pty;
  const int slave = ::open(pty.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(slave >= 0);
  termios cooked = {};
  REQUIRE(::tcgetattr(slave, &cooked) == 0);
  cooked.c_iflag |= ICRNL | ISTRIP | IXON | BRKINT;
  cooked.c_lflag |= ICANON | ECHO | ISIG;
  REQUIRE(::tcsetattr(slave, TCSANOW, &cooked) == 0);
  asio::io_context io;
  const auto port = make_serial(io.get_executor(), pty.path(), {});
  REQUIRE(port->open().ok());
  termios raw = {};
  REQUIRE(::tcgetattr(slave, &raw) == 0);
  CHECK((raw.c_iflag & (ICRNL | INLCR | IGNCR | ISTRIP | PARMRK | BRKINT | IXON | IXOFF)) == 0);
  CHECK((raw.c_lflag & (ICANON | ECHO | ISIG | IEXTEN)) == 0);
  CHECK((raw.c_oflag & OPOST) == 0);
  CHECK((raw.c_cflag & (CLOCAL | CREAD)) == (CLOCAL | CREAD));
  CHECK(raw.c_cc[VMIN] == 1);
  CHECK(raw.c_cc[VTIME] == 0);
  ::close(slave);
}

TEST_CASE("what was received before the port was opened, or is not read, can be thrown away") {
  Pty pty;
  asio::io_context io;
  const auto port = make_serial(io.get_executor(), pty.path(), {});
  REQUIRE(port->open().ok());
  put(pty.fd(), {1, 2, 3});
  port->discard_input();
  put(pty.fd(), {4});
  Bytes chunk(16);
  run(io, [&]() -> Task<void> {
    const Result<std::size_t> count = co_await port->read_some(chunk);
    CHECK(count.value_or(0) == 1);
  }());
  CHECK(chunk[0] == 4);
}

TEST_CASE("what comes in while input is held wakes nobody, and a hang-up does") {
  Pty pty;
  asio::io_context io;
  const auto port = make_serial(io.get_executor(), pty.path(), {});
  REQUIRE(port->open().ok());
  Bytes chunk(16);
  std::vector<Result<std::size_t>> told;
  const auto reader = [&]() -> Task<void> {
    for (;;) {
      Result<std::size_t> count = co_await port->read_some(chunk);
      told.push_back(count);
      if (!count) co_return;
    }
  };
  const auto turn_until_told = [&](std::size_t times) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (told.size() < times && std::chrono::steady_clock::now() < end) io.run_one_for(10ms);
    return told.size() == times;
  };
  asio::co_spawn(io, reader(), [](const std::exception_ptr&) {});
  io.poll();

  port->hold_input(true);
  put(pty.fd(), {0x40, 0x54, 0x33});
  Bytes taken(3);
  std::size_t have = 0;
  while (have < taken.size()) { // the kernel takes its time to bring them over
    have += port->read_ready(std::span(taken).subspan(have));
    io.poll();
  }
  CHECK(taken == Bytes{0x40, 0x54, 0x33});
  CHECK(told.empty());

  port->hold_input(false);
  put(pty.fd(), {0x0D});
  REQUIRE(turn_until_told(1));
  CHECK(told[0].ok());
  CHECK(chunk[0] == 0x0D);

  port->hold_input(true);
  pty.hang_up();
  REQUIRE(turn_until_told(2));
  CHECK_FALSE(told[1].ok());
  port->close();
  port->hold_input(true); // nothing to hold
}

TEST_CASE("a cancelled read ends without the port being lost") {
  Pty pty;
  asio::io_context io;
  const auto port = make_serial(io.get_executor(), pty.path(), {});
  REQUIRE(port->open().ok());
  Bytes chunk(16);
  run(io, [&]() -> Task<void> {
    asio::post(io, [&] { port->cancel(); });
    const Result<std::size_t> count = co_await port->read_some(chunk);
    CHECK_FALSE(count.ok());
    if (!count.ok()) CHECK(count.error().code == Errc::failed);
  }());
  CHECK(port->is_open());
}

TEST_CASE("a line that takes no more bytes is an error and not a wait") {
  Pty pty;
  asio::io_context io;
  const auto port = make_serial(io.get_executor(), pty.path(), {});
  REQUIRE(port->open().ok());
  const Bytes much(4096, 0x55);
  Status last;
  run(io, [&]() -> Task<void> {
    for (int i = 0; i < 100 && last.ok(); ++i) {
      Status sent = co_await port->write(much);
      last = sent;
    }
  }());
  REQUIRE_FALSE(last.ok());
  CHECK(last.error().code == Errc::failed);
}

TEST_CASE("a path that is no port says so with its name") {
  TemporaryFolder folder;
  asio::io_context io;
  const std::string missing = (folder.path / "ttyS9").string();
  const auto port = make_serial(io.get_executor(), missing, {});
  const Status opened = port->open();
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == Errc::link_down);
  CHECK(opened.error().what.find(missing) == 0);
  const auto file = make_serial(io.get_executor(), "/dev/null", {});
  CHECK_FALSE(file->open().ok());
}

TEST_CASE("a Unix socket at the path is the wire of an emulator") {
  TemporaryFolder folder;
  const std::string path = (folder.path / "wire.sock").string();
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  asio::io_context io;
  const auto port = make_serial(io.get_executor(), path, {});
  REQUIRE(port->open().ok());
  const int peer = ::accept(listener, nullptr, nullptr);
  REQUIRE(peer >= 0);
  Bytes chunk(16);
  const Bytes word{0x40, 0x0D, 0x03};
  run(io, [&]() -> Task<void> {
    const Status sent = co_await port->write(word);
    CHECK(sent.ok());
    CHECK(get(peer, 3) == word);
    put(peer, word);
    const Result<std::size_t> count = co_await port->read_some(chunk);
    CHECK(count.value_or(0) == 3);
    ::close(peer);
    const Result<std::size_t> gone = co_await port->read_some(chunk);
    CHECK_FALSE(gone.ok());
    if (!gone.ok()) CHECK(gone.error().code == Errc::link_down);
    const Status broken = co_await port->write(word); // no SIGPIPE
    CHECK_FALSE(broken.ok());
  }());
  ::close(listener);
}
