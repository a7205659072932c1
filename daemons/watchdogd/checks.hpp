// SPDX-License-Identifier: MIT
// The checks at work: each looks in its own time and tells the guard what it saw.
#pragma once

#include <watchdogd/disk_patience.hpp>
#include <watchdogd/fan_progress.hpp>
#include <watchdogd/guard.hpp>
#include <watchdogd/watchdog_config.hpp>

#include <bus/bus.hpp>
#include <common/child.hpp>
#include <libmcu/kernel/worker.hpp>
#include <libmcu/link/task.hpp>
#include <libmcu/model/board.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nasmcu::watchdogd {

/// What all checks work with. All of it outlives them, but for what is shared.
struct CheckContext {
  mcu::asio::any_io_executor executor;
  std::string root; ///< empty: the real machine
  const mcu::Board& board;
  WatchdogConfig config;
  Bus& bus;
  std::shared_ptr<Children> children; ///< shared with threads, which may outlive all else
};

/// Made anew when the configuration changes, and let go of with stop(): a look that is under way
/// then tells nobody.
class Checking {
public:
  virtual ~Checking() = default;
  /// "fan", "disk-1".
  virtual std::string name() const = 0;
  /// Between two looks.
  virtual seconds pace() const = 0;
  /// One look, which may last; the next one waits for its end.
  virtual Task<Sighting> look() = 0;
  virtual void stop() {}
  /// The root disk rests: our own writes wait.
  virtual bool root_rests() const { return false; }
};

/// Those that the configuration and the board ask for.
std::vector<std::shared_ptr<Checking>> make_checks(const CheckContext& context);
std::shared_ptr<Checking> make_fan_check(const CheckContext& context);
std::shared_ptr<Checking> make_mcu_check(const CheckContext& context);
std::shared_ptr<Checking> make_disk_check(const CheckContext& context, const std::string& disk);
std::shared_ptr<Checking> make_test_check(const CheckContext& context);

/// How often the quick ones look: often enough to see within a grace what happens.
seconds usual_pace(const WatchdogConfig& config);

} // namespace nasmcu::watchdogd
