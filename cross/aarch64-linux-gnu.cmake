# SPDX-License-Identifier: MIT
# CMake toolchain for arm64 on Debian with the libraries of both architectures side by side:
#   cmake --toolchain cross/aarch64-linux-gnu.cmake ...
# Needs crossbuild-essential-arm64 and the -dev packages of .ci/packages for arm64;
# tests/guest/prepare/cross-chroot makes a chroot that has them.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

# Generators (sdbus-c++-xml2cpp) run here; headers and libraries are the target's.
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu /usr)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
