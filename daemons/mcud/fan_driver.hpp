// SPDX-License-Identifier: MIT
// Keeps one fan at the duty that the guard decides, whatever the link does.
#pragma once

#include <mcud/fan_claim.hpp>
#include <mcud/guard.hpp>
#include <mcud/lease.hpp>

#include <libmcu/devices/device.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu {

/// Lives until the io_context has run out of work: its coroutines refer to it.
class FanDriver {
public:
  FanDriver(mcu::asio::any_io_executor executor, mcu::Fan& fan);
  FanDriver(const FanDriver&) = delete;
  FanDriver& operator=(const FanDriver&) = delete;

  /// The sensors with a limit, and their last readings; asked at each decision.
  std::function<std::vector<LimitReading>()> limits;
  /// Something of view() changed.
  std::function<void()> on_change;
  std::chrono::seconds sensor_timeout{30};

  void start(); ///< failsafe first, unless somebody else drives the fan
  void stop();

  mcu::Result<std::uint64_t> acquire(const std::string& who);
  mcu::Result<std::uint64_t> seize(const std::string& who);
  mcu::Status renew(std::uint64_t lease, const std::string& who);
  mcu::Status release(std::uint64_t lease, const std::string& who);
  void holder_gone(const std::string& who);
  /// Ends the lease and a duty by hand: failsafe.
  void end_all(const std::string& reason);

  /// The holder's wish; returns the duty in force once it is on the wire.
  mcu::Task<mcu::Result<double>> set(std::uint64_t lease, std::string who, mcu::Duty duty);
  /// busy while a daemon holds the lease.
  mcu::Task<mcu::Result<std::string>> set_by_hand(mcu::Duty duty);
  mcu::Task<mcu::Result<std::string>> end_hand();

  /// A reading came, a limit may have been crossed.
  void readings_changed() { apply(); }
  /// The fan came (back) or went. One that was away may have forgotten the duty, so it is written
  /// again.
  void presence_changed(bool present);
  /// Asks whether somebody else drives the fan, and lets go of it or takes it as the board says.
  void look_for_rivals();
  /// The box goes to sleep: failsafe until it is back, when the duty is written again.
  void sleep(bool going);

  /// Waits until the fan is at the decided duty, or writing it failed; `busy` while it is somebody
  /// else's.
  mcu::Task<mcu::Status> settled();

  mcu::Fan& fan() { return fan_; }
  const Lease& lease() const { return lease_; }
  bool by_hand() const;
  /// Who else drives the fan, see FanClaim.
  const FanClaim& claim() const { return claim_; }
  const GuardDecision& decision() const { return decision_; }
  /// What the hardware took last; nothing before the first success and after a failure.
  std::optional<mcu::Duty> real() const { return real_; }
  /// Why the last write failed; nothing after a success.
  const std::optional<mcu::Error>& error() const { return error_; }

private:
  void begin();
  mcu::Task<void> look();
  void let_go();
  mcu::Task<void> read_duty();
  GuardDecision decide_now(Instant now) const;
  GuardInputs inputs() const;
  void apply();
  void drive();
  mcu::Task<void> write(mcu::Duty duty, mcu::Urgency urgency);
  void arm(Instant now);
  void lease_ended(const std::string& reason);

  mcu::asio::any_io_executor executor_;
  mcu::Fan& fan_;
  mcu::asio::steady_timer timer_;
  mcu::Signal settled_;
  Lease lease_;
  FanClaim claim_;
  std::optional<mcu::Duty> wish_;
  std::optional<HandDuty> hand_;
  GuardDecision decision_;
  std::optional<mcu::Duty> written_; ///< the decided duty that the last successful write carried
  std::optional<mcu::Duty> real_;
  std::optional<Instant> retry_at_;
  std::optional<mcu::Error> error_;
  int in_flight_ = 0;
  std::uint64_t writes_ = 0; ///< begun so far
  bool looking_ = false, look_again_ = false;
  bool suspended_ = false;
  bool urgent_in_flight_ = false;
  bool rewrite_ = true; ///< write even the duty in force: start, new lease, link back
  bool running_ = false;
};

} // namespace nasmcu
