// SPDX-License-Identifier: MIT
// What becomes of a daemon that is watched. Pure: what has happened and the time go in, one action
// and its reason come out.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace nasmcu::supervise {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

struct Rules {
  milliseconds ready{90000};         ///< from the start to READY=1, as systemd's
  milliseconds sign_of_life{30000};  ///< between two WATCHDOG=1; 0: none is asked for
  milliseconds stop{5000};           ///< from SIGTERM to the end
  milliseconds failsafe{10000};      ///< for the program that is run after a bad end
  milliseconds first_pause{500};     ///< from a bad end to the next start; doubled each time
  milliseconds longest_pause{60000}; ///< a crash loop shall not fill the log
  milliseconds steady{60000};        ///< who has run for so long begins with the first pause again
  bool has_failsafe = false;         ///< whether there is such a program
};

/// How a process ended.
struct End {
  int code = 0;   ///< its exit status
  int signal = 0; ///< or the signal that killed it
  bool good() const { return code == 0 && signal == 0; }
};
std::string to_string(const End& end); ///< "exit status 1", "signal 9"

struct Action {
  enum class Kind : unsigned char {
    none,
    start,         ///< start the daemon
    reload,        ///< SIGHUP
    terminate,     ///< SIGTERM
    kill,          ///< SIGKILL
    failsafe,      ///< run the failsafe program
    kill_failsafe, ///< it takes too long
    end,           ///< all is over; `code` is our exit status
  };
  Kind kind = Kind::none;
  std::string why; ///< for the log; empty: nothing to tell
  int code = 0;
};

class Policy {
public:
  explicit Policy(Rules rules) : rules_(rules) {}

  Action begin(Time now);
  Action ready(Time now); ///< READY=1
  Action alive(Time now); ///< WATCHDOG=1
  Action ended(End end, Time now);
  Action not_started(const std::string& why, Time now);
  Action failsafe_ended(End end, Time now);
  Action reload();            ///< somebody wants the configuration read again
  Action terminate(Time now); ///< somebody wants the daemon stopped
  Action tick(Time now);      ///< due() has come

  /// When tick() has something to do; nothing: only an event can change anything.
  std::optional<Time> due() const { return due_; }
  bool is_ready() const { return state_ == State::running; }

private:
  enum class State : unsigned char { off, starting, running, stopping, killed, failsafe, pause };

  Action start(Time now, std::string why);
  Action bad_end(const std::string& what, Time now);
  Action after_failsafe(Time now);
  void await(State state, Time now, milliseconds time);

  Rules rules_;
  State state_ = State::off;
  std::optional<Time> due_;
  std::optional<int> last_code_; ///< set: no start any more, and we end with this
  bool reload_waits_ = false;    ///< SIGHUP before READY=1 might meet no handler
  Time started_{};
  milliseconds pause_{0}; ///< before the next start; 0: it has not ended badly of late
};

} // namespace nasmcu::supervise
