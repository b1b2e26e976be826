# Reads applets/applets.def, the only list of applets: `applet_names` (as typed
# by a user), `applet_sources`. A file column that names a directory takes all
# C files in it.

set(applets_def ${CMAKE_SOURCE_DIR}/applets/applets.def)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${applets_def})
file(STRINGS ${applets_def} rows REGEX "^APPLET\\(")
set(applet_names "")
set(applet_sources "")
foreach(row IN LISTS rows)
  if(NOT row MATCHES "^APPLET\\(([a-z_0-9]+), ([a-z_0-9]+)\\)$")
    message(FATAL_ERROR "applets.def: not APPLET(symbol, file): ${row}")
  endif()
  string(REPLACE "_" "-" name "${CMAKE_MATCH_1}")
  list(APPEND applet_names ${name})
  if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/applets/${CMAKE_MATCH_2})
    file(GLOB parts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/applets/${CMAKE_MATCH_2}/*.c)
    list(APPEND applet_sources ${parts})
  else()
    list(APPEND applet_sources ${CMAKE_SOURCE_DIR}/applets/${CMAKE_MATCH_2}.c)
  endif()
endforeach()
list(REMOVE_DUPLICATES applet_sources)
