/// The CUDA engine of the random cut forest; called by the dispatch in random_cut_forest*.cc after it checked the
/// arguments. Data may lie on the host or on the device.
#pragma once

#include "kernels/anomaly/random_cut_forest.h"

namespace crisp::gpu {

RandomCutForest build_random_cut_forest(Exec& exec, MatrixView<const float> rows, const RandomCutParams& params,
                                        uint64_t seed);
void score_random_cut_forest(Exec& exec, const RandomCutForest& forest, const ForestTables& tables,
                             MatrixView<const float> rows, std::span<double> scores);
void attribute_random_cut_forest(Exec& exec, const RandomCutForest& forest, const ForestTables& tables,
                                 MatrixView<const float> rows, MatrixView<double> out);

/// The forest and its tables on exec's device, ready for every stream.
std::shared_ptr<const ForestUpload> upload_forest(Exec& exec, const RandomCutForest& forest,
                                                  const ForestTables& tables);

/// row * columns + column of the first value that is not finite or beyond 2^100, or -1. `rows` lies on the device.
int64_t first_unusable_value(Exec& exec, MatrixView<const float> rows);

}  // namespace crisp::gpu
