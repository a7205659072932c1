// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace nasmcu::shutdown {

/// Opens the kernel's log, the only one that is left, for tell().
void open_kernel_log();

/// One line, to stderr and to the kernel's log if that is open. A child may call it too.
void tell(const std::string& line);

} // namespace nasmcu::shutdown
