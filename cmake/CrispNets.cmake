# libcrisp_nn.so: the only place that sees LibTorch. Opened when a net is first needed (src/train/net_library.cc).
file(GLOB crisp_nn_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/nn/*.cc")
add_library(crisp_nn_objects OBJECT ${crisp_nn_sources})
target_link_libraries(crisp_nn_objects PUBLIC crisp crisp_flags crisp_libraries crisp_torch)
target_include_directories(crisp_nn_objects PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(crisp_nn_objects PRIVATE CRISP_TORCH_VERSION="${CRISP_TORCH_VERSION}")
# Several processes train one net through the Gloo inside libtorch_cpu, whose headers the wheel leaves out: Debian's libgloo-dev has
# those that c10d's header asks for (names and pointers; nothing of its library is linked). Without them nets train in one process.
find_path(CRISP_GLOO_INCLUDE gloo/rendezvous/store.h)
if(CRISP_GLOO_INCLUDE)
  set_source_files_properties("${PROJECT_SOURCE_DIR}/src/nn/peers_gloo.cc" PROPERTIES COMPILE_DEFINITIONS CRISP_HAS_GLOO)
else()
  message(STATUS "no Gloo headers: nets train in one process (tools/setup --nets)")
endif()
add_library(crisp_nn SHARED)
target_link_libraries(crisp_nn PRIVATE crisp_nn_objects)
# torch's headers bring their own copies of fmt and protobuf: nothing of them may leave the plug-in.
set(crisp_nn_exports "${PROJECT_SOURCE_DIR}/src/nn/exports.map")
target_link_options(crisp_nn PRIVATE -Wl,--version-script=${crisp_nn_exports})
set_target_properties(crisp_nn PROPERTIES LINK_DEPENDS ${crisp_nn_exports}
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} NO_SONAME ON)
