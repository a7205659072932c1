// SPDX-License-Identifier: MIT
// Chance that a seed repeats exactly, whatever the standard library (its distributions differ).
#pragma once

#include <cstdint>

namespace mcusim {

/// SplitMix64: small, fast and good enough to decide which byte gets lost.
class Random {
public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  /// A whole number from `low` to `high`, both included.
  unsigned between(unsigned low, unsigned high) {
    return low + static_cast<unsigned>(next() % (std::uint64_t{high} - low + 1));
  }
  /// True with probability `rate`; always for 1, never for 0.
  bool chance(double rate) { return static_cast<double>(next() >> 11U) * 0x1p-53 < rate; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(next() >> 56U); }

private:
  std::uint64_t state_;
};

} // namespace mcusim
