// SPDX-License-Identifier: MIT
#include <libmcu/devices/kernel_side.hpp>

#include <libmcu/devices/input_hub.hpp>

namespace mcu {

KernelSide::KernelSide(asio::any_io_executor loop, std::string prefix,
                       std::shared_ptr<const Files> with)
    : executor(loop),
      root(std::move(prefix)),
      files(std::move(with)),
      worker(loop),
      disks(loop),
      loans(files, root + "/run/nasmcu/loans"),
      inputs(std::make_unique<InputHub>(loop, root, files)) {
  inputs->on_lost = [this] {
    if (look_again) look_again();
  };
}

KernelSide::~KernelSide() = default;

} // namespace mcu
