// SPDX-License-Identifier: MIT
// smartctl as a child: what it is called with, how it ends, and a self-test that a person asked
// for.
#pragma once

#include <alertd/alert_config.hpp>
#include <alertd/disk_watch.hpp>
#include <alertd/smart.hpp>

#include <common/child.hpp>
#include <libmcu/link/task.hpp>

#include <memory>
#include <string>
#include <vector>

namespace nasmcu::alertd {

/// smartctl -j OPTIONS NODE, below `root` where the configuration names no other, with our limits
/// of time and output.
Program smartctl_program(const AlertConfig& config, const std::string& root,
                         const std::vector<std::string>& options, const std::string& node);

ChildEnd child_end(const Ended& ended);

/// Starts the self-test, "short" or "long", and says what was begun. `children` outlives the thread
/// in which it waits.
mcu::Task<mcu::Result<std::string>> start_self_test(mcu::asio::any_io_executor executor,
                                                    std::shared_ptr<Children> children,
                                                    Program program, std::string kind,
                                                    std::string disk);

} // namespace nasmcu::alertd
