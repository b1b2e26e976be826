# What `cmake --install` and the package hold. Links named after applets go to libexec, never to
# bin: `which` and `du` there belong to other packages, and so do their manuals' names.

set(DUTYBOX_LINKS_DIR ${CMAKE_INSTALL_LIBEXECDIR}/dutybox)
file(RELATIVE_PATH binary_from_links
  ${CMAKE_INSTALL_PREFIX}/${DUTYBOX_LINKS_DIR} ${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/dutybox)
set(links_built ${CMAKE_BINARY_DIR}/links)
file(REMOVE_RECURSE ${links_built})
file(MAKE_DIRECTORY ${links_built})
foreach(name IN LISTS applet_names)
  file(CREATE_LINK ${binary_from_links} ${links_built}/${name} SYMBOLIC)
endforeach()

# The binary writes its completions itself.
set(completions "")
foreach(pair bash:dutybox zsh:_dutybox fish:dutybox.fish)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 shell)
  list(GET pair 1 name)
  set(script ${CMAKE_BINARY_DIR}/completions/${shell}/${name})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/completions/${shell})
  add_custom_command(OUTPUT ${script} COMMAND dutybox completion ${shell} > ${script}
    DEPENDS dutybox VERBATIM)
  set(completion_${shell} ${script})
  list(APPEND completions ${script})
endforeach()
add_custom_target(completions ALL DEPENDS ${completions})

install(TARGETS dutybox RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${links_built}/ DESTINATION ${DUTYBOX_LINKS_DIR})
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${completion_bash}
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completion_fish} DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
# Debian's zsh looks for those of packages elsewhere than for those of /usr/local; which it is,
# is known when the files are installed.
install(CODE "set(zsh_functions site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
  set(zsh_functions vendor-completions)
endif()")
install(FILES ${completion_zsh} DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/\${zsh_functions}")

set(CPACK_GENERATOR DEB)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "dutybox developers")
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
include(CPack)
