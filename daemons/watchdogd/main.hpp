// SPDX-License-Identifier: MIT
#pragma once

namespace nasmcu::watchdogd {

/// All of nas-watchdogd, as its command line says; returns its exit code.
int main(int argc, char** argv);

} // namespace nasmcu::watchdogd
