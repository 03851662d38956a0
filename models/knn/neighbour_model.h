/// The training rows, as they are saved and asked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/distance/metric.h"
#include "train/model.h"

namespace crisp {

/// What a row's neighbours say about it.
enum class Vote {
  uniform,   ///< all alike
  distance,  ///< by one over their distance; those at distance 0 alone, where there are any
};

/// What a detector's score is.
enum class Farness {
  mean,     ///< the mean distance to the neighbours
  largest,  ///< the distance to the furthest of them
};

struct NeighbourParts {
  Task task = Task::anomaly;
  Metric metric = Metric::l2;
  Vote vote = Vote::uniform;
  Farness farness = Farness::mean;
  int64_t neighbours = 5;
  int64_t classes = 0;         ///< classification: how many
  int64_t columns = 0;
  std::vector<float> rows;     ///< count() x columns, row-major
  std::vector<float> targets;  ///< one a row: the number, or the class's index; empty for detectors
  std::vector<float> weights;  ///< one a row, > 0, that its vote is multiplied by; empty: all 1

  int64_t count() const { return columns == 0 ? 0 : static_cast<int64_t>(rows.size()) / columns; }
};

/// "euclidean", "manhattan", "cosine"; also "l2" and "l1". Code::data for anything else.
Metric parse_metric(const std::string& name);
Vote parse_vote(const std::string& name);
Farness parse_farness(const std::string& name);

std::unique_ptr<Model> make_neighbour_model(NeighbourParts parts);
/// Code::data for anything that make_neighbour_model's save() did not write.
std::unique_ptr<Model> load_neighbour_model(const Tensors& weights, const Json& about);

}  // namespace crisp
