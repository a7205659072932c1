# SPDX-License-Identifier: MIT
# CMake toolchain for Debian's arm64: cmake --toolchain cross/aarch64-linux-gnu.cmake ...
set(triplet aarch64-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
# A plain ARMv8.0; the TS-133's, TS-233's and TS-433's processors have that and more.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -cpu cortex-a53)
