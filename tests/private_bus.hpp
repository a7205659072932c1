// SPDX-License-Identifier: MIT
// A bus of the test's own, which stands in for the system bus.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace test {

/// dbus-daemon below a temporary folder, as the system bus of this process.
class PrivateBus {
public:
  PrivateBus() {
    std::string name = (std::filesystem::temp_directory_path() / "nasmcu-bus-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    dir_ = name;
    std::ofstream(dir_ / "bus.conf")
        << "<busconfig><type>session</type><listen>unix:path=" << socket()
        << "</listen><policy context='default'>"
        << "<allow send_destination='*' eavesdrop='true'/>"
        << "<allow eavesdrop='true'/><allow own='*'/>"
        << "</policy></busconfig>";
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + socket()).c_str(), 1);
    start();
  }
  ~PrivateBus() {
    stop();
    std::filesystem::remove_all(dir_);
  }
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;

  /// Returns when clients can connect: dbus-daemon prints its address then.
  void start() {
    std::filesystem::remove(socket());
    int ready[2];
    if (::pipe2(ready, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const std::string config = "--config-file=" + (dir_ / "bus.conf").string();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that crashes leaves nothing behind
      ::dup2(ready[1], 3);
      ::execlp("dbus-daemon", "dbus-daemon", config.c_str(), "--nofork", "--nopidfile",
               "--print-address=3", nullptr);
      ::_exit(127);
    }
    ::close(ready[1]);
    char byte = 0;
    const auto got = ::read(ready[0], &byte, 1);
    ::close(ready[0]);
    if (got != 1) throw std::runtime_error("dbus-daemon did not start");
  }
  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  const std::filesystem::path& dir() const { return dir_; }

private:
  std::string socket() const { return (dir_ / "socket").string(); }
  std::filesystem::path dir_;
  pid_t pid_ = 0;
};

} // namespace test
