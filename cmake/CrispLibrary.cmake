# libcrisp.so from all gathered sources, and crisp_internal: what our own tools and tests link (all headers visible).
get_property(crisp_all_sources GLOBAL PROPERTY CRISP_SOURCES)
get_property(crisp_kernel_files GLOBAL PROPERTY CRISP_KERNEL_SOURCES)
crisp_isa_flags(${crisp_kernel_files})

add_library(crisp SHARED ${crisp_all_sources} ${crisp_kernel_files})
target_include_directories(crisp PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_include_directories(crisp PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
target_link_libraries(crisp
  PRIVATE crisp_flags crisp_libraries arrow_wheel
  PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
target_compile_definitions(crisp PRIVATE CRISP_VERSION="${PROJECT_VERSION}")
if(Torch_FOUND)
  set_source_files_properties(${PROJECT_SOURCE_DIR}/src/train/net_library.cc TARGET_DIRECTORY crisp PROPERTIES
    COMPILE_DEFINITIONS "CRISP_TORCH_FOLDER=\"${CRISP_TORCH_DIR}\";CRISP_TORCH_VERSION=\"${CRISP_TORCH_VERSION}\"")
endif()
set_target_properties(crisp PROPERTIES CUDA_SEPARABLE_COMPILATION OFF SOVERSION 0)

add_library(crisp_internal INTERFACE)
target_include_directories(crisp_internal INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(crisp_internal INTERFACE crisp crisp_flags crisp_libraries arrow_wheel)
