// SPDX-License-Identifier: MIT
#pragma once

namespace nasmcu::alertd {

/// All of nas-alertd, as its command line says; returns its exit code.
int main(int argc, char** argv);

} // namespace nasmcu::alertd
