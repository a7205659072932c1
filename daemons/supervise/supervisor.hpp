// SPDX-License-Identifier: MIT
// The shell around Policy: processes, the notify socket, signals and the daemon's words.
#pragma once

#include <supervise/log.hpp>
#include <supervise/policy.hpp>
#include <supervise/spawn.hpp>

#include <libmcu/link/descriptor.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::supervise {

struct Settings {
  std::string name;
  Rules rules;
  Command daemon;
  std::vector<std::string> failsafe; ///< run after each bad end, as ourselves
  bool may_power_off = false;        ///< does it for a daemon that may not
  std::string root;                  ///< another one than "": it is only recorded there
  bool collects_words = false;       ///< the daemon's words go to the log
};

class Supervisor {
public:
  Supervisor(Settings settings, Log& log);

  /// Why it cannot be used, before anything is started.
  mcu::Status prepare();
  /// Returns the exit status when all is over.
  int run();

  /// Told once: the daemon is ready, or has ended for good before it was; the exit status.
  std::function<void(int)> on_settled;

private:
  void act(Action action);
  void start();
  void start_failsafe();
  void signal_daemon(int number) const;
  void hear_signals();
  void reap();
  void hear_daemon();
  void obey(const std::string& message);
  void hear_words();
  void power_off();
  void settle(int code);
  int time_left() const;

  Settings settings_;
  Log& log_;
  Policy policy_;
  std::optional<mcu::Descriptor> signals_, notify_, words_, words_end_;
  std::string unfinished_; ///< a line of the daemon's without its end
  pid_t daemon_ = 0, failsafe_ = 0, errand_ = 0;
  bool over_ = false;
  int code_ = 0;
};

} // namespace nasmcu::supervise
