// SPDX-License-Identifier: MIT
#include <common/clock_step.hpp>

#include <libmcu/model/civil_time.hpp>

#include <string>

namespace nasmcu {
namespace {

using mcu::Errc;
using mcu::Error;

std::string words(std::time_t seconds) {
  const auto time = mcu::to_civil(seconds, true);
  return time ? mcu::iso_text(*time) + " UTC" : std::to_string(seconds) + " s";
}

} // namespace

std::time_t build_date() { return NASMCU_BUILD_DATE; }

mcu::Status may_set_system(std::time_t clock, std::time_t system, bool synchronised,
                           std::time_t built) {
  if (clock < built)
    return Error{Errc::failed, "the battery clock says " + words(clock) +
                                   ", which is before this program was made (" + words(built) +
                                   "): the system's clock is left alone; when it is right, use "
                                   "mcuctl systohc"};
  if (clock < system && synchronised)
    return Error{Errc::failed, "the battery clock is " + std::to_string(system - clock) +
                                   " s behind the system's, which is set by NTP: it is not set "
                                   "back; use mcuctl systohc"};
  return {};
}

mcu::Status may_set_clock(std::time_t system, std::time_t built) {
  if (system >= built) return {};
  return Error{Errc::failed, "the system's clock says " + words(system) +
                                 ", which is before this program was made (" + words(built) +
                                 "): the battery clock is left alone"};
}

} // namespace nasmcu
