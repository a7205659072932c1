// SPDX-License-Identifier: MIT
#include <fancontrol/smooth.hpp>

#include <algorithm>

namespace nasmcu::fancontrol {
namespace {

double mean(const Window& window) {
  double sum = 0;
  for (const auto& [when, celsius] : window) sum += celsius.value;
  return sum / static_cast<double>(window.size());
}

} // namespace

Smoothed smooth(const Window& window, mcu::Celsius reading, std::chrono::seconds span,
                std::optional<mcu::Celsius> top, Instant now) {
  const Window afresh{{now, reading}};
  if (span <= std::chrono::seconds::zero()) return {reading, {}};
  Window kept = window;
  std::erase_if(kept, [&](const auto& entry) { return entry.first <= now - span; });
  if (kept.empty()) return {reading, afresh};
  const double before = mean(kept);
  if (reading.value > before + believable_noise) return {reading, afresh};
  kept.emplace_back(now, reading);
  const mcu::Celsius value{mean(kept)};
  if (top && reading >= *top) return {std::max(value, reading), kept};
  return {value, kept};
}

} // namespace nasmcu::fancontrol
