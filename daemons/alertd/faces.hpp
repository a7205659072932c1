// SPDX-License-Identifier: MIT
// io.nasmcu1.Alerts, Alert and Disk: what clients see and may ask for.
#pragma once

#include <alertd/alert.hpp>
#include <alertd/disk_watch.hpp>
#include <alertd/smartd.hpp>

#include <bus/objects.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nasmcu::alertd {

/// What a client may ask for.
struct Requests {
  std::function<Status(const std::string& id)> acknowledge;
  std::function<Status(std::chrono::seconds)> mute;
  std::function<std::string()> test;
  std::function<Result<std::string>(const std::string& bay, bool on)> identify;
  std::function<Status(const std::string& bay)> forget;
  std::function<Status(const SmartdMessage&)> tell;
  std::function<Task<Result<std::string>>(std::string bay, std::string kind)> self_test;
};

/// All objects on one connection; they end with it.
class Faces {
public:
  Faces(Bus& bus, sdbus::IConnection& connection, Requests requests);
  ~Faces();
  Faces(const Faces&) = delete;
  Faces& operator=(const Faces&) = delete;

  /// Makes the objects fit, and announces what differs.
  void show(const std::vector<Alert>& alerts);
  void show(const std::vector<DiskState>& disks);
  void show_muted(std::uint64_t until);
  void show_poller(const std::string& poller);

private:
  class Manager;
  class AlertObject;
  class DiskObject;
  Bus& bus_;
  sdbus::IConnection& connection_;
  RootObject root_;
  std::unique_ptr<Manager> manager_;
  std::map<std::string, std::unique_ptr<AlertObject>> alerts_;
  std::map<std::string, std::unique_ptr<DiskObject>> disks_;
};

/// "bay1", "sdc": a disk's name on the bus.
std::string disk_name(const DiskState& disk);

} // namespace nasmcu::alertd
