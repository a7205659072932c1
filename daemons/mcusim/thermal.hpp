// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

namespace mcusim {

/// First-order model of a small NAS: one lump of metal and disks, heated by `heat` watts, cooled
/// towards the air around it by what leaks anyway and by the fan:
///
///   capacity * dT/dt = heat - (still + forced * airflow) * (T - ambient)
///
/// with airflow 0 (fan stands) to 1 (full speed). 15 W at 25 degrees settle at 62.5 °C with the fan
/// standing, 43.8 at half and 37.5 at full speed, with time constants of 100, 50 and 33 s: slow
/// enough to be plausible, fast enough to watch.
class Thermal {
public:
  static constexpr double capacity = 40; ///< J/K
  static constexpr double still = 0.4;   ///< W/K
  static constexpr double forced = 0.8;  ///< W/K

  /// Starts cold: at `ambient`.
  Thermal(double ambient, double heat) : ambient_(ambient), heat_(heat), temperature_(ambient) {}

  /// Lets `elapsed` seconds pass, exactly (the equation is solved, not stepped).
  void advance(double elapsed, double airflow);
  /// Where the temperature goes with that airflow.
  double settled(double airflow) const;

  double celsius() const { return pinned_.value_or(temperature_); }
  bool pinned() const { return pinned_.has_value(); }
  void pin(double celsius) { pinned_ = celsius; }
  /// The model goes on from the pinned temperature.
  void release();

  double ambient() const { return ambient_; }
  double heat() const { return heat_; }
  void set_ambient(double celsius) { ambient_ = celsius; }
  void set_heat(double watts) { heat_ = watts; }

private:
  double ambient_;
  double heat_;
  double temperature_;
  std::optional<double> pinned_;
};

} // namespace mcusim
