// SPDX-License-Identifier: MIT
#pragma once

namespace nasmcu::fand {

/// All of nas-fand, as its command line says; returns its exit code.
int main(int argc, char** argv);

} // namespace nasmcu::fand
