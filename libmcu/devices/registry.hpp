// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/devices/device.hpp>
#include <libmcu/link/mcu.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mcu {

struct KernelSide;

/// What a back end may use to build a device.
struct BackendContext {
  asio::any_io_executor executor;
  Mcu* mcu = nullptr;           ///< null when the board has none, or the kernel's driver holds it
  const Board* board = nullptr; ///< outlives the devices
  KernelSide* kernel = nullptr; ///< outlives the devices
};

/// One way for devices to hang on a board, by the URI scheme in the board file. A null function
/// means that this back end has no such kind.
struct Backend {
  std::string_view scheme;
  std::unique_ptr<Fan> (*fan)(const BackendContext&, const FanSpec&) = nullptr;
  std::unique_ptr<Sensor> (*sensor)(const BackendContext&, const SensorSpec&) = nullptr;
  std::unique_ptr<Led> (*led)(const BackendContext&, const LedSpec&) = nullptr;
  std::unique_ptr<Button> (*button)(const BackendContext&, const ButtonSpec&) = nullptr;
  std::unique_ptr<Buzzer> (*buzzer)(const BackendContext&, const BuzzerSpec&) = nullptr;
  std::unique_ptr<Clock> (*clock)(const BackendContext&, const ClockSpec&) = nullptr;
  std::unique_ptr<Power> (*power)(const BackendContext&, const PowerSpec&) = nullptr;
};

/// The back end for a scheme. An unknown or not yet supported scheme gives the `absent` back end,
/// whose devices are listed as not available with the reason: one odd line of a board file never
/// stops the rest.
const Backend& backend_for(std::string_view scheme);
std::vector<std::string_view> backend_schemes();

} // namespace mcu
