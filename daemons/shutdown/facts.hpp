// SPDX-License-Identifier: MIT
// What the late shutdown hook finds out before it touches anything.
#pragma once

#include <shutdown/machine.hpp>

#include <common/config.hpp>
#include <common/system.hpp>
#include <libmcu/kernel/files.hpp>
#include <libmcu/model/board.hpp>
#include <libmcu/protocol/protocol.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace nasmcu::shutdown {

/// Who stands where while the system goes down.
struct Surroundings {
  unsigned uid = 0;
  std::string init;     ///< the name of process 1, as /proc/1/comm has it
  std::string runlevel; ///< sysvinit's RUNLEVEL
};

/// Why this is no shutdown, in words; empty when it is one. A person who calls the hook on a
/// running system is refused.
std::string not_going_down(const Surroundings& around);

/// Whether process 1 is systemd's last program, which has all its pages locked and switches off.
bool systemd_is_last(const Surroundings& around);

/// How this board's power is cut.
struct Supply {
  std::unique_ptr<mcu::Protocol> protocol;
  std::string port;
  std::chrono::seconds delay{0};
  mcu::DelayCoding coding = mcu::DelayCoding::binary;
  std::string delay_from; ///< whose word the delay is, for the log; empty: this MCU knows none
  bool waits() const { return !delay_from.empty(); }
};

/// Or why there is nothing to do, in words. `asked`: the text of ROOT/run/nasmcu/poweroff-delay.
mcu::Result<Supply> find_supply(const mcu::Board& board, const Config& config,
                                const std::optional<std::string>& asked, const mcu::Files& files,
                                const std::string& root);

} // namespace nasmcu::shutdown
