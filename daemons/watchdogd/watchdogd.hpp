// SPDX-License-Identifier: MIT
// nas-watchdogd: has the checks look, asks the guard, and does what it decides.
#pragma once

#include <watchdogd/checks.hpp>
#include <watchdogd/device.hpp>
#include <watchdogd/feeder.hpp>
#include <watchdogd/guard.hpp>
#include <watchdogd/watchdog_config.hpp>
#include <watchdogd/watchdog_face.hpp>

#include <bus/bus.hpp>
#include <bus/objects.hpp>
#include <common/program.hpp>
#include <common/reset_notes.hpp>
#include <common/service_process.hpp>
#include <common/system.hpp>
#include <libmcu/kernel/worker.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace nasmcu::watchdogd {

/// From the files that the options name.
WatchdogConfigFile load_watchdog_config(const CommonOptions& options);

class Watchdogd {
public:
  Watchdogd(mcu::asio::io_context& io, CommonOptions options, mcu::Board board,
            WatchdogConfig config);
  ~Watchdogd();
  Watchdogd(const Watchdogd&) = delete;
  Watchdogd& operator=(const Watchdogd&) = delete;

  /// Begins; io.run() returns when all has ended.
  void start();
  /// What SIGTERM does: the device is stopped, unless there is no way out. Idempotent.
  void stop();
  /// What SIGHUP does: a bad configuration leaves the one in force.
  void reload();

  int exit_code() const { return process_.exit_code(); }

private:
  /// A check at work. Kept alive by its coroutine.
  struct Running {
    Running(std::shared_ptr<Checking> what, const mcu::asio::any_io_executor& executor)
        : check(std::move(what)), timer(executor) {}
    std::shared_ptr<Checking> check;
    mcu::asio::steady_timer timer;
    bool ended = false;
  };
  static Task<void> run(Watchdogd& daemon, std::shared_ptr<Running> running);

  // watchdogd.cpp
  void start_checks();
  void stop_checks();
  void decide();
  void act(const Decision& decision);
  void tell(const Decision& decision) const;
  void show();
  void on_connected(sdbus::IConnection& connection);
  void on_lost();
  Status announce(const std::string& why, std::uint32_t time);
  Task<void> tick();
  Task<void> finish();

  // watchdogd_device.cpp: the device and the notes
  void open_device();
  void use_device(std::unique_ptr<Device> device);
  void leave_device(bool disarm);
  void take_notes(const Decision& decision);
  void read_notes();
  void settle_notes();
  Task<void> save_notes(bool needed);
  bool root_rests() const;
  void record(const std::string& what, const std::string& why) const;

  mcu::asio::io_context& io_;
  CommonOptions options_;
  mcu::Board board_;
  WatchdogConfig config_;
  System system_;
  std::shared_ptr<Children> children_;
  Bus bus_;
  mcu::Worker files_; ///< a root disk that hangs must not hang us
  std::string boot_;
  ResetNotes notes_;
  std::string saved_notes_; ///< what is in the file
  Guard guard_;
  Decision decision_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<Feeder> feeder_;
  std::string no_device_; ///< why there is none
  mcu::SteadyTime look_for_device_;
  bool fed_ = false;     ///< as it was recorded or told last
  bool refused_ = false; ///< the device took no feeding
  std::vector<std::shared_ptr<Running>> checks_;
  std::unique_ptr<RootObject> root_object_;
  std::unique_ptr<WatchdogFace> face_;
  sdbus::Slot shutdown_watch_;
  ServiceProcess process_;
  mcu::asio::steady_timer tick_, farewell_;
  std::string status_;
};

} // namespace nasmcu::watchdogd
