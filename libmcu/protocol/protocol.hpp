// SPDX-License-Identifier: MIT
// The seam between words and bytes. One file under libmcu/protocol/ implements it, one line in
// registry.cpp names it; Link, the simulators' tests, the vectors and the fuzzers need no change.
//
// It carries the three classes of NAS microcontroller that are publicly known:
//   (a) framed request and response (WT61P803, D-Link): Exchange::replies declares the frames;
//   (b) single bytes, sometimes without any acknowledge, with events at any time (QNAP PIC,
//       Synology): an empty Exchange::replies is sent and forgotten, take() yields events;
//   (c) text lines with event lines between them (WD PMC): take() finds the line end itself.
#pragma once

#include <libmcu/model/bytes.hpp>
#include <libmcu/model/command.hpp>
#include <libmcu/model/result.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace mcu {

/// One request and the reply frames that it calls for, in order.
struct Exchange {
  Bytes tx;
  /// Bytes of each reply frame, check byte included; 0 where the frame marks its own end.
  /// Empty: the MCU does not answer this command.
  std::vector<std::size_t> replies;
  /// True when the replies carry nothing of the request (a bare acknowledge), so that a late one
  /// cannot be told from the right one. Link then first makes sure that none is on its way.
  bool ambiguous = false;
};

/// What Link is waiting for when it asks the protocol to cut the received bytes.
struct Awaiting {
  const Exchange& exchange;
  std::size_t frames_seen = 0; ///< reply frames already taken
};

/// The next piece at the front of the received bytes.
struct Taken {
  enum class Kind {
    need_more, ///< nothing can be said yet; size is 0
    noise,     ///< the first `size` bytes belong to nothing that was asked for
    reply,     ///< the first `size` bytes are the next frame of the awaited reply (or a refusal)
    event,     ///< the first `size` bytes came unasked and mean something
  };
  Kind kind = Kind::need_more;
  std::size_t size = 0;
};

/// How a serial line must be set for an MCU.
struct LineSettings {
  unsigned baud = 115200; ///< 8N1, no flow control, unless said below
  enum class Parity { none, even } parity = Parity::none;
  unsigned stop_bits = 1;
  /// Pause between sent bytes that the MCU is known to need; 0 for none.
  std::chrono::microseconds byte_gap{0};
};

/// Stateless and pure: no I/O, no clock. Every function is total: any bytes give an answer, none
/// throws, and take() on more than max_pending() bytes always makes progress.
class Protocol {
public:
  virtual ~Protocol() = default;

  /// The name used in board files (`[mcu] protocol`).
  virtual std::string_view name() const = 0;
  virtual LineSettings line() const = 0;

  /// The bytes for a command. unsupported: this MCU has no such function; invalid_argument: it has,
  /// but not with this value.
  virtual Result<Exchange> encode(const Command& command) const = 0;

  /// Cuts the next piece from `rx`. `awaiting` is null while nothing is asked.
  virtual Taken take(ByteView rx, const Awaiting* awaiting) const = 0;

  /// The meaning of the frames of one exchange. Also called with fewer frames than declared when
  /// the deadline came first: the protocol says whether they are enough (a lost acknowledge behind
  /// good data) or what is missing. `protocol` for anything that is not a clean answer.
  virtual Result<Reply> decode(const Command& command, const Exchange& exchange,
                               std::span<const Bytes> frames) const = 0;

  /// The meaning of a piece that take() called an event.
  virtual std::optional<Event> decode_event(ByteView piece) const {
    (void)piece;
    return std::nullopt;
  }

  /// What a complete request frame asks, for `raw` and traces; nothing for bytes that are no known
  /// command of this protocol. Inverse of encode().
  virtual std::optional<Command> parse_request(ByteView frame) const = 0;

  /// Appends the check byte(s) that a person need not compute by hand.
  virtual Bytes with_check(Bytes body) const { return body; }

  /// The LED that shares its command with `led`, if any: a two-colour LED is two names.
  virtual std::optional<std::string_view> led_partner(std::string_view led) const {
    (void)led;
    return std::nullopt;
  }

  /// Harmless reads whose answers can be told apart from every bare acknowledge; Link uses one to
  /// find its place again after a reply went missing. May be empty.
  virtual std::vector<Command> probes() const { return {}; }

  /// Every frame that cuts the power; -1 stands for any byte. `raw` refuses whatever contains one
  /// of them or ends in the beginning of one (see power_guard.hpp).
  virtual std::vector<std::vector<int>> power_frames() const = 0;

  /// The longest reply piece this protocol ever waits for.
  virtual std::size_t max_pending() const { return 64; }
};

} // namespace mcu
