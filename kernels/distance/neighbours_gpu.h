/// The CUDA engine of nearest neighbours; called by the dispatch in neighbours.cc after it checked the arguments.
#pragma once

#include "kernels/distance/neighbours.h"

namespace crisp::gpu {

struct IndexUpload;

std::shared_ptr<const IndexUpload> upload_index(Exec& exec, Metric metric, MatrixView<const float> rows);
void nearest_neighbours(Exec& exec, const IndexUpload& index, MatrixView<const float> queries,
                        MatrixView<int32_t> ids, MatrixView<float> distances);

}  // namespace crisp::gpu
