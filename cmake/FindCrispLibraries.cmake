# The small libraries from Debian: header-only JSON, TOML and Eigen (dense algebra), and SHA-256 from mbed TLS (not OpenSSL, because
# libparquet exports OpenSSL's symbols and would capture those of libcrypto).
find_path(CRISP_JSON_INCLUDE nlohmann/json.hpp REQUIRED)
find_path(CRISP_TOML_INCLUDE toml++/toml.h REQUIRED)
find_path(CRISP_EIGEN_INCLUDE Eigen/Core PATH_SUFFIXES eigen3 REQUIRED)
find_path(CRISP_MBEDTLS_INCLUDE mbedtls/sha256.h REQUIRED)
find_library(CRISP_MBEDTLS_LIBRARY mbedcrypto REQUIRED)
add_library(crisp_libraries INTERFACE)
set(crisp_library_includes ${CRISP_JSON_INCLUDE} ${CRISP_TOML_INCLUDE} ${CRISP_EIGEN_INCLUDE} ${CRISP_MBEDTLS_INCLUDE}
  ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
# As an -isystem folder, /usr/include would come before the standard library's own headers, which look behind themselves.
list(REMOVE_ITEM crisp_library_includes /usr/include)
target_include_directories(crisp_libraries SYSTEM INTERFACE ${crisp_library_includes})
target_link_libraries(crisp_libraries INTERFACE ${CRISP_MBEDTLS_LIBRARY})
set(CrispLibraries_FOUND TRUE)
