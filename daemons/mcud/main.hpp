// SPDX-License-Identifier: MIT
#pragma once

namespace nasmcu::mcud {

/// All of mcud, as its command line says; returns its exit code.
int main(int argc, char** argv);

} // namespace nasmcu::mcud
