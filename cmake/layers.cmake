# SPDX-License-Identifier: MIT

# nasmcu_layer(NAME FOLDER [EXCLUDE file...] LIBS library...)
# A folder with its subfolders is a static library of all its sources; what it may use is what it links.
function(nasmcu_layer name folder)
  cmake_parse_arguments(ARG "" "" "EXCLUDE;LIBS" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cpp ${dir}/*/*.cpp)
  foreach(file IN LISTS ARG_EXCLUDE)
    list(REMOVE_ITEM sources ${dir}/${file})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/daemons)
  target_link_libraries(${name} PUBLIC ${ARG_LIBS})
endfunction()
