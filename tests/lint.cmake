# Checks of the sources as CTest tests. They look at files, so they are the same
# under every preset and run only in the plain ones.

if(DUTYBOX_SANITIZE OR DUTYBOX_FUZZ OR DUTYBOX_COVERAGE)
  return()
endif()

# lint(<name> <program> <argument>...): exit status 77 means a tool is missing.
function(lint name)
  add_test(NAME lint.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(lint.${name} PROPERTIES LABELS lint TIMEOUT 120 SKIP_RETURN_CODE 77)
endfunction()
