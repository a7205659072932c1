// SPDX-License-Identifier: MIT
#pragma once

namespace nasmcu::shutdown {

/// All of nasmcu-shutdown, as its command line says; returns its exit code.
int main(int argc, char** argv);

} // namespace nasmcu::shutdown
