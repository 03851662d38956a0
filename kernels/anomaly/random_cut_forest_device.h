/// The forest's tables on the device, for the .cu files: boxes and points an odd number of floats apart, so that lanes
/// that read the same dimension of different nodes meet different banks of shared memory.
#pragma once

#include <vector>

#include "cuda/buffer.h"
#include "kernels/anomaly/random_cut_forest.h"
#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp::gpu {

/// Where a tree's rows begin in the tables. Ordinals on the device count from the tree's first one.
struct TreePlace {
  int64_t node, internal, leaf;
  int32_t internals;  ///< boxes of this tree
  double normaliser;
};

/// Plain pointers, to be passed to kernels.
struct DeviceForest {
  const TreePlace* trees;
  const int32_t* cut_dimension;
  const float* cut_value;
  const int32_t* right;
  const int32_t* ordinal;
  const int32_t* parent;
  const float* unseen;
  const float* seen;
  const float* points;
  const float* boxes;
  const float* range;
  int64_t tree_count, columns, stride;

  CRISP_HD rcf::TreeView tree(const TreePlace& at) const {
    return {cut_dimension + at.node, cut_value + at.node, right + at.node, ordinal + at.node, parent + at.node,
            unseen + at.node, seen + at.leaf, points + at.leaf * stride, boxes + at.internal * 2 * stride,
            range + at.internal, columns, stride, at.normaliser};
  }
};

/// Owns the memory of a DeviceForest.
class ForestUpload {
 public:
  ForestUpload(Exec& exec, const RandomCutForest& forest, const ForestTables& tables);
  const DeviceForest& forest() const { return forest_; }
  const Device& device() const { return device_; }
  int32_t largest_tree() const { return largest_tree_; }  ///< boxes of the tree that has most

 private:
  Device device_;
  DeviceForest forest_{};
  int32_t largest_tree_ = 0;
  DeviceBuffer<TreePlace> trees_;
  DeviceBuffer<int32_t> cut_dimension_, right_, ordinal_, parent_;
  DeviceBuffer<float> cut_value_, unseen_, seen_, points_, boxes_, range_;
};

}  // namespace crisp::gpu
