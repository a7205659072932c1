// SPDX-License-Identifier: MIT
// nas-buttond: hears mcud's buttons, has Watch decide, and carries out.
#pragma once

#include <buttond/discovery.hpp>
#include <buttond/face.hpp>
#include <buttond/feedback.hpp>
#include <buttond/performer.hpp>
#include <buttond/watch.hpp>

#include <common/program.hpp>
#include <common/service_process.hpp>

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nasmcu::buttond {

/// What the files that the options name say.
struct Settings {
  Config config;
  int shutdown_delay = default_power_off_delay; ///< [Daemon] DeviceShutdownDelay
  std::vector<mcu::Diagnostic> diagnostics;
};
Settings load_settings(const CommonOptions& options);

class Buttond {
public:
  Buttond(mcu::asio::io_context& io, CommonOptions options, Settings settings);
  ~Buttond();
  Buttond(const Buttond&) = delete;
  Buttond& operator=(const Buttond&) = delete;

  /// Begins; io.run() returns when all has ended.
  void start();
  /// What SIGTERM does. Idempotent.
  void stop();
  /// What SIGHUP does: a bad configuration leaves the one in force.
  void reload();

  int exit_code() const { return process_.exit_code(); }

private:
  void on_connected(sdbus::IConnection& connection);
  void on_lost(const std::string& reason);
  void on_owner(const std::string& owner);
  void on_sleep(bool going);
  void follow(const std::vector<ButtonFacts>& buttons);
  void adopt(const std::vector<ButtonFacts>& buttons);
  void take(const std::string& name, const Change& change);
  void carry_out(const std::vector<Order>& orders);
  void arm();
  void show();
  void greet(const std::vector<View::Button>& before) const;
  void complain() const;

  Task<void> look_for_mcud();
  Task<void> attach();
  Task<void> ask(std::string button, std::uint32_t question);
  Task<void> act(Order order, Rules rules);
  Task<void> finish();

  mcu::asio::io_context& io_;
  CommonOptions options_;
  Watch watch_;
  ServiceProcess process_;
  mcu::asio::steady_timer timer_, retry_;
  Bus bus_;
  Logind logind_;
  Performer performer_;
  Feedback feedback_;
  std::unique_ptr<Face> face_;
  sdbus::Slot owner_watch_;
  std::map<std::string, sdbus::Slot> button_watches_; ///< by path
  std::map<std::string, Change> early_;               ///< heard before adopt(), by button
  bool adopted_ = false;
  View view_;
  std::string mcud_;       ///< mcud's unique name; empty while it is not there
  std::uint64_t life_ = 0; ///< counts the times that mcud's buttons are learnt afresh
};

} // namespace nasmcu::buttond
