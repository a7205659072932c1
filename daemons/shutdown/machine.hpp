// SPDX-License-Identifier: MIT
// The last seconds before the power goes (safety rule 5): what is done in which order, and what
// keeps the frame from being sent. Pure: facts and outcomes in, the next step or a refusal out.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace nasmcu::shutdown {

using Time = std::chrono::steady_clock::time_point;

/// What the system is about to do, as systemd-shutdown(8) says it.
enum class Verb : unsigned char { poweroff, halt, reboot, kexec };
std::optional<Verb> verb_from_word(std::string_view word);
std::string_view name(Verb verb);

/// What can be known before anything is touched.
struct Facts {
  Verb verb = Verb::reboot;
  std::string not_going_down; ///< why this is no shutdown at all; empty: it is one
  std::string no_supply; ///< why there is no MCU of ours that cuts the power; empty: there is one
  /// The MCU waits before it cuts the power, so that the system can halt in the meantime.
  bool waits = false;
  bool sent_before = false; ///< the frame has been sent since this system was started
  /// Nobody of whom all pages are locked comes behind us to switch off the rest: sysvinit's halt
  /// is a program on a disk.
  bool last_program = false;
};

/// In this order.
enum class Step : unsigned char {
  look,         ///< is a file system on a disk still writable?
  stop_arrays,  ///< md arrays are stopped, the root's is marked clean
  write_back,   ///< what the kernel still has to write
  settle_disks, ///< each awake disk: its cache is flushed, then it stands by
  /// The frame, once, whatever the MCU answers. In one go, and not without any of it: still nothing
  /// is writable, a note is left that nobody sends it again, the bytes are written.
  send,
  switch_off, ///< the processor's own supply
  end,
};
std::string_view name(Step step);

/// How a step went. look: ok means that nothing is writable; send: that the MCU has heard it.
struct Outcome {
  bool ok = true;
  std::string words; ///< what went wrong
  bool sent = false; ///< send: the bytes may be on the wire
};

/// One shutdown. Every run ends: after the last step, a refusal, or the time that there is.
class Machine {
public:
  /// All of it takes less than five seconds: the frame is not begun later than this.
  static constexpr std::chrono::milliseconds latest_frame{4000};

  Machine(const Facts& facts, Time now);

  /// What is to be done now; `end` for ever behind the last one.
  Step step() const { return step_; }
  /// When the step has to be over; what is not done by then has failed.
  Time until() const { return until_; }
  void done(const Outcome& outcome, Time now);

  /// Why it ended, in words: "the MCU cuts the power", or what kept us from it.
  const std::string& why() const { return why_; }
  /// The frame was sent, and the MCU has said that it heard.
  bool acknowledged() const { return acknowledged_; }

private:
  void go(Step step, Time now);
  void refuse(std::string why);
  std::string refusal() const;

  Facts facts_;
  Time began_;
  Step step_ = Step::end;
  Time until_{};
  std::string why_;
  bool sent_ = false; ///< the frame may be on the wire
  bool acknowledged_ = false;
};

} // namespace nasmcu::shutdown
