# Compiler rules of the house. Results must not depend on the compiler's mood: no FMA contraction, no fast-math,
# and one baseline instruction set; faster ones are chosen at run time in files named *_avx2.cc and *_avx512.cc.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CRISP_CCACHE ccache)
if(CRISP_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CRISP_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CRISP_CCACHE})
endif()

# sm_75 code and PTX run on every GPU from the T4 on (newer ones compile the PTX at load); a release names them all.
set(CRISP_CUDA_ARCHITECTURES "75" CACHE STRING "CUDA architectures; releases use 75;80;86;89;90;100;120")
set(CMAKE_CUDA_ARCHITECTURES ${CRISP_CUDA_ARCHITECTURES})
set(CMAKE_CUDA_RUNTIME_LIBRARY Static)

add_library(crisp_flags INTERFACE)
target_compile_options(crisp_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wno-unknown-pragmas;-ffp-contract=off;-fno-math-errno>
  $<$<COMPILE_LANGUAGE:CUDA>:--fmad=false;-Xcompiler=-Wall,-Wextra,-Wno-unknown-pragmas,-ffp-contract=off>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlaps in std::string's operator+ that are none (its bug 105651).
  target_compile_options(crisp_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(CRISP_X86 ON)
  target_compile_options(crisp_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-march=x86-64-v2>)
endif()

set(CRISP_SANITIZE "" CACHE STRING "Sanitizers for all host code, as in -fsanitize=")
if(CRISP_SANITIZE)
  target_compile_options(crisp_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${CRISP_SANITIZE};-fno-omit-frame-pointer>)
  target_link_options(crisp_flags INTERFACE -fsanitize=${CRISP_SANITIZE})
endif()
