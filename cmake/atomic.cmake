# SPDX-License-Identifier: MIT
# Processors without instructions for 64-bit atomics (ARMv5, MIPS32) have them in libatomic.
include(CheckCXXSourceCompiles)
set(uses_atomic "
  #include <atomic>
  #include <cstdint>
  std::atomic<std::uint64_t> value{0};
  int main() { return static_cast<int>(value.fetch_add(1) + value.load()); }")
check_cxx_source_compiles("${uses_atomic}" NASMCU_ATOMIC_BUILTIN)
if(NOT NASMCU_ATOMIC_BUILTIN)
  set(CMAKE_REQUIRED_LIBRARIES atomic)
  check_cxx_source_compiles("${uses_atomic}" NASMCU_ATOMIC_LIBRARY)
  unset(CMAKE_REQUIRED_LIBRARIES)
  if(NOT NASMCU_ATOMIC_LIBRARY)
    message(FATAL_ERROR "64-bit atomics need libatomic, and it is not to be had for this compiler")
  endif()
  link_libraries(atomic)
  set(NASMCU_ATOMIC " -latomic") # for libmcu.pc
endif()
