// SPDX-License-Identifier: MIT
// What the devices of the kernel share; one for an Inventory.
#pragma once

#include <libmcu/kernel/files.hpp>
#include <libmcu/kernel/loans.hpp>
#include <libmcu/kernel/worker.hpp>
#include <libmcu/link/task.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace mcu {

class InputHub;

struct KernelSide {
  KernelSide(asio::any_io_executor executor, std::string root, std::shared_ptr<const Files> files);
  ~KernelSide();

  asio::any_io_executor executor;
  std::string root; ///< empty for the real machine
  std::shared_ptr<const Files> files;
  Worker worker; ///< sysfs, in the order asked
  Worker disks;  ///< a disk that spins up must not delay the fan
  Loans loans;
  std::unique_ptr<InputHub> inputs;
  /// When a disk was last used is told by this clock; a test has its own.
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
  /// A device was found gone: everybody shall look again.
  std::function<void()> look_again;
};

} // namespace mcu
