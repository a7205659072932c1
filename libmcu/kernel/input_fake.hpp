// SPDX-License-Identifier: MIT
// Internal to the input devices.
#pragma once

#include <libmcu/kernel/input_device.hpp>

#include <memory>
#include <string>

namespace mcu {

Result<std::unique_ptr<InputDevice>> open_fake_input(const std::string& path);

} // namespace mcu
