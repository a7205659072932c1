// SPDX-License-Identifier: MIT
// Numbers as the reasons of a decision spell them.
#pragma once

#include <libmcu/model/units.hpp>

#include <string>

namespace nasmcu::fancontrol {

/// Without superfluous zeros: "25", "37.5".
std::string number(double value);
/// "44.0 °C".
std::string degrees(double value);
/// "61 %".
std::string percent(mcu::Duty duty);

} // namespace nasmcu::fancontrol
