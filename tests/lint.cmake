# Checks of the sources as CTest tests. They look at files, so they are the same
# under every preset and run only in the plain ones.

if(DUTYBOX_SANITIZE OR DUTYBOX_FUZZ OR DUTYBOX_COVERAGE)
  return()
endif()

# lint(<name> <program> <argument>...): exit status 77 means a tool is missing.
function(lint name)
  add_test(NAME lint.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    COMMAND_EXPAND_LISTS)
  set_tests_properties(lint.${name} PROPERTIES LABELS lint TIMEOUT 120 SKIP_RETURN_CODE 77)
endfunction()

set(scripts ${CMAKE_SOURCE_DIR}/scripts)
file(GLOB_RECURSE layered RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/core/*.[ch] ${CMAKE_SOURCE_DIR}/applets/*.[ch])
lint(layers ${scripts}/check-layers ${layered})
set(quiet ${layered})
list(FILTER quiet INCLUDE REGEX "^core/(base|fs|sys)/")
lint(quiet ${scripts}/check-quiet ${quiet})
file(GLOB_RECURSE ours RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/man/*.[ch] ${CMAKE_SOURCE_DIR}/tests/*.[ch])
lint(sources ${scripts}/check-sources ${layered} ${ours})
lint(format ${scripts}/format --check)
lint(headers ${CMAKE_COMMAND} -E env CC=${CMAKE_C_COMPILER} ${scripts}/check-headers)

find_program(SHELLCHECK shellcheck)
mark_as_advanced(SHELLCHECK)
if(SHELLCHECK)
  file(GLOB shell_scripts LIST_DIRECTORIES false CONFIGURE_DEPENDS ${scripts}/* ${scripts}/*/*.sh)
  list(FILTER shell_scripts EXCLUDE REGEX "/(check-(layers|quiet|sources)|cmake|[^/]*\\.txt|[^/]*\\.awk)$")
  lint(shellcheck ${SHELLCHECK} ${shell_scripts} ${CMAKE_SOURCE_DIR}/.ci/run)
else()
  message(STATUS "shellcheck is not installed: the scripts are not checked")
endif()

# Objects of link-time optimisation hold no sections to look at.
if(NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  lint(globals ${scripts}/check-globals $<TARGET_FILE:core_base> $<TARGET_FILE:core_fs>
    $<TARGET_FILE:core_sys> $<TARGET_FILE:core_cli> $<TARGET_OBJECTS:applets>)
endif()

if(DUTYBOX_STATIC)
  lint(linking ${scripts}/check-linking static $<TARGET_FILE:dutybox>)
elseif(DUTYBOX_HARDEN)
  lint(linking ${scripts}/check-linking hardened $<TARGET_FILE:dutybox>)
else()
  lint(linking ${scripts}/check-linking dynamic $<TARGET_FILE:dutybox>)
endif()

lint(install ${scripts}/check-install ${CMAKE_BINARY_DIR})

add_test(NAME docs.complete COMMAND docgen --check ${CMAKE_SOURCE_DIR}/man)
add_test(NAME docs.mandoc COMMAND ${scripts}/check-pages ${man_pages})
add_test(NAME docs.examples COMMAND ${scripts}/check-examples $<TARGET_FILE:dutybox>)
set_tests_properties(docs.complete docs.mandoc docs.examples PROPERTIES LABELS docs TIMEOUT 120
  SKIP_RETURN_CODE 77)
