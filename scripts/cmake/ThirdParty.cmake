# libarchive, its codecs and the checksums' libraries as static archives, libc dynamic: the shared
# libarchive pulls in 17 objects and costs 1.4 ms at every start.
# core/fs/archive_stubs.c keeps the archive's XML writer, and with it libxml2, out.

# Two of them look the processor over in constructors: CPUID, which a hypervisor traps, 5 us each
# time. Copies in which these functions lie in a section of their own are linked instead;
# core/base/library_init.c runs them before the first use.

set(third_party_missing "")
set(third_party_archives "")
foreach(pair archive:libarchive-dev z:zlib1g-dev bz2:libbz2-dev lzma:liblzma-dev
             zstd:libzstd-dev lz4:liblz4-dev acl:libacl1-dev nettle:nettle-dev
             xxhash:libxxhash-dev sodium:libsodium-dev deflate:libdeflate-dev)
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 name)
  list(GET pair 1 package)
  find_library(THIRD_PARTY_${name} NAMES lib${name}.a)
  mark_as_advanced(THIRD_PARTY_${name})
  if(THIRD_PARTY_${name})
    list(APPEND third_party_archives ${THIRD_PARTY_${name}})
  else()
    list(APPEND third_party_missing ${package})
  endif()
endforeach()
if(third_party_missing)
  list(JOIN third_party_missing " " third_party_missing)
  message(FATAL_ERROR "static libraries missing; install: ${third_party_missing}")
endif()

find_program(CMAKE_OBJCOPY NAMES objcopy REQUIRED)
foreach(name lzma nettle)
  set(original ${THIRD_PARTY_${name}})
  set(copy ${PROJECT_BINARY_DIR}/third_party/lib${name}.a)
  if(NOT EXISTS ${copy} OR ${original} IS_NEWER_THAN ${copy})
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/third_party)
    execute_process(
      COMMAND ${CMAKE_OBJCOPY}
              --rename-section .init_array=library_init_array,alloc,load,data,contents
              ${original} ${copy}
      COMMAND_ERROR_IS_FATAL ANY)
  endif()
  list(TRANSFORM third_party_archives REPLACE "^${original}$" ${copy})
endforeach()

add_library(third_party INTERFACE)
target_link_libraries(third_party INTERFACE ${third_party_archives})
