// SPDX-License-Identifier: MIT
// One conversation with one MCU: exchanges wait their turn, every answer is checked against its
// request, and nothing that came late, unasked or echoed is ever believed.
#pragma once

#include <libmcu/link/task.hpp>
#include <libmcu/link/transport.hpp>
#include <libmcu/protocol/protocol.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mcu {

struct LinkOptions {
  /// How long one try waits for its answer, counted from the end of sending. 500 ms is what the
  /// vendor's and the kernel's drivers give these MCUs.
  std::chrono::milliseconds timeout{500};
  unsigned tries = 3; ///< 1 to 10
  /// Silence that must have been seen on the line before it is used again after an error.
  std::chrono::milliseconds quiet{50};
  std::chrono::milliseconds backoff{20}; ///< pause before the second try; doubles
  /// From the start of one sent byte to the start of the next, as the old D-Link daemon's pause was
  /// measured; no effect when shorter than the byte itself.
  std::chrono::microseconds byte_gap{0};
  /// Of the port, where it is not the protocol's own; fixed at construction.
  unsigned baud = 0;
  std::chrono::milliseconds reopen_first{100}; ///< back-off of reopening a lost port
  std::chrono::milliseconds reopen_last{400};
  /// Set by the late shutdown hook alone (safety rule 5). Otherwise a power-off command is refused
  /// here, whoever asks.
  bool power_off_allowed = false;
};

/// Counters since start; the microseconds are of whole successful tries, sending included.
struct LinkStats {
  std::uint64_t exchanges = 0;    ///< answered well
  std::uint64_t failures = 0;     ///< given up after the last try
  std::uint64_t tries = 0;        ///< requests put on the wire, probes not counted
  std::uint64_t retries = 0;      ///< tries behind a first one
  std::uint64_t timeouts = 0;     ///< tries with no, or not enough, answer in time
  std::uint64_t bad_replies = 0;  ///< wrong checksum, wrong mirrored bytes, refusals
  std::uint64_t refusals = 0;     ///< of these: the MCU itself said no
  std::uint64_t stray_bytes = 0;  ///< late, unasked or surplus bytes thrown away
  std::uint64_t resyncs = 0;      ///< times the line was quieted and probed after an error
  std::uint64_t missing_acks = 0; ///< good data whose acknowledge was lost
  std::uint64_t events = 0;
  std::uint64_t reopens = 0;
  std::uint64_t rtt_last_us = 0;
  std::uint64_t rtt_min_us = 0;
  std::uint64_t rtt_max_us = 0;
  std::uint64_t rtt_total_us = 0; ///< of `exchanges` round trips
};

enum class Urgency {
  normal,
  /// Failsafe: goes before what waits (what would set the fan is not sent: busy), ends the retries
  /// of what is in flight, and is on the wire at once, even while the line is being quieted.
  urgent,
};

/// The bytes of a whole exchange, for `raw`.
struct RawAnswer {
  Reply reply;
  std::vector<Bytes> frames;
};

class Link {
public:
  enum class Direction { sent, received };

  Link(asio::any_io_executor executor, std::unique_ptr<Transport> transport,
       std::unique_ptr<Protocol> protocol, LinkOptions options);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Opens the port (on_state tells at once how that went), keeps it open and turns the queue until
  /// stop(). Call once.
  void start();
  /// Fails what waits with link_down and closes the port; the coroutines then end by themselves.
  void stop();

  /// Sends a command when its turn comes and returns the checked answer. From its turn on it never
  /// outlives deadline(); a down link fails at once.
  Task<Result<Reply>> ask(Command command, Urgency urgency = Urgency::normal);
  /// The same, with the frames as received.
  Task<Result<RawAnswer>> ask_raw(Command command);
  /// Bytes that are no known command, as they are; whatever comes back within the deadline is
  /// returned as one frame, and the line is quieted afterwards. The caller has checked
  /// could_cut_power(); it is checked here again.
  Task<Result<Bytes>> send_unknown(Bytes bytes);

  /// The longest that an exchange can take from its turn on: all tries and pauses, each quieted
  /// line never getting quiet, and one resynchronisation. `request` is the bytes of the request.
  SteadyDuration deadline(std::size_t request = 16) const;

  bool up() const;
  /// Why the link is down, in words; empty while it is up.
  const std::string& down_reason() const;

  const Protocol& protocol() const;
  const LinkStats& stats() const;
  const LinkOptions& options() const;
  void set_options(const LinkOptions& options); ///< in force from the next try on

  std::function<void(const Event&)> on_event;
  std::function<void(bool up, const std::string& reason)> on_state;
  std::function<void(Direction, ByteView)> on_trace;

private:
  struct Impl;
  std::shared_ptr<Impl> impl_; ///< shared with the running coroutines, so that none outlives it
};

} // namespace mcu
