// SPDX-License-Identifier: MIT
// Where findings come from: one file and one line in registry.cpp each.
#pragma once

#include <alertd/alert.hpp>
#include <alertd/alert_config.hpp>
#include <alertd/array_roster.hpp>
#include <alertd/disk_watch.hpp>
#include <alertd/smartd.hpp>

#include <bus/bus.hpp>
#include <common/child.hpp>
#include <libmcu/link/task.hpp>
#include <libmcu/model/board.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::alertd {

/// The clocks that sources look at; a test has its own.
struct Clocks {
  std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now;
  std::function<WallTime()> wall = [] {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  };
};

/// What all sources work with. All of it outlives them.
struct SourceContext {
  mcu::asio::any_io_executor executor;
  std::string root; ///< empty: the real machine
  const mcu::Board& board;
  const AlertConfig& config;
  Bus& bus;
  DiskWatch& disks;
  ArrayRoster& roster;
  SmartdSigns& smartd;                ///< as of the last look
  std::shared_ptr<Children> children; ///< shared with threads, which may outlive all else
  Clocks clocks;
};

class Source {
public:
  virtual ~Source() = default;
  /// All that is wrong now; nothing when it cannot be told. Never fails, never blocks the loop.
  virtual Task<std::optional<std::vector<Finding>>> look() = 0;
  /// Until the next look, if nothing calls `hurry` before.
  virtual std::chrono::seconds pause() const = 0;
  /// What it waits for is given up; look() is not called again.
  virtual void stop() {}
  /// Set by its owner: something changed.
  std::function<void()> hurry;
};

struct SourceMaker {
  std::string_view name; ///< also the Ledger's word for it
  std::unique_ptr<Source> (*make)(const SourceContext& context);
};

extern const SourceMaker smart_source, md_source, box_source, filesystem_source, check_source,
    watchdog_source;

/// All sources there are.
std::span<const SourceMaker* const> source_makers();

} // namespace nasmcu::alertd
