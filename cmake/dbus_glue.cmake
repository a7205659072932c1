# SPDX-License-Identifier: MIT
# Adaptor and proxy headers from the documented XML, made at each build by the sdbus-c++ that is
# there: <dbus/io.nasmcu1.Fan-adaptor.h>. In a cross build the generator is a host program.
find_program(SDBUS_XML2CPP sdbus-c++-xml2cpp REQUIRED)

add_library(nasmcu-glue INTERFACE)
file(GLOB interfaces CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/daemons/dbus/*.xml)
set(glue ${PROJECT_BINARY_DIR}/glue)
file(MAKE_DIRECTORY ${glue}/dbus)
foreach(xml IN LISTS interfaces)
  get_filename_component(name ${xml} NAME)
  string(REGEX REPLACE "\\.xml$" "-adaptor.h" header ${name})
  add_custom_command(OUTPUT ${glue}/dbus/${header}
    COMMAND ${SDBUS_XML2CPP} ${xml} --adaptor=${glue}/dbus/${header} > ${glue}/${header}.log
    DEPENDS ${xml} VERBATIM COMMENT "D-Bus glue ${header}")
  list(APPEND headers ${glue}/dbus/${header})
endforeach()
add_custom_target(nasmcu-glue-headers DEPENDS ${headers})
add_dependencies(nasmcu-glue nasmcu-glue-headers)
target_include_directories(nasmcu-glue SYSTEM INTERFACE ${glue})
