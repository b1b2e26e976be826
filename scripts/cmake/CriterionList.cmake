# Build-time half of criterion_discover(): lists a program's tests for CTest.
# A suite whose name starts with "peer_" also gets the label `peer`.
execute_process(COMMAND "${exe}" --list OUTPUT_VARIABLE list RESULT_VARIABLE rc)
if(NOT rc EQUAL 0)
  message(FATAL_ERROR "${exe} --list failed (${rc})")
endif()
string(REPLACE ";" "," list "${list}")
string(REPLACE "\n" ";" lines "${list}")
set(text "")
foreach(line IN LISTS lines)
  if(line MATCHES "^([A-Za-z0-9_]+): [0-9]+ tests?")
    set(suite "${CMAKE_MATCH_1}")
    set(suite_labels "${labels}")
    if(suite MATCHES "^peer_")
      list(APPEND suite_labels peer)
    endif()
  elseif(line MATCHES "^[|`]-- ([A-Za-z0-9_]+)")
    set(name "${suite}.${CMAKE_MATCH_1}")
    # Criterion exits with 0 when a leak was reported, when a test was skipped and when a
    # filter matches nothing: only the output tells.
    string(APPEND text
      "add_test([=[${labels}.${name}]=] [=[${exe}]=] --filter=${suite}/${CMAKE_MATCH_1} --short-filename -j1)\n"
      "set_tests_properties([=[${labels}.${name}]=] PROPERTIES TIMEOUT 300 LABELS [=[${suite_labels}]=]"
      " FIXTURES_REQUIRED scratch SKIP_REGULAR_EXPRESSION [=[SKIPPED: ;Tested: 0 ]=]"
      " FAIL_REGULAR_EXPRESSION [=[ERROR: AddressSanitizer;ERROR: LeakSanitizer;WARNING: ThreadSanitizer;runtime error:]=])\n")
  endif()
endforeach()
if(text STREQUAL "")
  message(FATAL_ERROR "${exe} holds no tests")
endif()
file(WRITE "${out}" "${text}")
