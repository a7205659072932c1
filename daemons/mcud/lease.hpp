// SPDX-License-Identifier: MIT
// Who drives a fan, and until when. Pure: time is an argument.
#pragma once

#include <libmcu/model/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace nasmcu {

using Clock = std::chrono::steady_clock;
using Instant = Clock::time_point;

/// The lease on one fan. It dies with its holder's bus name, or 30 s after the last sign of life.
class Lease {
public:
  static constexpr std::chrono::seconds lifetime{30};

  /// The first one wins; busy, naming the holder, for others. The holder itself gets a fresh lease.
  mcu::Result<std::uint64_t> acquire(const std::string& who, Instant now);
  /// Takes it whoever holds it.
  std::uint64_t seize(const std::string& who, Instant now);
  /// busy, in words, when `id` is not the lease in force or not `who`'s.
  mcu::Status renew(std::uint64_t id, const std::string& who, Instant now);
  mcu::Status release(std::uint64_t id, const std::string& who);

  /// True when that ended the lease.
  bool holder_gone(const std::string& who);
  bool expire(Instant now);
  void end();

  bool held() const { return holder_.has_value(); }
  /// The holder's bus name; empty without one.
  std::string holder() const { return holder_ ? holder_->who : std::string(); }
  std::optional<Instant> expires() const;

private:
  struct Holder {
    std::string who;
    std::uint64_t id = 0;
    Instant expires;
  };
  mcu::Status check(std::uint64_t id, const std::string& who) const;

  std::optional<Holder> holder_;
  std::uint64_t last_id_ = 0; ///< an id is never given twice
};

} // namespace nasmcu
