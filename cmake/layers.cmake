# SPDX-License-Identifier: MIT

# What runs a few times a minute is compiled for size: an optimised build has -Os for it, unless the
# caller asked for no optimisation. FAST layers keep the caller's -O2.
set(nasmcu_small)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT CMAKE_CXX_FLAGS MATCHES "-O[0g]")
  set(nasmcu_small -Os)
endif()

# nasmcu_layer(NAME FOLDER [FAST] [EXCLUDE file...] LIBS library...)
# A folder with its subfolders is a static library of all its sources; what it may use is what it links.
function(nasmcu_layer name folder)
  cmake_parse_arguments(ARG "FAST" "" "EXCLUDE;LIBS" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cpp ${dir}/*/*.cpp)
  foreach(file IN LISTS ARG_EXCLUDE)
    list(REMOVE_ITEM sources ${dir}/${file})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/daemons)
  target_link_libraries(${name} PUBLIC ${ARG_LIBS})
  if(NOT ARG_FAST)
    target_compile_options(${name} PRIVATE ${nasmcu_small})
  endif()
endfunction()
