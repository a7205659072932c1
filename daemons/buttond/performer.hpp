// SPDX-License-Identifier: MIT
// Carries out actions. Under a --root other than "/" the machine itself is left alone: what would
// be done to it is recorded instead.
#pragma once

#include <buttond/action.hpp>
#include <buttond/logind.hpp>

#include <bus/alertd_client.hpp>
#include <common/child.hpp>
#include <common/system.hpp>
#include <libmcu/kernel/worker.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>

namespace nasmcu::buttond {

/// What is to be done, and for whom.
struct Errand {
  std::string button;
  std::string gesture;
  Action action;
  std::chrono::seconds limit{60}; ///< of a unit or a program
};

class Performer {
public:
  Performer(Bus& bus, Logind& logind, System system);

  /// Returns what came of it, in words.
  Task<Result<std::string>> perform(Errand errand);
  /// Seconds that are left for the late shutdown hook, where shutdown(8) is asked.
  void use_delay(int seconds) { delay_ = seconds; }
  /// Ends programs that run.
  void stop();

private:
  Task<Result<std::string>> power(Action::Kind kind);
  Task<Result<std::string>> start_unit(Errand errand);
  Task<Result<std::string>> run(Errand errand);
  Task<Result<std::string>> run_program(Errand errand, std::vector<std::string> words);
  Task<Result<std::string>> identify(std::vector<std::string> words);
  Task<Result<std::string>> acknowledge();
  Task<Result<std::string>> mute(std::chrono::seconds time);
  Task<Result<std::string>> beep(std::string length);
  Status ask_shutdown(Action::Kind kind) const;

  Bus& bus_;
  Logind& logind_;
  System system_;
  AlertdClient alerts_;
  int delay_ = 20;
  std::shared_ptr<Children> children_ = std::make_shared<Children>();
  std::map<std::string, std::shared_ptr<mcu::Worker>> workers_; ///< one a button
  std::set<std::string> running_;                               ///< buttons whose program runs
};

} // namespace nasmcu::buttond
