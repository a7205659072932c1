// SPDX-License-Identifier: MIT
// Where words go: standard error, or the system's log once nobody looks at a terminal any more.
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

namespace nasmcu::supervise {

class Log {
public:
  /// `name` stands before every line.
  explicit Log(std::string name) : name_(std::move(name)) {}

  /// From here on to the log's socket. It never waits: a log that hangs must not hold up who looks
  /// after a fan.
  void to_system(const std::string& socket);

  /// Our own words; priority as in syslog(3).
  void tell(int priority, std::string_view words) const;
  /// A line of the daemon's, with the priority in front that it puts there for a service manager.
  void pass_on(pid_t daemon, std::string_view line) const;

private:
  void send(int priority, const std::string& tag, std::string_view words) const;
  std::string name_, socket_;
};

} // namespace nasmcu::supervise
