// SPDX-License-Identifier: MIT
// Programs of the system that run for us: without a shell, with a fixed environment, with limits of
// time and output. They block their caller: the loop has them run in a Worker.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace nasmcu {

struct Program {
  std::vector<std::string> words;       ///< the program's path and its arguments
  std::vector<std::string> environment; ///< "NAME=value", beside PATH and LC_ALL
  std::string input;                    ///< what it reads on its standard input
  std::chrono::milliseconds patience{10000};
  std::size_t most = 65536; ///< bytes of output; one more, and it is ended
  bool errors = false;      ///< what it says on its standard error counts as output too
  bool of_owner = false;    ///< not ours: outside of our sandbox, see common/own_unit.hpp
};

/// How it went.
struct Ended {
  enum class How : unsigned char { exited, killed, timed_out, too_much_output, not_started };
  How how = How::not_started;
  int status = 0;       ///< its exit status, or the signal that killed it
  std::string output;   ///< at most Program::most bytes
  std::string why;      ///< in words, but for exit status 0
  bool missing = false; ///< not started because there is no such program
};

/// All children of one daemon. Each leads a process group, so that its own children end with it.
/// It has neither our priority nor our protection from the out-of-memory killer.
class Children {
public:
  /// Any number at a time, from any threads.
  Ended run(const Program& program);
  /// Kills those that run; later ones are not started.
  void end();

private:
  bool enter(pid_t child);
  int leave(pid_t child);
  std::mutex mutex_;
  std::set<pid_t> running_, lingering_;
  bool ended_ = false;
};

} // namespace nasmcu
