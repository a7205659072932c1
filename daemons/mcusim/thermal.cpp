// SPDX-License-Identifier: MIT
#include <mcusim/thermal.hpp>

#include <algorithm>
#include <cmath>

namespace mcusim {

static double conductance(double airflow) {
  return Thermal::still + Thermal::forced * std::clamp(airflow, 0.0, 1.0);
}

double Thermal::settled(double airflow) const { return ambient_ + heat_ / conductance(airflow); }

void Thermal::advance(double elapsed, double airflow) {
  if (elapsed <= 0 || pinned_) return;
  const double goal = settled(airflow);
  const double share = std::exp(-elapsed * conductance(airflow) / capacity);
  temperature_ = goal + (temperature_ - goal) * share;
}

void Thermal::release() {
  temperature_ = celsius();
  pinned_.reset();
}

} // namespace mcusim
