// SPDX-License-Identifier: MIT
#pragma once

namespace nasmcu::buttond {

/// All of nas-buttond, as its command line says; returns its exit code.
int main(int argc, char** argv);

} // namespace nasmcu::buttond
