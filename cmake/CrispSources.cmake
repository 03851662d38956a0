# Every folder lists its own files; the lists are gathered here.
define_property(GLOBAL PROPERTY CRISP_SOURCES)
define_property(GLOBAL PROPERTY CRISP_KERNEL_SOURCES)
define_property(GLOBAL PROPERTY CRISP_KERNEL_TEST_SOURCES)

function(_crisp_gather property)
  foreach(file IN LISTS ARGN)
    set(path "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    set_property(GLOBAL APPEND PROPERTY ${property} "${path}")
  endforeach()
endfunction()

# Sources of libcrisp that know nothing of CUDA.
function(crisp_sources)
  _crisp_gather(CRISP_SOURCES ${ARGN})
endfunction()

# Sources of cuda/ and kernels/: they are also compiled a second time, against the emulated device.
function(crisp_kernel_sources)
  _crisp_gather(CRISP_KERNEL_SOURCES ${ARGN})
endfunction()

# Instruction-set flags by file name, in the directory of the target that compiles them.
function(crisp_isa_flags)
  if(NOT CRISP_X86)
    return()
  endif()
  foreach(file IN LISTS ARGN)
    if(file MATCHES "_avx512\\.cc$")
      set_source_files_properties("${file}" PROPERTIES
        COMPILE_OPTIONS "-march=x86-64-v4;-mprefer-vector-width=512")
    elseif(file MATCHES "_avx2\\.cc$")
      set_source_files_properties("${file}" PROPERTIES COMPILE_OPTIONS "-march=x86-64-v3")
    endif()
  endforeach()
endfunction()

# crisp_test(NAME SOURCES...): one GoogleTest program on libcrisp, its cases listed in ctest as NAME.Suite.Case.
function(crisp_test name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE crisp_internal crisp_testing)
  target_compile_definitions(${name} PRIVATE CRISP_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
endfunction()

# crisp_kernel_test(NAME SOURCES...): a test of cuda/ or kernels/ whose bodies run over every engine (tests/engine.h). The
# same files are compiled again into the programs of tests/emulation; they may include cuda/ and kernels/ only.
function(crisp_kernel_test name)
  crisp_test(${name} ${ARGN})
  _crisp_gather(CRISP_KERNEL_TEST_SOURCES ${ARGN})
endfunction()
