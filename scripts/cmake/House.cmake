# The INTERFACE target `house` carries every flag of the project's own code, so
# that a target which must stay plain (the CLI test runners under TSan) can.

include(CheckCCompilerFlag)
include(CheckIPOSupported)
include(CheckPIESupported)

option(DUTYBOX_WERROR "Turn warnings into errors" OFF)
option(DUTYBOX_STATIC "Link the binary fully static" OFF)
option(DUTYBOX_HARDEN "Harden the binary" OFF)
option(DUTYBOX_LTO "Optimise across files" OFF)
option(DUTYBOX_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)
option(DUTYBOX_COVERAGE "Instrument for coverage" OFF)
set(DUTYBOX_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
check_pie_supported(LANGUAGES C)

add_library(house INTERFACE)
target_compile_definitions(house INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)

set(house_warnings
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wmissing-declarations -Wold-style-definition -Wundef -Wformat=2 -Wwrite-strings
  -Wcast-qual -Wcast-align -Wpointer-arith -Wvla -Wswitch-enum -Wimplicit-fallthrough
  -Wnull-dereference -Wdouble-promotion -Wdate-time)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND house_warnings -Wlogical-op -Wduplicated-cond -Wduplicated-branches
    -Wbidi-chars=any)
else()
  list(APPEND house_warnings -Wthread-safety)
endif()
if(NOT DUTYBOX_SANITIZE)
  list(APPEND house_warnings -Wframe-larger-than=16384)
endif()
target_compile_options(house INTERFACE ${house_warnings})
if(DUTYBOX_WERROR)
  target_compile_options(house INTERFACE -Werror)
endif()

# Our own code only: Criterion's macros do not survive these.
add_library(house_strict INTERFACE)
target_link_libraries(house_strict INTERFACE house)
# Nor does gcc's analysis survive the sanitizers' own code: -Wconversion warns of casts.
if(NOT DUTYBOX_SANITIZE)
  target_compile_options(house_strict INTERFACE -Wconversion -Wsign-conversion)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(house_strict INTERFACE -Warith-conversion)
  endif()
endif()

# Sanitizers and coverage are a target of their own for the same reason as `house`.
add_library(house_instrumented INTERFACE)
if(DUTYBOX_SANITIZE)
  target_compile_options(house_instrumented INTERFACE
    -fsanitize=${DUTYBOX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(house_instrumented INTERFACE -fsanitize=${DUTYBOX_SANITIZE})
endif()
if(DUTYBOX_FUZZ)
  target_compile_options(house_instrumented INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(DUTYBOX_COVERAGE)
  target_compile_options(house_instrumented INTERFACE --coverage)
  target_link_options(house_instrumented INTERFACE --coverage)
endif()
target_link_libraries(house_strict INTERFACE house_instrumented)

if(DUTYBOX_HARDEN)
  target_compile_options(house INTERFACE -fstack-protector-strong -fstack-clash-protection)
  target_compile_definitions(house INTERFACE _FORTIFY_SOURCE=3)
  check_c_compiler_flag(-fcf-protection=full HAVE_CF_PROTECTION)
  if(HAVE_CF_PROTECTION)
    target_compile_options(house INTERFACE -fcf-protection=full)
  endif()
  check_c_compiler_flag(-ftrivial-auto-var-init=zero HAVE_AUTO_VAR_INIT)
  if(HAVE_AUTO_VAR_INIT)
    target_compile_options(house INTERFACE -ftrivial-auto-var-init=zero)
  endif()
  # Symbols are bound when they are first used, as Debian's own tools do it: -z now looks up
  # all 160 of them at every start and would take it over its budget of 200,000 instructions.
  target_link_options(house INTERFACE -Wl,-z,relro,-z,lazy,-z,noexecstack -Wl,--as-needed)
endif()

if(DUTYBOX_LTO)
  check_ipo_supported(RESULT ipo OUTPUT why LANGUAGES C)
  if(ipo)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  else()
    message(STATUS "no link-time optimisation: ${why}")
  endif()
endif()
