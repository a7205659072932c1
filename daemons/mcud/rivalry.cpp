// SPDX-License-Identifier: MIT
#include <mcud/rivalry.hpp>

#include <utility>

namespace nasmcu {

Rivalry::Verdict Rivalry::judge(const std::optional<mcu::Rival>& seen, Instant now) {
  if (state_ == State::refused) return {Action::stand_back, "", false};
  // What a zone has written stays there when the zone is gone.
  const bool remains =
      state_ == State::left && !is_program() && seen && seen->kind == mcu::Rival::Kind::program;
  if (!seen || remains) return nobody(now);
  if (state_ == State::ours || gone_ || *seen != rival_) changed_ = now;
  if (seen->kind != rival_.kind) told_.reset();
  rival_ = *seen;
  gone_ = false;
  switch (policy_) {
  case mcu::Conflict::stand_back: return stand_back(now);
  case mcu::Conflict::take_over: return {Action::take_over, "", false};
  case mcu::Conflict::refuse: break;
  }
  return refuse();
}

Rivalry::Verdict Rivalry::stand_back(Instant now) {
  if (state_ == State::ours) {
    state_ = State::left;
    const char* until = is_program() ? "it changes nothing for 10 minutes" : "it does so no longer";
    return {Action::stand_back,
            who() + " drives it too; standing back until " + until + " (conflict = stand-back)",
            false};
  }
  // What a program wrote last stays there when it has ended.
  if (!is_program() || now < changed_ + quiet) return {Action::stand_back, "", false};
  state_ = State::ours;
  return {Action::drive, who() + " has changed nothing for 10 minutes; driving again", false};
}

Rivalry::Verdict Rivalry::took_over(const mcu::Status& done, Instant now) {
  if (!done) {
    state_ = State::left;
    const bool told = std::exchange(failure_, done.error().what) == done.error().what;
    if (told) return {Action::stand_back, "", false};
    return {Action::stand_back,
            who() + " drives it too and could not be taken over, standing back: " + failure_, true};
  }
  state_ = State::taken;
  const bool failed_before = !std::exchange(failure_, "").empty();
  if (told_ && now < *told_ + reminder && !failed_before) return {};
  told_ = now;
  return {Action::drive, who() + " drives it too; taken over (conflict = take-over)", false};
}

Rivalry::Verdict Rivalry::refuse() {
  state_ = State::refused;
  return {Action::stand_back,
          who() + " drives it too; not driving it any more (conflict = refuse): end that, then " +
              "restart mcud",
          true};
}

Rivalry::Verdict Rivalry::nobody(Instant now) {
  if (state_ == State::ours) return {};
  // A program that writes what we had written has changed something too.
  if (!std::exchange(gone_, true) && is_program()) changed_ = now;
  const bool over = !is_program() || now >= changed_ + quiet;
  if (state_ == State::taken) {
    if (over && is_program()) state_ = State::ours;
    return {};
  }
  if (!over) return {Action::stand_back, "", false};
  state_ = State::ours;
  failure_.clear();
  return {Action::drive, who() + " drives it no longer; driving again", false};
}

std::string Rivalry::who() const {
  return is_program() ? "another program (" + rival_.what + ")" : rival_.what;
}

std::string Rivalry::rival() const { return state_ == State::ours ? "" : who(); }

std::string Rivalry::words() const {
  switch (state_) {
  case State::ours: break;
  case State::left:
    if (!failure_.empty()) return "left to " + who() + ": taking over failed: " + failure_;
    return "left to " + who();
  case State::taken: return "taken over from " + who();
  case State::refused: return "not driven because of " + who() + ", until mcud is restarted";
  }
  return "";
}

} // namespace nasmcu
