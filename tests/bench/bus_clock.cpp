// SPDX-License-Identifier: MIT
// A stopwatch on the bus: a client of it, as others are, that measures what reaches it.
//
//   bus_clock edges SOCKET NAME CODE OBJECT COUNT
//       Plays the input device NAME at SOCKET (tests/fakeroot/README.md). Prints "listening"; once
//       somebody has opened it and OBJECT is on the bus, COUNT times an edge of CODE: microseconds
//       until PropertiesChanged of OBJECT is here.
//   bus_clock pings COUNT
//       Microseconds of org.freedesktop.DBus.Peer.Ping, answered by the bus itself: one hop.
//   bus_clock start SIGNAL FOLDER NAME [VARIABLE=VALUE...] PROGRAM ARG... [-- NAME ...]...
//       Starts all programs at once. Prints NAME READY OWNED for each: microseconds from before the
//       first exec to READY=1 and to its name on the bus. Then SIGNAL to all, at once.
#include <bus/sdbus.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Words = std::vector<std::string>;

constexpr double patience_us = 180e6; // callgrind makes a start of 3 ms one of seconds
constexpr double look_us = 100e3;     // how often it is looked whether somebody has ended
/// Nobody presses a key a hundred times without a rest: both sides have gone to sleep in between.
constexpr useconds_t rest_us = 3000;

double now_us() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error(what); }

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) give_up(path + ": too long a path");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int bound(const std::string& path, int type) {
  const sockaddr_un address = address_of(path);
  unlink(path.c_str());
  const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    give_up(path + ": " + std::strerror(errno));
  return fd;
}

/// The system bus, turned by hand together with other descriptors.
class BusLoop {
public:
  BusLoop() : bus_(sdbus::createSystemBusConnection()) {}

  sdbus::IConnection& bus() { return *bus_; }

  void match(const std::string& rule, std::function<void(sdbus::Message&)> callback) {
    slots_.push_back(nasmcu::compat::add_match(*bus_, rule, std::move(callback)));
  }

  /// Waits once for the bus or one of `others`, until `deadline`; others' `revents` tell.
  void turn(std::vector<pollfd>& others, double deadline) {
    for (pollfd& one : others) one.revents = 0;
    if (drain()) return; // what a call has taken in beside its answer: nothing is on the socket
    const auto data = bus_->getEventLoopPollData();
    std::vector<pollfd> all = others;
    all.push_back({data.fd, POLLIN, 0});
    if (nasmcu::compat::event_fd(data) >= 0)
      all.push_back({nasmcu::compat::event_fd(data), POLLIN, 0});
    const double left = std::max(0.0, deadline - now_us());
    if (poll(all.data(), all.size(), static_cast<int>(left / 1e3) + 1) < 0) give_up("poll");
    for (std::size_t i = 0; i < others.size(); ++i) others[i].revents = all[i].revents;
    drain();
  }

  void until(const std::function<bool()>& done, const std::string& what) {
    std::vector<pollfd> none;
    const double deadline = now_us() + patience_us;
    while (!done()) {
      if (now_us() > deadline) give_up("waited in vain for " + what);
      turn(none, deadline);
    }
  }

  /// Takes in what is there; true when there was something.
  bool drain() {
    bool any = false;
    while (nasmcu::compat::process(*bus_)) any = true;
    return any;
  }

private:
  std::unique_ptr<sdbus::IConnection> bus_;
  std::vector<sdbus::Slot> slots_;
};

// --- edges

/// An input device as a fake root has it, with one reader.
class FakeKey {
public:
  FakeKey(const std::string& path, const std::string& name, std::string code)
      : code_(std::move(code)), listener_(bound(path, SOCK_STREAM)) {
    if (listen(listener_, 1) != 0) give_up(path);
    std::printf("listening\n");
    std::fflush(stdout);
    reader_ = accept(listener_, nullptr, nullptr);
    if (reader_ < 0) give_up(path);
    say("input " + name + "\nhas " + code_ + " 0\nready\n");
  }
  ~FakeKey() {
    close(reader_);
    close(listener_);
  }
  FakeKey(const FakeKey&) = delete;
  FakeKey& operator=(const FakeKey&) = delete;

  void move(bool down) { say(code_ + (down ? " 1\n" : " 0\n")); }

private:
  void say(const std::string& text) const {
    if (send(reader_, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
      give_up("the reader of the key has gone");
  }

  std::string code_;
  int listener_;
  int reader_ = -1;
};

/// Until the object answers: what it tells before that is no edge.
void await_object(BusLoop& loop, const std::string& path) {
  const auto proxy = sdbus::createProxy(loop.bus(), nasmcu::compat::ServiceName("io.nasmcu1.mcud"),
                                        sdbus::ObjectPath(path));
  for (const double deadline = now_us() + patience_us; now_us() < deadline; usleep(rest_us)) {
    try {
      bool pressed = false;
      proxy->callMethod("Read").onInterface("io.nasmcu1.Button").storeResultsTo(pressed);
      return;
    } catch (const sdbus::Error&) {
      // Not there yet.
    }
  }
  give_up("no " + path + " on the bus");
}

void edges(const Words& words) {
  const std::string path = words.at(3);
  const int count = std::stoi(words.at(4));
  FakeKey key(words.at(0), words.at(1), words.at(2));
  BusLoop loop;
  int heard = 0;
  loop.match("type='signal',interface='org.freedesktop.DBus.Properties',"
             "member='PropertiesChanged',path='" +
                 path + "'",
             [&heard](sdbus::Message&) { ++heard; });
  await_object(loop, path);
  for (int i = 0; i < count; ++i) {
    usleep(rest_us);
    loop.drain(); // nothing that was told before is taken for the next edge's signal
    heard = 0;
    const double began = now_us();
    key.move(i % 2 == 0);
    loop.until([&heard] { return heard > 0; }, "a signal of " + path);
    std::printf("%.1f\n", now_us() - began);
  }
}

void pings(const Words& words) {
  BusLoop loop;
  const auto driver =
      sdbus::createProxy(loop.bus(), nasmcu::compat::ServiceName("org.freedesktop.DBus"),
                         sdbus::ObjectPath("/org/freedesktop/DBus"));
  for (int left = std::stoi(words.at(0)); left > 0; --left) {
    usleep(rest_us);
    const double began = now_us();
    driver->callMethod("Ping").onInterface("org.freedesktop.DBus.Peer");
    std::printf("%.1f\n", now_us() - began);
  }
}

// --- start

struct Program {
  std::string name;
  Words environment; ///< VARIABLE=VALUE, for it alone
  Words command;
  std::string address;
  int notify = -1;
  pid_t pid = 0;
  double ready = 0, owned = 0; ///< when; 0: not yet

  bool done() const { return ready > 0 && owned > 0; }
};

std::vector<Program> programs_of(const Words& words, std::size_t at, const std::string& folder) {
  std::vector<Program> programs;
  for (bool fresh = true; at < words.size(); ++at) {
    if (words[at] == "--") {
      fresh = true;
    } else if (fresh) {
      programs.emplace_back();
      programs.back().name = words[at];
      programs.back().address = folder + "/start" + std::to_string(programs.size()) + ".notify";
      fresh = false;
    } else {
      Program& program = programs.back();
      // Before the program: what it gets in its environment, as env(1) has it.
      const bool given = program.command.empty() && words[at].find('=') != std::string::npos;
      (given ? program.environment : program.command).push_back(words[at]);
    }
  }
  return programs;
}

/// Not inlined: a function that calls vfork() must have nothing to lose.
__attribute__((noinline)) pid_t spawn(char** command) {
  const pid_t child = vfork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL); // whatever becomes of us, it is not left behind
  execv(command[0], command);
  _exit(127);
}

void launch(Program& program) {
  std::vector<char*> arguments;
  for (std::string& word : program.command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  setenv("NOTIFY_SOCKET", program.address.c_str(), 1);
  for (std::string& word : program.environment) putenv(word.data());
  program.pid = spawn(arguments.data());
  for (const std::string& word : program.environment)
    unsetenv(word.substr(0, word.find('=')).c_str());
  if (program.pid < 0) give_up("cannot start " + program.command.front());
}

void take_notice(Program& program) {
  char message[4096];
  const ssize_t got = recv(program.notify, message, sizeof message - 1, MSG_DONTWAIT);
  message[got > 0 ? got : 0] = '\0';
  if (program.ready == 0 && std::strstr(message, "READY=1") != nullptr) program.ready = now_us();
}

std::string missing(const std::vector<Program>& programs) {
  std::string words;
  for (const Program& program : programs) {
    if (program.ready == 0) words += " READY of " + program.name;
    if (program.owned == 0) words += " owner of " + program.name;
  }
  return words;
}

void await_all(BusLoop& loop, std::vector<Program>& programs) {
  std::vector<pollfd> notices;
  for (const Program& program : programs) notices.push_back({program.notify, POLLIN, 0});
  const double deadline = now_us() + patience_us;
  const auto done = [](const Program& program) { return program.done(); };
  while (!std::all_of(programs.begin(), programs.end(), done)) {
    if (now_us() > deadline) give_up("not in time:" + missing(programs));
    loop.turn(notices, std::min(deadline, now_us() + look_us));
    for (std::size_t i = 0; i < programs.size(); ++i)
      if (notices[i].revents != 0) take_notice(programs[i]);
    for (Program& program : programs)
      if (waitpid(program.pid, nullptr, WNOHANG) == program.pid) {
        program.pid = 0;
        give_up(program.name + " has ended by itself");
      }
  }
}

void start(const Words& words) {
  const int signal = std::stoi(words.at(0));
  std::vector<Program> programs = programs_of(words, 2, words.at(1));
  BusLoop loop;
  loop.match("type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
             "member='NameOwnerChanged'",
             [&programs](sdbus::Message& message) {
               std::string name;
               std::string before;
               std::string after;
               message >> name >> before >> after;
               for (Program& program : programs)
                 if (program.name == name && !after.empty()) program.owned = now_us();
             });
  for (Program& program : programs) program.notify = bound(program.address, SOCK_DGRAM);
  const double began = now_us();
  std::string failed;
  try {
    for (Program& program : programs) launch(program);
    await_all(loop, programs);
  } catch (const std::exception& error) {
    failed = error.what(); // nothing is left running all the same
  }
  for (const Program& program : programs)
    if (program.pid > 0) kill(program.pid, failed.empty() ? signal : SIGKILL);
  for (const Program& program : programs) {
    if (program.pid > 0) waitpid(program.pid, nullptr, 0);
    unlink(program.address.c_str());
    if (failed.empty())
      std::printf("%s %.1f %.1f\n", program.name.c_str(), program.ready - began,
                  program.owned - began);
  }
  if (!failed.empty()) give_up(failed);
}

} // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const Words words(argv + std::min(argc, 2), argv + argc);
  try {
    if (mode == "edges" && words.size() == 5) return edges(words), 0;
    if (mode == "pings" && words.size() == 1) return pings(words), 0;
    if (mode == "start" && words.size() >= 4) return start(words), 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bus_clock: %s\n", error.what());
    return 1;
  }
  std::fprintf(stderr, "usage: bus_clock edges SOCKET NAME CODE OBJECT COUNT | pings COUNT |\n"
                       "       start SIGNAL FOLDER NAME [VARIABLE=VALUE...] PROGRAM ARG...\n"
                       "             [-- NAME ...]...\n");
  return 2;
}
