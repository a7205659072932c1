// SPDX-License-Identifier: MIT
#include <fancontrol/words.hpp>

#include <array>
#include <cstdio>

namespace nasmcu::fancontrol {

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

std::string degrees(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f °C", value);
  return text.data();
}

std::string percent(mcu::Duty duty) { return number(duty.percent) + " %"; }

} // namespace nasmcu::fancontrol
