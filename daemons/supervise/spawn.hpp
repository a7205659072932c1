// SPDX-License-Identifier: MIT
// Starting a program: as another user, with less than we may, and ended when we are gone.
#pragma once

#include <libmcu/model/result.hpp>

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace nasmcu::supervise {

/// Whom a program runs as.
struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};
/// A user's own groups, and those named; an error names who is not known.
mcu::Result<Identity> find_identity(const std::string& user,
                                    const std::vector<std::string>& groups);

struct Command {
  std::vector<std::string> words;
  std::vector<std::string> environment; ///< "NAME=value", beside our own; "NAME" takes one away
  std::string watchdog_usec;            ///< WATCHDOG_USEC for this process alone; empty: none
  std::optional<Identity> identity;     ///< nothing: ours
  bool may_set_clock = false;           ///< keeps CAP_SYS_TIME as another user
  int oom_score = 0;                    ///< where we may set it: ours is not meant for others
  int output = -1;                      ///< standard output and error; -1: ours
};

/// This process's own. Without the right to it, it stays what it was.
void set_oom_score(int score);

/// Its process number once it runs. It is sent SIGTERM when we die.
mcu::Result<pid_t> spawn(const Command& command);

} // namespace nasmcu::supervise
