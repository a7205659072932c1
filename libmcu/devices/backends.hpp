// SPDX-License-Identifier: MIT
// Internal to the devices: what registry.cpp lists. One file a back end.
#pragma once

#include <libmcu/devices/kernel_side.hpp>
#include <libmcu/devices/registry.hpp>

namespace mcu {

extern const Backend mcu_backend;
extern const Backend hwmon_backend;
extern const Backend thermal_backend;
extern const Backend disk_backend;
extern const Backend led_backend;
extern const Backend gpio_backend;
extern const Backend input_backend;
extern const Backend rtc_backend;
extern const Backend absent_backend;

/// A board has one of each: their kind is their name.
inline const std::string buzzer_name = "buzzer";
inline const std::string clock_name = "clock";
inline const std::string power_name = "power";

/// What a back end's table holds for a Kind that is made from a context and its part of a board.
template <class Kind, class Base, class Spec>
std::unique_ptr<Base> make(const BackendContext& context, const Spec& spec) {
  return std::make_unique<Kind>(context, spec);
}

} // namespace mcu
