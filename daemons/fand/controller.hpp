// SPDX-License-Identifier: MIT
// One fan's control loop: take the lease, then read, decide and set at every poll.
#pragma once

#include <bus/objects.hpp>
#include <fancontrol/control.hpp>
#include <fand/face.hpp>
#include <libmcu/link/task.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nasmcu::fand {

using namespace fancontrol;

/// Lives from the first sight of its fan until stop(). Its coroutine keeps it alive, never the
/// other way round; `bus` must outlive both.
class Controller : public std::enable_shared_from_this<Controller> {
public:
  Controller(mcu::asio::any_io_executor executor, Bus& bus, Plan plan);

  /// Begins the loop, waiting. Once.
  void start();
  /// Ends the loop; nothing is sent any more. release() comes before.
  void stop();

  /// A new configuration, or a new board under the same fan name.
  void use(Plan plan);
  /// mcud is there: take the lease.
  void attach();
  /// mcud or the bus is gone, and the lease with it.
  void detach(const std::string& reason);
  /// Gives the lease back, so that the fan is in failsafe before this process has gone.
  Task<void> release(std::chrono::milliseconds timeout);

  void publish(sdbus::IConnection& connection);
  /// Lets go of everything that hangs on the connection.
  void unpublish();

  const std::string& name() const { return view_.name; }
  /// "system auto 50 %" or "system waiting for mcud".
  std::string summary() const;
  /// The loop has missed its own deadline: it hangs.
  bool overdue(mcu::SteadyTime now) const { return now > due_; }

  /// Called when mode or duty changed.
  std::function<void()> on_change;

private:
  struct Round; ///< one reading of all sensors
  static Task<void> run(std::shared_ptr<Controller> self);
  static Task<Result<std::string>> set_manual(std::shared_ptr<Controller> self, double duty);
  static Task<Result<std::string>> set_auto(std::shared_ptr<Controller> self);

  Task<void> acquire();
  Task<void> cycle();
  Task<void> rest();
  Task<void> keep_lease();
  static Task<void> read_one(std::shared_ptr<Controller> self, std::shared_ptr<Round> round,
                             std::size_t which);
  Task<std::vector<Reading>> read(Plan plan);
  Task<Result<std::string>> apply(std::optional<mcu::Duty> manual);
  Task<bool> pause(mcu::SteadyTime until);
  void wake();

  void watch_fan();
  void on_conflict(const std::string& words);
  std::optional<Spin> spin() const;
  void settle(const std::vector<Reading>& readings, const Decision& decision,
              const Result<std::tuple<double>>& set);
  void log_absent(const std::vector<Demand>& demands);
  void log_outcome(const Decision& decision, const Result<std::tuple<double>>& set);
  void wait_for(mcu::Error error);
  void lose_lease(const mcu::Error& error);
  void back_off();
  void show(View view);
  Target fan() const { return {mcud_name, plan_.fan.path, "io.nasmcu1.Fan"}; }

  Bus& bus_;
  Plan plan_;
  State state_;
  std::set<std::string> absent_;    ///< sensors that were absent at the last reading
  std::optional<mcu::Duty> manual_; ///< set by hand; survives a lost lease

  std::uint64_t lease_ = 0; ///< 0: none
  std::uint64_t life_ = 0; ///< counts attach() and detach(): an answer from an earlier life is void
  bool attached_ = false;
  bool running_ = false;
  std::chrono::milliseconds backoff_;
  mcu::SteadyTime retry_at_;            ///< no Acquire before
  std::optional<std::string> conflict_; ///< what mcud last told of a rival; nothing: nothing yet
  unsigned conflicts_ = 0;              ///< changes of these words
  sdbus::Slot fan_watch_;
  std::optional<mcu::Rpm> rpm_;       ///< as mcud told it last
  std::optional<mcu::Duty> in_force_; ///< what the last Set came to
  /// Why there is no lease, or why the last Set failed; empty: all is well.
  mcu::Error obstacle_{mcu::Errc::not_running, "waiting for mcud"};

  std::uint64_t cycles_ = 0; ///< decisions so far
  mcu::SteadyTime cycle_began_;
  std::optional<mcu::SteadyTime> again_; ///< decide again then, before the next poll
  mcu::SteadyTime due_ = mcu::SteadyTime::max();
  mcu::asio::steady_timer timer_;
  bool woken_ = false;
  unsigned wish_ = 0, served_ = 0; ///< changes of manual_, and the last one that was set
  mcu::Signal cycled_;

  View view_;
  std::unique_ptr<Face> face_;
};

} // namespace nasmcu::fand
