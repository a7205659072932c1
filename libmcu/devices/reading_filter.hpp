// SPDX-License-Identifier: MIT
// Which readings may be believed (safety rule 1). Pure: readings in, verdicts out.
#pragma once

#include <libmcu/model/result.hpp>
#include <libmcu/model/units.hpp>

#include <optional>

namespace mcu {

/// A jump of more than 5 degrees is believed only when the next reading agrees with it: a wire
/// without a checksum, or with a XOR, cannot catch every flipped bit.
class ReadingFilter {
public:
  enum class Verdict {
    accept,     ///< believe it
    read_again, ///< believe nothing yet; read once more at once and ask again
  };

  static constexpr double max_step = 5.0; ///< degrees Celsius

  /// A first reading ever also needs a second that agrees.
  Verdict judge(Celsius reading);
  /// The reading failed: what was waiting for agreement is forgotten.
  void failed();
  /// The last value that was accepted.
  std::optional<Celsius> accepted() const { return accepted_; }

private:
  std::optional<Celsius> accepted_;
  std::optional<Celsius> candidate_;
};

} // namespace mcu
