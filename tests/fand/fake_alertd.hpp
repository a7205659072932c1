// SPDX-License-Identifier: MIT
// nas-alertd with the disks of bays 1 and 2, played in the test's own thread.
#pragma once

#include <bus/bus.hpp>
#include <dbus/io.nasmcu1.Disk-adaptor.h>

#include "fake_mcud.hpp"

#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace test {

struct PlayedDisk {
  std::optional<double> celsius = 30;
  bool asleep = false;
  std::time_t read_ago = 0; ///< seconds
};

class FakeDisk final : public sdbus::AdaptorInterfaces<io::nasmcu1::Disk_adaptor> {
public:
  FakeDisk(sdbus::IConnection& connection, std::string bay, PlayedDisk& disk)
      : AdaptorInterfaces(connection, sdbus::ObjectPath("/io/nasmcu1/disk/bay" + bay)),
        bay_(std::move(bay)),
        disk_(disk) {
    registerAdaptor();
  }
  ~FakeDisk() { unregisterAdaptor(); }

private:
  std::string Name() override { return "bay" + bay_; }
  bool Present() override { return true; }
  bool Valid() override { return true; }
  std::string Reason() override { return ""; }
  std::string Bay() override { return bay_; }
  std::string Label() override { return ""; }
  std::string Node() override { return "/dev/sda"; }
  std::string Model() override { return ""; }
  std::string Serial() override { return ""; }
  std::string Verdict() override { return "ok"; }
  bool Asleep() override { return disk_.asleep; }
  bool HasTemperature() override { return disk_.celsius.has_value(); }
  double Temperature() override { return disk_.celsius.value_or(0); }
  std::uint64_t LastRead() override {
    return static_cast<std::uint64_t>(std::time(nullptr) - disk_.read_ago);
  }
  std::uint64_t Reads() override { return 0; }
  std::uint64_t Kept() override { return 0; }
  std::uint64_t Withheld() override { return 0; }
  std::string Gate() override { return ""; }

  std::string bay_;
  PlayedDisk& disk_;
};

class FakeAlertd {
public:
  explicit FakeAlertd(mcu::asio::any_io_executor executor) : bus_(executor, "io.nasmcu1.alertd") {
    bus_.on_connected = [this](sdbus::IConnection& connection) {
      manager_ = std::make_unique<FakeManager>(connection);
      for (const char* bay : {"1", "2"})
        faces_.push_back(std::make_unique<FakeDisk>(connection, bay, disks_[bay]));
    };
    bus_.on_lost = [this](const std::string&) {
      faces_.clear();
      manager_.reset();
    };
    bus_.start();
  }
  ~FakeAlertd() { bus_.stop(); }

  PlayedDisk& disk(const std::string& bay) { return disks_[bay]; }

private:
  std::map<std::string, PlayedDisk> disks_;
  std::unique_ptr<FakeManager> manager_;
  std::vector<std::unique_ptr<FakeDisk>> faces_;
  nasmcu::Bus bus_;
};

} // namespace test
