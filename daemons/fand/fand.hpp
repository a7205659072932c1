// SPDX-License-Identifier: MIT
// nas-fand: finds mcud's fans and runs one Controller for each, as long as the program lives.
#pragma once

#include <bus/bus.hpp>
#include <common/program.hpp>
#include <common/service_process.hpp>
#include <fand/controller.hpp>
#include <fand/discovery.hpp>

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <string>

namespace nasmcu::fand {

class Fand {
public:
  Fand(mcu::asio::io_context& io, CommonOptions options, Config config);
  ~Fand();
  Fand(const Fand&) = delete;
  Fand& operator=(const Fand&) = delete;

  /// Begins; io.run() returns when all has ended.
  void start();
  /// What SIGTERM does: leases are given back, then everything ends. Idempotent.
  void stop();
  /// What SIGHUP does: a bad configuration leaves the one in force.
  void reload();

  int exit_code() const { return process_.exit_code(); }

private:
  void on_connected(sdbus::IConnection& connection);
  void on_lost(const std::string& reason);
  void on_owner(const std::string& owner);
  void adopt(Inventory inventory);
  void complain() const;
  void tell_status();
  bool loops_turn() const;

  Task<void> look_for_mcud();
  Task<void> attach();
  Task<void> finish();

  mcu::asio::io_context& io_;
  CommonOptions options_;
  Config config_;
  ServiceProcess process_;
  mcu::asio::steady_timer retry_;
  Bus bus_;
  sdbus::IConnection* connection_ = nullptr;
  sdbus::Slot owner_watch_;
  std::unique_ptr<RootObject> root_;
  Inventory inventory_;
  std::map<std::string, std::shared_ptr<Controller>> controllers_;
  std::string mcud_;       ///< mcud's unique name; empty while it is not there
  std::uint64_t life_ = 0; ///< counts the owners of mcud's name
};

} // namespace nasmcu::fand
