# LibTorch out of an installed torch wheel (or a Deep Learning AMI's /opt/pytorch): headers and libraries inside. Own imported
# target instead of torch's CMake package, which would ask for all of CUDA's libraries. Without a torch the nets are left out.
# CRISP_TORCH_DIR may name the torch folder.
set(CRISP_TORCH_DIR "" CACHE PATH "Folder of an installed torch")
set(CRISP_TORCH_MINORS "2.9;2.10;2.11")  # those that the plug-in's code is written for
if(NOT CRISP_TORCH_DIR)
  file(GLOB torch_folders "${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch"
    "/opt/pytorch/lib/python3*/site-packages/torch" "$ENV{VIRTUAL_ENV}/lib/python3*/site-packages/torch")
  foreach(folder IN LISTS torch_folders)
    if(EXISTS "${folder}/lib/libtorch_cpu.so")
      set(CRISP_TORCH_DIR "${folder}" CACHE PATH "Folder of an installed torch" FORCE)
      break()
    endif()
  endforeach()
endif()
set(Torch_FOUND FALSE)
if(CRISP_TORCH_DIR)
  file(STRINGS "${CRISP_TORCH_DIR}/version.py" torch_version_line REGEX "^__version__")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" CRISP_TORCH_VERSION "${torch_version_line}")
  string(REGEX MATCH "^[0-9]+\\.[0-9]+" torch_minor "${CRISP_TORCH_VERSION}")
  if(NOT torch_minor IN_LIST CRISP_TORCH_MINORS)
    message(STATUS "torch ${CRISP_TORCH_VERSION} in ${CRISP_TORCH_DIR} is none of ${CRISP_TORCH_MINORS}")
  else()
    add_library(crisp_torch INTERFACE)
    target_include_directories(crisp_torch SYSTEM INTERFACE
      "${CRISP_TORCH_DIR}/include" "${CRISP_TORCH_DIR}/include/torch/csrc/api/include")
    # torch's CUDA libraries are not asked for: what libtorch_cpu itself needs is found when it is opened.
    target_link_libraries(crisp_torch INTERFACE
      "${CRISP_TORCH_DIR}/lib/libtorch_cpu.so" "${CRISP_TORCH_DIR}/lib/libc10.so")
    target_link_options(crisp_torch INTERFACE -Wl,--allow-shlib-undefined)
    set(Torch_FOUND TRUE)
  endif()
endif()
if(Torch_FOUND)
  message(STATUS "LibTorch ${CRISP_TORCH_VERSION} in ${CRISP_TORCH_DIR}")
elseif(CRISP_NETS STREQUAL "ON")
  message(FATAL_ERROR "no LibTorch of ${CRISP_TORCH_MINORS} found: run tools/setup --nets, or name its folder in CRISP_TORCH_DIR")
else()
  message(STATUS "no LibTorch: nets are left out (tools/setup --nets)")
endif()
