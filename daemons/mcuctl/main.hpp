// SPDX-License-Identifier: MIT
#pragma once

namespace nasmcu::mcuctl {

/// All of mcuctl, as its command line says; returns its exit code.
int main(int argc, char** argv);

} // namespace nasmcu::mcuctl
