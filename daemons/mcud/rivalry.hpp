// SPDX-License-Identifier: MIT
// Two drivers, one fan: what to do about the other one. Pure: what was seen and the time in, an
// action and a line for the log out.
#pragma once

#include <mcud/lease.hpp>

#include <libmcu/devices/device.hpp>
#include <libmcu/model/board.hpp>

#include <optional>
#include <string>

namespace nasmcu {

class Rivalry {
public:
  /// A program that has changed nothing for this long does not drive the fan any more.
  static constexpr std::chrono::minutes quiet{10};
  /// A program that is overwritten again and again is worth one line in this time.
  static constexpr std::chrono::hours reminder{1};

  enum class Action {
    drive,      ///< the fan is ours
    stand_back, ///< write nothing
    take_over,  ///< take it from the rival, then write again
  };
  struct Verdict {
    Action action = Action::drive;
    std::string line;   ///< for the log, once for each change; empty: nothing new
    bool error = false; ///< the line is an error, else a warning
  };

  explicit Rivalry(mcu::Conflict policy) : policy_(policy) {}

  /// `seen` is what the fan tells now. Called at the start, when a fan comes back and at each poll.
  Verdict judge(const std::optional<mcu::Rival>& seen, Instant now);
  /// How the take-over that judge() asked for went. After a failure it stands back, and the next
  /// judge() asks again.
  Verdict took_over(const mcu::Status& done, Instant now);

  /// Whether the fan is left to the rival.
  bool theirs() const { return state_ == State::left || state_ == State::refused; }
  /// Who it is: "thermal zone hdd-thermal (step_wise)"; empty while there is nobody.
  std::string rival() const;
  /// Who it is and what is done about it; empty while there is nobody.
  std::string words() const;

private:
  enum class State { ours, left, taken, refused };

  Verdict stand_back(Instant now);
  Verdict refuse();
  Verdict nobody(Instant now);
  std::string who() const;
  bool is_program() const { return rival_.kind == mcu::Rival::Kind::program; }

  mcu::Conflict policy_;
  State state_ = State::ours;
  mcu::Rival rival_;            ///< the last one, unless `ours`
  std::string failure_;         ///< why it could not be taken over
  bool gone_ = false;           ///< it was not seen the last time
  Instant changed_;             ///< when it last did something new
  std::optional<Instant> told_; ///< when a take-over was last logged
};

} // namespace nasmcu
