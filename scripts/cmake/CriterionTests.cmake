# criterion_discover(<target> LABELS <label>): one CTest entry per Criterion
# test, found after each build. A program that was not built is a failing test.
function(criterion_discover target)
  cmake_parse_arguments(arg "" "" "LABELS" ${ARGN})
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake")
  add_custom_command(TARGET ${target} POST_BUILD BYPRODUCTS "${out}"
    COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${CMAKE_COMMAND}
            -D exe=$<TARGET_FILE:${target}> -D out=${out} -D "labels=${arg_LABELS}"
            -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/CriterionList.cmake" VERBATIM)
  file(WRITE "${out}.in" "if(EXISTS \"${out}\")\n  include(\"${out}\")\nelse()\n"
    "  add_test(${target}_NOT_BUILT ${target}_NOT_BUILT)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${out}.in")
endfunction()
