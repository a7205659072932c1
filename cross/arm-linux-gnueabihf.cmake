# SPDX-License-Identifier: MIT
# CMake toolchain for Debian's armhf (ARMv7 with FPU): DNS-327L and LinkStation LS220D.
set(triplet arm-linux-gnueabihf)
set(CMAKE_SYSTEM_PROCESSOR arm)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
# An ARMv7 without what came after it. (The Armada 370 of these boxes has no NEON; Debian's armhf
# does not ask for it.)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm-static -cpu cortex-a9)
