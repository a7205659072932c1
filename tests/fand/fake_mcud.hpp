// SPDX-License-Identifier: MIT
// A private bus and an mcud with one fan and one sensor, played in the test's own thread.
#pragma once

#include <bus/bus.hpp>
#include <dbus/io.nasmcu1.Fan-adaptor.h>
#include <dbus/io.nasmcu1.Sensor-adaptor.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

/// dbus-daemon below a temporary folder, as the system bus of this process.
class PrivateBus {
public:
  PrivateBus() {
    std::string name = (std::filesystem::temp_directory_path() / "nasmcu-fand-XXXXXX").string();
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

/// What the test sets and sees.
struct Box {
  double celsius = 30;
  std::string sensor_error; ///< not empty: Read fails with it
  bool busy = false;        ///< Acquire and Set are refused
  bool silent = false;      ///< nothing is answered
  bool set_fails = false;
  double failsafe = 70;
  std::vector<sdbus::Struct<double, double>> curve;

  std::uint64_t lease = 0; ///< the last one given
  unsigned acquired = 0, renewed = 0, reads = 0;
  std::vector<std::uint64_t> released;
  std::vector<double> sets;

  double last() const { return sets.empty() ? -1 : sets.back(); }
};

inline sdbus::Error error(const char* kind, const std::string& text) {
  return nasmcu::compat::make_error(std::string("io.nasmcu1.Error.") + kind, text);
}

class FakeFan final : public sdbus::AdaptorInterfaces<io::nasmcu1::Fan_adaptor> {
public:
  FakeFan(sdbus::IConnection& connection, Box& box)
      : AdaptorInterfaces(connection, sdbus::ObjectPath("/io/nasmcu1/fan/system")), box_(box) {
    registerAdaptor();
  }
  ~FakeFan() { unregisterAdaptor(); }

private:
  /// Answers what the box's state says; `answer` only runs when all is well.
  template <class Result, class Answer>
  void reply(Result&& result, bool refused, Answer answer) {
    if (box_.silent)
      unanswered_.push_back(std::make_shared<std::decay_t<Result>>(std::move(result)));
    else if (refused)
      result.returnError(error("Busy", "the fan is driven by :1.99"));
    else
      answer(result);
  }
  void Acquire(sdbus::Result<std::uint64_t>&& result) override {
    reply(std::move(result), box_.busy, [this](auto& to) {
      ++box_.acquired;
      to.returnResults(++box_.lease);
    });
  }
  void Seize(sdbus::Result<std::uint64_t>&& result) override { Acquire(std::move(result)); }
  void Set(sdbus::Result<double>&& result, std::uint64_t lease, double duty) override {
    reply(std::move(result), box_.busy || lease != box_.lease, [this, duty](auto& to) {
      if (box_.set_fails) {
        to.returnError(error("LinkDown", "the port is gone"));
        return;
      }
      box_.sets.push_back(duty);
      to.returnResults(duty);
    });
  }
  void Renew(sdbus::Result<>&& result, std::uint64_t lease) override {
    reply(std::move(result), lease != box_.lease, [this](auto& to) {
      ++box_.renewed;
      to.returnResults();
    });
  }
  void Release(sdbus::Result<>&& result, std::uint64_t lease) override {
    reply(std::move(result), lease != box_.lease, [this, lease](auto& to) {
      box_.released.push_back(lease);
      to.returnResults();
    });
  }
  void SetByHand(sdbus::Result<std::string>&& result, double) override { result.returnResults(""); }
  void Auto(sdbus::Result<std::string>&& result) override { result.returnResults(""); }

  std::string Name() override { return "system"; }
  bool Present() override { return true; }
  bool Valid() override { return true; }
  std::string Reason() override { return ""; }
  double Duty() override { return box_.last(); }
  std::uint32_t Rpm() override { return 0; }
  bool HasTach() override { return false; }
  std::string Holder() override { return ""; }
  double Failsafe() override { return box_.failsafe; }
  bool InFailsafe() override { return false; }
  std::string Why() override { return ""; }
  std::vector<double> Levels() override { return {}; }
  double Minimum() override { return 0; }
  double Maximum() override { return 100; }
  bool MayStop() override { return true; }
  std::vector<sdbus::Struct<double, double>> Curve() override { return box_.curve; }

  Box& box_;
  std::vector<std::shared_ptr<void>> unanswered_;
};

class FakeSensor final : public sdbus::AdaptorInterfaces<io::nasmcu1::Sensor_adaptor> {
public:
  FakeSensor(sdbus::IConnection& connection, Box& box)
      : AdaptorInterfaces(connection, sdbus::ObjectPath("/io/nasmcu1/sensor/board")), box_(box) {
    registerAdaptor();
  }
  ~FakeSensor() { unregisterAdaptor(); }

private:
  void Read(sdbus::Result<double>&& result) override {
    ++box_.reads;
    if (box_.silent)
      unanswered_.push_back(std::make_shared<sdbus::Result<double>>(std::move(result)));
    else if (!box_.sensor_error.empty())
      result.returnError(error("Timeout", box_.sensor_error));
    else
      result.returnResults(box_.celsius);
  }
  std::string Name() override { return "board"; }
  bool Present() override { return true; }
  bool Valid() override { return true; }
  std::string Reason() override { return ""; }
  double Temperature() override { return box_.celsius; }
  double Max() override { return 0; }

  Box& box_;
  std::vector<std::shared_ptr<void>> unanswered_;
};

class FakeManager final : public sdbus::AdaptorInterfaces<sdbus::ObjectManager_adaptor> {
public:
  explicit FakeManager(sdbus::IConnection& connection)
      : AdaptorInterfaces(connection, sdbus::ObjectPath("/io/nasmcu1")) {
    registerAdaptor();
  }
  ~FakeManager() { unregisterAdaptor(); }
};

class FakeMcud {
public:
  FakeMcud(mcu::asio::any_io_executor executor, Box& box) : bus_(executor, "io.nasmcu1.mcud") {
    bus_.on_connected = [this, &box](sdbus::IConnection& connection) {
      manager_ = std::make_unique<FakeManager>(connection);
      fan_ = std::make_unique<FakeFan>(connection, box);
      sensor_ = std::make_unique<FakeSensor>(connection, box);
    };
    bus_.on_lost = [this](const std::string&) {
      sensor_.reset();
      fan_.reset();
      manager_.reset();
    };
    bus_.start();
  }
  ~FakeMcud() { bus_.stop(); }

private:
  std::unique_ptr<FakeManager> manager_;
  std::unique_ptr<FakeFan> fan_;
  std::unique_ptr<FakeSensor> sensor_;
  nasmcu::Bus bus_;
};

} // namespace test
