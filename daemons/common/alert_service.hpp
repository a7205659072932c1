// SPDX-License-Identifier: MIT
// What nas-alertd can be asked for: which alerts stand, how the disks are, and to say no more of
// it. daemons/bus/alertd_client.hpp asks it; io.nasmcu1.Alerts documents the words.
#pragma once

#include <common/device_view.hpp>
#include <libmcu/link/task.hpp>
#include <libmcu/model/result.hpp>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu {

using mcu::Result;
using mcu::Status;
using mcu::Task;

/// One thing that is wrong now (io.nasmcu1.Alert).
struct AlertView {
  std::string id;       ///< "disk.WD-X.reallocated"
  std::string severity; ///< "warning", "rebuilding" or "failed"
  std::string subject;  ///< one line
  std::string text;     ///< what was seen and what to do; a few lines
  std::string state;    ///< people are told again when this changes
  std::string bay, disk, serial;
  std::time_t since = 0;   ///< when it was first found
  std::time_t changed = 0; ///< when severity or state changed last
  bool acknowledged = false;
};

/// All that stands.
struct AlertList {
  std::vector<AlertView> alerts;
  std::time_t muted_until = 0; ///< the buzzer is silent until then; 0, or a time past: not muted
  std::string poller;          ///< who reads the disks: "nas-alertd" or "smartd"
};

/// A disk, or a bay that has lost its own (io.nasmcu1.Disk).
struct DiskView : DeviceView {
  std::string bay, label; ///< the board file's name of the bay, and what is printed on the box
  std::string node;       ///< "/dev/sda"
  std::string model, serial;
  std::string verdict; ///< "ok", "warning", "failed", "unknown", "no SMART"
  bool asleep = false;
  std::optional<double> celsius;
  std::time_t last_read = 0; ///< 0: never
  /// What the sleep gate has decided, and its last words.
  std::uint64_t reads = 0, kept = 0, withheld = 0;
  std::string gate;
};

/// By itself it is a nas-alertd that does not run: every answer is `not_running`.
class AlertService {
public:
  virtual ~AlertService() = default;

  virtual Task<Result<AlertList>> alerts();
  /// `unsupported` for an id that does not stand, with those that do.
  virtual Task<Status> acknowledge_alert(std::string id);
  /// Silences the buzzer; 0 ends that.
  virtual Task<Status> mute_alerts(std::chrono::seconds time);
  /// A test through every channel; returns what was done, in words.
  virtual Task<Result<std::string>> test_alerts();

  virtual Task<Result<std::vector<DiskView>>> disks();
  /// Blinks for 10 minutes, or until off; returns the LED's name.
  virtual Task<Result<std::string>> identify_bay(std::string bay, bool on);
  /// The bay's disk was taken out on purpose: it is missed no longer.
  virtual Task<Status> forget_bay(std::string bay);
  /// Starts a self-test ("short" or "long") of the disk in this bay, waking it if it sleeps;
  /// returns what was begun, in words.
  virtual Task<Result<std::string>> test_disk(std::string bay, std::string kind);
};

/// The words for that.
mcu::Error no_alert_daemon();

} // namespace nasmcu
