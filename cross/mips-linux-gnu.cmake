# SPDX-License-Identifier: MIT
# CMake toolchain for big-endian MIPS: a check of byte orders and no build for the routers (Arduino
# Yun, TL-WR842N): Debian's compiler is for an FPU and glibc, theirs have neither.
# Without D-Bus (-DNASMCU_DBUS=OFF); cross/mips has what stands in for the libraries.
set(triplet mips-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR mips)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
set(ENV{PKG_CONFIG_LIBDIR} /nasmcu/build/stand-ins/pkgconfig)
list(APPEND CMAKE_PREFIX_PATH ${CMAKE_CURRENT_LIST_DIR}/mips)
# The routers' core, with the FPU that theirs lack.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-mips-static -cpu 24Kf)
