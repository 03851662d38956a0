# cmake --install: bin/crisp, lib/crisp/ (our library and Arrow's, found by relative paths), include/crisp/, the package for
# find_package(crisp), licences. Nothing of the build machine's paths is left in it.
include(CMakePackageConfigHelpers)
set(CRISP_INSTALL_CMAKE lib/cmake/crisp)
set_target_properties(crisp_program PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/crisp")
set_target_properties(crisp PROPERTIES INSTALL_RPATH "$ORIGIN")
install(TARGETS crisp_program RUNTIME DESTINATION bin)
install(TARGETS crisp EXPORT crisp_targets LIBRARY DESTINATION lib/crisp)
foreach(lib IN LISTS ARROW_WHEEL_NEEDED)
  install(FILES "${ARROW_WHEEL_DIR}/lib${lib}.${ARROW_WHEEL_SUFFIX}" DESTINATION lib/crisp)
endforeach()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/crisp" DESTINATION include)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/THIRD_PARTY_NOTICES.md" DESTINATION share/doc/crisp)
file(GLOB arrow_licences "${ARROW_WHEEL_DIR}-*.dist-info/licenses")
if(arrow_licences)
  install(DIRECTORY ${arrow_licences}/ DESTINATION share/doc/crisp/arrow)
endif()

install(EXPORT crisp_targets NAMESPACE crisp:: DESTINATION ${CRISP_INSTALL_CMAKE} FILE crispTargets.cmake)
file(WRITE "${PROJECT_BINARY_DIR}/crispConfig.cmake"
  "include(CMakeFindDependencyMacro)\nfind_dependency(Threads)\ninclude(\"\${CMAKE_CURRENT_LIST_DIR}/crispTargets.cmake\")\n")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/crispConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/crispConfig.cmake" "${PROJECT_BINARY_DIR}/crispConfigVersion.cmake"
  DESTINATION ${CRISP_INSTALL_CMAKE})
