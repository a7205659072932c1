# SPDX-License-Identifier: MIT
# Warnings, hardening and instrumentation for everything in the tree.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wcast-qual -Wformat=2 -Werror)
# g++ 12 sees uninitialised members in nested variants and coroutine frames that are none.
add_compile_options(-Wno-maybe-uninitialized)
# g++ 12 takes the frames of large coroutines for memory of another allocator at -O1 and above.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-mismatched-new-delete)
endif()

# Several sources in one compilation (release and sanitizers: a third of the time, most of which goes
# into the templates of Asio and sdbus-c++) let g++ take their unnamed namespaces for a header's.
# The debug build compiles each source by itself, so that each includes what it needs.
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-subobject-linkage)
endif()

# Asio is compiled once (libmcu/link/asio.cpp) instead of in every source that includes it.
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Boost 1.74 does not recognise clang's coroutines by itself.
  add_compile_definitions(BOOST_ASIO_HAS_CO_AWAIT BOOST_ASIO_HAS_STD_COROUTINE)
endif()

if(NASMCU_SANITIZE)
  add_compile_options(-fsanitize=${NASMCU_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${NASMCU_SANITIZE})
  # A check before each use of a pointer is a quarter of the compiler's time, and a null pointer that
  # is used ends the test without it.
  if(NASMCU_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=null)
  endif()
  # clang 14 cannot put its check of function types (which g++ has not) before a coroutine's parts:
  # "Cannot represent a difference across sections".
  if(NASMCU_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(-fno-sanitize=function)
  endif()
  # g++ warns that its thread sanitizer does not see the fences of Asio, which has one thread here.
  if(NASMCU_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)
  endif()
else()
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    add_compile_definitions(_FORTIFY_SOURCE=2)
  endif()
endif()
if(NASMCU_FUZZ)
  # Tells libFuzzer which way an input went. What another compiler warns of is not looked at here.
  add_compile_options(-fsanitize=fuzzer-no-link -Wno-error)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
  add_compile_options(-fcf-protection)
endif()
add_compile_definitions(_GLIBCXX_ASSERTIONS)
# A box of 32 bits has disks of any size: places on them and inode numbers have 64.
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  add_compile_definitions(_FILE_OFFSET_BITS=64)
endif()
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--gc-sections)

if(NASMCU_COVERAGE)
  add_compile_options(--coverage -O0)
  add_link_options(--coverage)
endif()
