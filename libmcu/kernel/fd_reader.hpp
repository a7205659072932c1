// SPDX-License-Identifier: MIT
// Watches the descriptor of a device that can go away.
#pragma once

#include <libmcu/link/task.hpp>

#include <functional>
#include <memory>

namespace mcu {

class FdReader {
public:
  /// Calls `read` whenever `fd` (which stays the caller's) is readable or hung up, until it returns
  /// false: the device is gone. `lost` follows 100 ms later, so that a thing that goes as soon as
  /// it is opened does not keep the processor busy. Nothing is called after the end of this object,
  /// which either of them may bring about.
  FdReader(asio::any_io_executor executor, int fd, std::function<bool()> read,
           std::function<void()> lost);
  ~FdReader();
  FdReader(const FdReader&) = delete;
  FdReader& operator=(const FdReader&) = delete;

private:
  struct State;
  static Task<void> watch(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

} // namespace mcu
