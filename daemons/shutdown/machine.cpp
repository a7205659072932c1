// SPDX-License-Identifier: MIT
#include <shutdown/machine.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace nasmcu::shutdown {
namespace {

using std::chrono::milliseconds;

struct VerbWord {
  std::string_view word;
  Verb verb;
};
constexpr std::array<VerbWord, 4> verb_words = {{{"poweroff", Verb::poweroff},
                                                 {"halt", Verb::halt},
                                                 {"reboot", Verb::reboot},
                                                 {"kexec", Verb::kexec}}};

/// Each step's share: from the beginning, so that what one leaves over is the next one's.
milliseconds share_until(Step step) {
  switch (step) {
  case Step::look: return milliseconds(500);
  case Step::stop_arrays: return milliseconds(1000);
  case Step::write_back: return milliseconds(2000);
  case Step::settle_disks: return milliseconds(3900);
  // The MCU's acknowledge takes 500 ms at most.
  case Step::send: return milliseconds(4700);
  case Step::switch_off:
  case Step::end: break;
  }
  return milliseconds(4900);
}

std::string behind(const std::string& words) { return words.empty() ? "" : ": " + words; }

} // namespace

std::optional<Verb> verb_from_word(std::string_view word) {
  const auto* const found = std::find_if(verb_words.begin(), verb_words.end(),
                                         [word](const VerbWord& one) { return one.word == word; });
  if (found == verb_words.end()) return {};
  return found->verb;
}

std::string_view name(Verb verb) { return verb_words.at(static_cast<std::size_t>(verb)).word; }

std::string_view name(Step step) {
  constexpr std::array<std::string_view, 7> words = {
      "look", "stop arrays", "write back", "settle disks", "send", "switch off", "end"};
  return words.at(static_cast<std::size_t>(step));
}

Machine::Machine(const Facts& facts, Time now) : facts_(facts), began_(now) {
  if (std::string why = refusal(); !why.empty())
    refuse(std::move(why));
  else
    go(Step::look, now);
}

/// What is known before anything is touched and leaves nothing to do.
std::string Machine::refusal() const {
  // First: a reboot with the frame sent would lose its power while it starts again.
  if (facts_.verb == Verb::reboot || facts_.verb == Verb::kexec)
    return "the system starts again: the power stays on";
  if (!facts_.not_going_down.empty()) return facts_.not_going_down;
  if (!facts_.no_supply.empty()) return facts_.no_supply;
  if (facts_.verb == Verb::halt && !facts_.waits)
    return "a halted system keeps its power here: this MCU cuts it at once, and nothing would "
           "switch off the processor";
  if (facts_.sent_before) return "the MCU has been told already";
  return {};
}

void Machine::go(Step step, Time now) {
  step_ = step;
  until_ = began_ + share_until(step);
  // The frame is the one thing that must not come late: the kernel may be switching off by then.
  const bool before_frame = step != Step::switch_off && step != Step::end;
  if (before_frame && !sent_ && now > began_ + latest_frame)
    refuse("there is no time left before " + std::string(name(step)));
}

void Machine::refuse(std::string why) {
  step_ = Step::end;
  why_ = std::move(why);
}

void Machine::done(const Outcome& outcome, Time now) {
  switch (step_) {
  case Step::look:
    if (!outcome.ok) return refuse("the power stays on" + behind(outcome.words));
    return go(Step::stop_arrays, now);
  case Step::stop_arrays:
    // An array that is not stopped is rebuilt at the next start; nothing in it can be lost any
    // more.
    return go(Step::write_back, now);
  case Step::write_back:
    if (!outcome.ok) return refuse("not everything is written" + behind(outcome.words));
    return go(Step::settle_disks, now);
  case Step::settle_disks:
    if (!outcome.ok) return refuse("not every disk's cache is written" + behind(outcome.words));
    return go(Step::send, now);
  case Step::send:
    if (!outcome.sent) return refuse("the power stays on" + behind(outcome.words));
    // Whether it was heard or not: it is not sent again.
    sent_ = true;
    acknowledged_ = outcome.ok;
    why_ = outcome.ok ? "the MCU cuts the power" : "the MCU may not have heard";
    why_ += behind(outcome.words);
    return go(facts_.last_program && !facts_.waits ? Step::switch_off : Step::end, now);
  case Step::switch_off: return go(Step::end, now);
  case Step::end: return;
  }
}

} // namespace nasmcu::shutdown
