/// Grows trees of a forest on a GPU: many at once, level by level, so that small nodes fill it too.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cuda/buffer.h"
#include "cuda/exec.h"
#include "kernels/histogram/impurity_nodes_gpu.h"
#include "models/trees/forest_grower.h"

namespace crisp {

class ForestLevels {
 public:
  /// All must outlive it. The binned rows lie on exec's GPU.
  ForestLevels(Exec& exec, const ForestRows& rows, const ForestGrowth& plan);

  /// How many trees at once the memory is meant for.
  int64_t trees_at_once() const;
  /// The trees that grow_forest_tree() grows, bit for bit.
  std::vector<ForestTree> grow(std::span<TreeSample> samples, const AtLeaf& at_leaf) const;

 private:
  Exec& exec_;
  const ForestRows& rows_;
  const ForestGrowth& plan_;
  DeviceBuffer<int32_t> categories_, cells_;
  DeviceBuffer<int64_t> weights_, targets_;
  DeviceBuffer<float> numbers_;
};

}  // namespace crisp
