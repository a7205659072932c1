// SPDX-License-Identifier: MIT
// A byte stream to an MCU. Serial is the real one; tests script theirs.
#pragma once

#include <libmcu/link/task.hpp>
#include <libmcu/model/bytes.hpp>
#include <libmcu/model/result.hpp>

#include <cstddef>
#include <span>

namespace mcu {

class Transport {
public:
  virtual ~Transport() = default;

  /// Opens, or opens again, the port. link_down, in words, while it is not there; busy when another
  /// program holds it.
  virtual Status open() = 0;
  virtual void close() = 0;
  virtual bool is_open() const = 0;

  /// Writes all of `bytes`. link_down when the port vanished; a partial write is an error.
  virtual Task<Status> write(ByteView bytes) = 0;

  /// At least one byte. link_down when the port vanished (a hung-up tty reads 0 at once, for ever:
  /// that is an error here and never a busy loop); `failed` after cancel().
  virtual Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) = 0;

  /// While `on`, what comes in waits in the kernel for read_ready() and wakes nobody; that the port
  /// vanished is told all the same. close() ends it. A transport that cannot do it goes on as ever.
  virtual void hold_input(bool on) { (void)on; }

  /// Waits until `time` when that is nearer than any sleep would end (the gap between two bytes
  /// is); else, or when the transport has no such haste, returns at once.
  virtual void spin_until(SteadyTime time) { (void)time; }

  /// Ends the pending read_some().
  virtual void cancel() = 0;

  /// Throws away what has been received and not read.
  virtual void discard_input() = 0;

  /// What has been received and not read, without waiting; 0 when there is nothing (a vanished port
  /// is read_some()'s to report). Asked before each request: what is here already cannot be its
  /// answer, but may be an event. A transport that cannot do it throws the bytes away.
  virtual std::size_t read_ready(std::span<std::uint8_t> into) {
    (void)into;
    discard_input();
    return 0;
  }
};

} // namespace mcu
