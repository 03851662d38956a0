/// The CUDA engine of traversal; called by traverse.cc after it checked the arguments. Data may lie on the host or on the device.
#pragma once

#include <memory>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/forest/node_table.h"

namespace crisp::gpu {

/// A forest on a device.
class ForestNodes;

/// Ready for every stream of exec's device.
std::shared_ptr<const ForestNodes> upload_nodes(Exec& exec, const forest::NodeTable& table);
void sum_forest(Exec& exec, const ForestNodes& nodes, MatrixView<const float> rows, MatrixView<double> out);
void leaves_of_forest(Exec& exec, const ForestNodes& nodes, MatrixView<const float> rows, MatrixView<int32_t> out);

}  // namespace crisp::gpu
