// SPDX-License-Identifier: MIT
// What changes the machine itself. Under a --root other than "/" nothing does: each action is
// written to ROOT/run/nasmcu/actions instead, one JSON object a line.
#pragma once

#include <libmcu/model/result.hpp>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <vector>

namespace nasmcu {

/// Writes a file whole or not at all, and makes its folder. `denied` where the user may not.
mcu::Status write_file(const std::string& path, const std::string& text);

/// What a program of the system says on its standard output, at most `most` bytes; for programs
/// that only read. Runs without a shell and with a fixed environment. `unsupported` where there is
/// no such program, `timeout` when it takes longer than `patience`; it is then killed.
mcu::Result<std::string> output_of(std::vector<std::string> words,
                                   std::chrono::milliseconds patience, std::size_t most);

/// Seconds that an MCU waits before it cuts the power, where nobody says anything else: 20, which
/// is enough for a halt in both codings of the delay that are known (20 s, or 14).
inline constexpr int default_power_off_delay = 20;

class System {
public:
  /// `by` is the program's name, for the record; `root` is empty for the real machine.
  System(std::string root, std::string by);

  /// Sets the system clock. `denied` without CAP_SYS_TIME. Recorded as "set-clock" [seconds since
  /// the epoch].
  mcu::Status set_clock(std::time_t seconds) const;
  /// Whether NTP has set the system clock, whoever speaks it here. Under another root: whether
  /// ROOT/run/systemd/timesync/synchronized is there.
  bool clock_synchronised() const;
  /// Asks the system to power off (logind or /sbin/shutdown) and leaves `delay` seconds for the
  /// late shutdown hook in ROOT/run/nasmcu/poweroff-delay. Recorded as "poweroff" [delay].
  mcu::Status power_off(int delay) const;

  /// Asks the system to start afresh. Recorded as "reboot".
  mcu::Status reboot() const;
  /// Asks the system to sleep (systemctl or pm-suspend). Recorded as "suspend".
  mcu::Status suspend() const;

  bool real() const { return root_.empty(); }
  const std::string& root() const { return root_; }

  /// Appends {t_ms, action, args, by} to ROOT/run/nasmcu/actions. Only when !real().
  mcu::Status record(const std::string& action, const std::vector<std::string>& args) const;

private:
  std::string root_;
  std::string by_;
};

} // namespace nasmcu
