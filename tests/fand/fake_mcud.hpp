// SPDX-License-Identifier: MIT
// A private bus and an mcud with one fan and some sensors, played in the test's own thread.
#pragma once

#include <bus/bus.hpp>
#include <dbus/io.nasmcu1.Fan-adaptor.h>
#include <dbus/io.nasmcu1.Sensor-adaptor.h>

#include "../private_bus.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace test {

/// A sensor besides "board".
struct Extra {
  double celsius = 30;
  std::string kind; ///< not empty: Read fails with this io.nasmcu1.Error
  std::string text;
  std::string bay{};
  unsigned reads = 0;
};

/// What the test sets and sees.
struct Box {
  double celsius = 30;
  std::string sensor_error;           ///< not empty: Read fails with it
  std::map<std::string, Extra> extra; ///< by name; to be filled before mcud starts
  std::vector<std::string> sensors;   ///< the fan's own, in the board's words
  std::string conflict;               ///< changed by FakeMcud::set_conflict() alone
  bool has_tach = false;
  unsigned rpm = 0; ///< changed by FakeMcud::set_rpm() alone
  unsigned stall_below = 0;
  bool busy = false;   ///< Acquire and Set are refused
  bool silent = false; ///< nothing is answered
  bool set_fails = false;
  double failsafe = 70;
  std::vector<sdbus::Struct<double, double>> curve;

  std::uint64_t lease = 0; ///< the last one given
  unsigned acquired = 0, renewed = 0, reads = 0, refused = 0;
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

  void tell(const std::string& property) {
    nasmcu::compat::emit_changed(getObject(), io::nasmcu1::Fan_adaptor::INTERFACE_NAME, {property});
  }

private:
  /// Answers what the box's state says; `answer` only runs when all is well.
  template <class Result, class Answer>
  void reply(Result&& result, bool refused, Answer answer) {
    if (box_.silent)
      unanswered_.push_back(std::make_shared<std::decay_t<Result>>(std::move(result)));
    else if (refused || !box_.conflict.empty())
      refuse(result);
    else
      answer(result);
  }
  template <class Result>
  void refuse(const Result& result) {
    ++box_.refused;
    result.returnError(
        error("Busy", box_.conflict.empty() ? "the fan is driven by :1.99" : box_.conflict));
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
  std::uint32_t Rpm() override { return box_.rpm; }
  bool HasTach() override { return box_.has_tach; }
  std::uint32_t StallBelow() override { return box_.stall_below; }
  std::string Holder() override { return ""; }
  double Failsafe() override { return box_.failsafe; }
  bool InFailsafe() override { return false; }
  std::string Why() override { return ""; }
  bool Alarm() override { return false; }
  std::string Conflict() override { return box_.conflict; }
  std::vector<std::string> Sensors() override { return box_.sensors; }
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
  bool Asleep() override { return false; }
  double Temperature() override { return box_.celsius; }
  std::string Bay() override { return ""; }
  double Max() override { return 0; }

  Box& box_;
  std::vector<std::shared_ptr<void>> unanswered_;
};

class FakeExtra final : public sdbus::AdaptorInterfaces<io::nasmcu1::Sensor_adaptor> {
public:
  FakeExtra(sdbus::IConnection& connection, std::string name, Extra& extra)
      : AdaptorInterfaces(connection, sdbus::ObjectPath("/io/nasmcu1/sensor/" + name)),
        name_(std::move(name)),
        extra_(extra) {
    registerAdaptor();
  }
  ~FakeExtra() { unregisterAdaptor(); }

private:
  void Read(sdbus::Result<double>&& result) override {
    ++extra_.reads;
    if (extra_.kind.empty())
      result.returnResults(extra_.celsius);
    else
      result.returnError(error(extra_.kind.c_str(), extra_.text));
  }
  std::string Name() override { return name_; }
  bool Present() override { return extra_.kind != "Unsupported"; }
  bool Valid() override { return extra_.kind.empty(); }
  std::string Reason() override { return extra_.text; }
  bool Asleep() override { return extra_.kind == "Asleep"; }
  double Temperature() override { return extra_.celsius; }
  std::string Bay() override { return extra_.bay; }
  double Max() override { return 0; }

  std::string name_;
  Extra& extra_;
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
  FakeMcud(mcu::asio::any_io_executor executor, Box& box)
      : box_(box), bus_(executor, "io.nasmcu1.mcud") {
    bus_.on_connected = [this](sdbus::IConnection& connection) {
      manager_ = std::make_unique<FakeManager>(connection);
      fan_ = std::make_unique<FakeFan>(connection, box_);
      sensor_ = std::make_unique<FakeSensor>(connection, box_);
      for (auto& [name, extra] : box_.extra)
        extra_.push_back(std::make_unique<FakeExtra>(connection, name, extra));
    };
    bus_.on_lost = [this](const std::string&) {
      extra_.clear();
      sensor_.reset();
      fan_.reset();
      manager_.reset();
    };
    bus_.start();
  }
  ~FakeMcud() { bus_.stop(); }

  /// Somebody else drives the fan, or no longer.
  void set_conflict(const std::string& words) {
    box_.conflict = words;
    fan_->tell("Conflict");
    bus_.kick();
  }
  void set_rpm(unsigned rpm) {
    box_.rpm = rpm;
    fan_->tell("Rpm");
    bus_.kick();
  }

private:
  Box& box_;
  std::unique_ptr<FakeManager> manager_;
  std::unique_ptr<FakeFan> fan_;
  std::unique_ptr<FakeSensor> sensor_;
  std::vector<std::unique_ptr<FakeExtra>> extra_;
  nasmcu::Bus bus_;
};

} // namespace test
