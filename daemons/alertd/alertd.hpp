// SPDX-License-Identifier: MIT
// nas-alertd: asks every source in its own time, keeps the ledger, and has each event told.
#pragma once

#include <alertd/alert_config.hpp>
#include <alertd/channels.hpp>
#include <alertd/faces.hpp>
#include <alertd/ledger.hpp>
#include <alertd/panel.hpp>
#include <alertd/sources/source.hpp>
#include <alertd/store.hpp>

#include <common/program.hpp>
#include <common/service_process.hpp>

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::alertd {

/// From the files that the options name.
AlertConfigFile load_alert_config(const CommonOptions& options);

class Alertd {
public:
  Alertd(mcu::asio::io_context& io, CommonOptions options, mcu::Board board, AlertConfig config);
  ~Alertd();
  Alertd(const Alertd&) = delete;
  Alertd& operator=(const Alertd&) = delete;

  /// Begins; io.run() returns when all has ended.
  void start();
  /// What SIGTERM does. Idempotent.
  void stop();
  /// What SIGHUP does: a bad configuration leaves the one in force.
  void reload();

  int exit_code() const { return process_.exit_code(); }

private:
  /// A source at work. Kept alive by its coroutine.
  struct Running {
    Running(std::string_view of, std::unique_ptr<Source> what, mcu::asio::any_io_executor executor)
        : name(of), source(std::move(what)), timer(executor) {}
    std::string name;
    std::unique_ptr<Source> source;
    mcu::asio::steady_timer timer;
    bool hurry = false;
    bool ended = false;
  };
  static Task<void> run(Alertd& alertd, std::shared_ptr<Running> running);

  void start_sources();
  void stop_sources();
  void take(const std::string& source, const std::vector<Finding>& findings);
  void render();
  void save(bool at_end);
  bool root_disk_rests() const;
  void on_connected(sdbus::IConnection& connection);
  void on_lost();
  Requests requests();
  Result<std::string> identify(const std::string& bay, bool on);
  void know_reset(const std::string& id);
  std::string test();
  Status tell(SmartdMessage message);
  Task<Result<std::string>> self_test(std::string bay, std::string kind);
  void hurry(const SourceMaker& source);
  void tell_status();
  Task<void> tick();

  mcu::asio::io_context& io_;
  CommonOptions options_;
  mcu::Board board_;
  AlertConfig config_;
  LightRules rules_;
  std::shared_ptr<Children> children_;
  Bus bus_;
  Store store_;
  DiskWatch disks_;
  ArrayRoster roster_;
  SmartdSigns smartd_;
  Channels channels_;
  Panel panel_;
  Ledger ledger_;
  Sound sound_;
  std::map<std::string, WallTime> identified_; ///< bay -> until
  std::vector<std::shared_ptr<Running>> sources_;
  std::unique_ptr<Faces> faces_;
  sdbus::Slot mcud_watch_, watchdogd_watch_, watchdog_changes_;
  ServiceProcess process_;
  mcu::asio::steady_timer tick_;
};

} // namespace nasmcu::alertd
