// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <verbs/fake_box.hpp>

#include <port/server.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <filesystem>
#include <fstream>
#include <memory>

#include <sys/stat.h>
#include <unistd.h>

using namespace nasmcu;
using namespace std::chrono_literals;
namespace asio = mcu::asio;
using asio::ip::tcp;
using UnixStream = asio::local::stream_protocol;

namespace {

/// A port over a fake box, in this thread's loop; clients are in the same loop and take turns.
struct Rig {
  explicit Rig(PortLimits limits = {}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "nasmcu-port-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    test::use_utc();
    options.root = root;
    port = std::make_unique<CommandPort>(io.get_executor(), box, options, limits);
    port->on_shutdown = [this] { ended = true; };
    REQUIRE(port->listen("127.0.0.1", 0).ok());
    REQUIRE(port->open_unix_socket().ok());
  }
  ~Rig() {
    port->stop();
    io.restart();
    io.run_for(5s);
    port.reset();
    std::filesystem::remove_all(root);
  }

  /// Turns the loop until `done`; false after ten seconds.
  template <class Done>
  bool until(Done done) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      io.restart();
      io.run_one_for(50ms);
    }
    return true;
  }

  asio::io_context io;
  test::FakeBox box;
  CommonOptions options;
  std::string root;
  bool ended = false;
  std::unique_ptr<CommandPort> port;
};

template <class Protocol>
struct Client {
  Client(Rig& of, const typename Protocol::endpoint& server) : rig(of), socket(of.io) {
    socket.connect(server);
    socket.non_blocking(true);
  }
  void send(const std::string& text) {
    boost::system::error_code error;
    asio::write(socket, asio::buffer(text), error);
  }
  /// Takes what has come so far; notes the end of the stream.
  void poll() {
    std::array<char, 4096> buffer;
    boost::system::error_code error;
    const std::size_t size = socket.read_some(asio::buffer(buffer), error);
    received.append(buffer.data(), size);
    if (error && error != asio::error::would_block) closed = true;
  }
  /// What was received, once it is `size` bytes long or the stream ended.
  std::string wait(std::size_t size) {
    rig.until([&] {
      poll();
      return closed || received.size() >= size;
    });
    return std::exchange(received, {});
  }
  std::string ask(const std::string& line, const std::string& expected) {
    send(line);
    return wait(expected.size());
  }
  bool is_closed() {
    return rig.until([&] {
      poll();
      return closed;
    });
  }
  void end() { socket.shutdown(asio::socket_base::shutdown_send); }

  Rig& rig;
  typename Protocol::socket socket;
  std::string received;
  bool closed = false;
};

struct TcpClient : Client<tcp> {
  explicit TcpClient(Rig& of)
      : Client(of, tcp::endpoint(asio::ip::make_address("127.0.0.1"),
                                 static_cast<unsigned short>(of.port->tcp_port()))) {}
};
struct UnixClient : Client<UnixStream> {
  explicit UnixClient(Rig& of) : Client(of, UnixStream::endpoint(of.port->unix_path())) {}
};

#define ASK(client, line, expected) CHECK((client).ask(line, expected) == (expected))

const bool is_root = ::geteuid() == 0;

} // namespace

TEST_CASE("lines are answered on TCP and on the Unix socket") {
  Rig rig;
  TcpClient tcp_client(rig);
  UnixClient unix_client(rig);
  ASK(tcp_client, "GetTemperature\r\n", "38\n");
  ASK(unix_client, "GetTemperature\n", "38\n");
  ASK(tcp_client, "nonsense\r\n", "Command not Understood!\n");
  ASK(tcp_client, "\r\n", "Command not Understood!\n");
  ASK(tcp_client, "GetTemperature\nGetWOLState\nfoo\n", "38\n0\nCommand not Understood!\n");
  ASK(tcp_client, "quit\r\n", "Bye\n");
  CHECK(tcp_client.is_closed());
}

TEST_CASE("the end of the stream ends the last line and is answered") {
  Rig rig;
  TcpClient client(rig);
  client.send("GetTemperature");
  client.end();
  CHECK(client.wait(100) == "38\n");
  CHECK(client.closed);
}

TEST_CASE("a number at the end of the stream is never run") {
  Rig rig;
  UnixClient client(rig);
  client.send("DeviceShutdown 2");
  client.end();
  CHECK(client.wait(100) == "ERR\n");
  CHECK(rig.box.calls.empty());
}

TEST_CASE("telnet negotiation is ignored") {
  Rig rig;
  TcpClient client(rig);
  ASK(client, "\xFF\xFD\x03\xFF\xFB\x18GetTemperature\r\n", "38\n");
}

TEST_CASE("a web page cannot give commands") {
  Rig rig;
  TcpClient client(rig);
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\n\r\nDeviceReady\r\n");
  CHECK(client.wait(100).empty());
  CHECK(client.closed);
  CHECK(rig.box.calls.empty());
}

TEST_CASE("the caller of a loopback or Unix connection is known by its user") {
  Rig rig;
  TcpClient tcp_client(rig);
  UnixClient unix_client(rig);
  const std::string answer = is_root ? "OK\n" : "ERR\n";
  ASK(tcp_client, "DeviceReady\r\n", answer);
  ASK(unix_client, "DeviceReady\r\n", answer);
  ASK(unix_client, "raw 405433\r\n", "ERR\n");
  CHECK(rig.box.calls ==
        (is_root ? std::vector<std::string>{"ready", "ready"} : std::vector<std::string>{}));
}

TEST_CASE("a client that has closed its socket is nobody, and nothing is done for it") {
  Rig rig;
  {
    TcpClient client(rig);
    client.send("ShutdownDaemon\n");
    client.socket.close();
  }
  TcpClient witness(rig);
  ASK(witness, "GetTemperature\n", "38\n");
  CHECK(rig.until([&] { return rig.port->clients() == 1; }));
  CHECK(!rig.ended);
}

TEST_CASE("ShutdownDaemon puts the fans in failsafe, answers, and ends the daemon") {
  if (!is_root) return;
  Rig rig;
  UnixClient client(rig);
  ASK(client, "ShutdownDaemon\r\n", "OK\n");
  CHECK(rig.until([&] { return rig.ended; }));
  CHECK(rig.box.calls == std::vector<std::string>{"failsafe"});
}

TEST_CASE("a client with an open line, and one that waits for the MCU, delay nobody") {
  Rig rig;
  mcu::Signal never(rig.io.get_executor());
  bool waiting = false;
  rig.box.before = [&]() -> Task<void> {
    if (std::exchange(waiting, true)) co_return;
    co_await never.wait();
  };
  TcpClient open(rig), stuck(rig), quick(rig);
  open.send("GetTemp");
  stuck.send("GetTemperature\n");
  REQUIRE(rig.until([&] { return waiting; }));
  ASK(quick, "GetTemperature\n", "38\n");
  ASK(open, "erature\n", "38\n");
  never.notify();
  CHECK(stuck.wait(3) == "38\n");
}

TEST_CASE("the client over the limit gets ERR and a close, and room comes back") {
  PortLimits limits;
  limits.clients = 3;
  Rig rig(limits);
  TcpClient a(rig), b(rig);
  auto c = std::make_unique<UnixClient>(rig);
  CHECK(rig.until([&] { return rig.port->clients() == 3; }));
  TcpClient d(rig);
  CHECK(d.wait(100) == "ERR\n");
  CHECK(d.closed);
  ASK(a, "GetTemperature\n", "38\n");
  c.reset();
  CHECK(rig.until([&] { return rig.port->clients() == 2; }));
  TcpClient e(rig);
  ASK(e, "GetTemperature\n", "38\n");
}

TEST_CASE("a line over 512 bytes gets ERR and a close behind the answers before it") {
  Rig rig;
  TcpClient client(rig);
  client.send("GetTemperature\n" + std::string(2000, 'x'));
  CHECK(client.wait(100) == "38\nERR\n");
  CHECK(client.closed);
}

TEST_CASE("an idle client gets ERR and a close, a dripping one too") {
  PortLimits limits;
  limits.idle = 200ms;
  limits.linger = 100ms;
  Rig rig(limits);
  TcpClient idle(rig), dripping(rig);
  dripping.send("Get");
  CHECK(idle.wait(100) == "ERR\n");
  CHECK(idle.closed);
  for (int i = 0; i < 100 && !dripping.closed; ++i) {
    dripping.send("x");
    rig.io.restart();
    rig.io.run_for(20ms);
    dripping.poll();
  }
  CHECK(dripping.received == "ERR\n");
}

TEST_CASE("a client that does not read is held, bounded, and closed at the idle limit") {
  PortLimits limits;
  limits.idle = 300ms;
  limits.linger = 100ms;
  Rig rig(limits);
  TcpClient greedy(rig), other(rig);
  const std::string flood = [] {
    std::string lines;
    for (int i = 0; i < 1000; ++i) lines += "help\n";
    return lines;
  }();
  // Sends until the port no longer takes anything: its answers are not read.
  std::size_t taken = 0;
  CHECK(rig.until([&] {
    boost::system::error_code error;
    taken += greedy.socket.write_some(asio::buffer(flood), error);
    return error && error != asio::error::would_block;
  }));
  CHECK(taken < 64u * 1024 * 1024);
  CHECK(rig.until([&] { return rig.port->clients() <= 1; }));
}

TEST_CASE("the Unix socket is private, replaces a stale one and goes with the daemon") {
  Rig rig;
  const std::string path = rig.port->unix_path();
  CHECK(path == rig.root + "/run/nasmcu/command.sock");
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0660);

  CommandPort second(rig.io.get_executor(), rig.box, rig.options);
  const Status busy = second.open_unix_socket();
  REQUIRE(!busy);
  CHECK(busy.error().code == mcu::Errc::busy);
  second.stop();
  CHECK(std::filesystem::exists(path)); // not its own

  rig.port->stop();
  CHECK(!std::filesystem::exists(path));
  { UnixStream::acceptor left_behind(rig.io, UnixStream::endpoint(path)); }
  CHECK(std::filesystem::exists(path));
  CommandPort third(rig.io.get_executor(), rig.box, rig.options);
  CHECK(third.open_unix_socket().ok());
  third.stop();
  std::ofstream(path) << "a file";
  CHECK(!third.open_unix_socket());
}

TEST_CASE("a reload moves the port, and one that cannot be opened leaves the old") {
  Rig rig;
  const unsigned before = rig.port->tcp_port();
  DaemonConfig config;
  config.server_addr = "192.0.2.1"; // for documentation: no machine has it
  config.server_port = 57367;
  const Status refused = rig.port->configure(config);
  REQUIRE(!refused);
  CHECK(refused.error().what.find("192.0.2.1 port 57367") != std::string::npos);
  CHECK(rig.port->tcp_port() == before);
  config.server_port = 0;
  CHECK(rig.port->configure(config).ok());
  CHECK(rig.port->tcp_port() == 0);
  UnixClient client(rig);
  ASK(client, "GetTemperature\n", "38\n");
}

TEST_CASE("two hundred connects and closes leave no descriptor behind") {
  Rig rig;
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_files();
  for (int i = 0; i < 200; ++i) {
    TcpClient client(rig);
    rig.io.poll();
  }
  CHECK(rig.until([&] { return open_files() <= before; }));
}
