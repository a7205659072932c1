// SPDX-License-Identifier: MIT
#include <libmcu/devices/reading_filter.hpp>

#include <cmath>

namespace mcu {
namespace {

/// Never true for a reading that is no number.
bool agree(const std::optional<Celsius>& known, Celsius reading) {
  return known && std::abs(known->value - reading.value) <= ReadingFilter::max_step;
}

} // namespace

ReadingFilter::Verdict ReadingFilter::judge(Celsius reading) {
  if (agree(accepted_, reading) || agree(candidate_, reading)) {
    accepted_ = reading;
    candidate_.reset();
    return Verdict::accept;
  }
  candidate_ = reading;
  return Verdict::read_again;
}

void ReadingFilter::failed() { candidate_.reset(); }

} // namespace mcu
