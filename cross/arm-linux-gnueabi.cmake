# SPDX-License-Identifier: MIT
# CMake toolchain for Debian's armel (ARMv5TE, no FPU): the Kirkwood boxes, DNS-320L and Pogoplug E02.
set(triplet arm-linux-gnueabi)
set(CMAKE_SYSTEM_PROCESSOR arm)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
# Like Kirkwood's an ARMv5TE: an instruction of a later one ends the program.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm-static -cpu arm926)
