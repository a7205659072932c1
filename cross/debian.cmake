# SPDX-License-Identifier: MIT
# Included by the toolchain files, which set `triplet` and CMAKE_SYSTEM_PROCESSOR: Debian's cross
# compiler, with the libraries of both architectures side by side (cross/chroot makes a chroot so).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})
set(CMAKE_C_COMPILER ${triplet}-gcc)
set(CMAKE_CXX_COMPILER ${triplet}-g++)

# Generators (sdbus-c++-xml2cpp) run here; headers and libraries are the target's.
set(CMAKE_FIND_ROOT_PATH /usr/${triplet} /usr)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/${triplet}/pkgconfig:/usr/share/pkgconfig)
