#include "nn/feed_forward.h"

namespace crisp::nn {
namespace {

template <class T>
ArrayView<T> all(std::vector<T>& values) {
  return {values.data(), static_cast<int64_t>(values.size())};
}

}  // namespace

BatchNorms::BatchNorms(const Arrays& arrays, int64_t parts) {
  const size_t layers = arrays.running_mean.size();
  mean_.resize(layers);
  rstd_.resize(layers);
  sums_.resize(layers);
  total_.resize(layers);
  for (size_t k = 0; k < layers; ++k) {
    const auto columns = static_cast<size_t>(arrays.running_mean[k].size);
    mean_[k].resize(columns);
    rstd_[k].resize(columns);
    sums_[k].resize(2 * columns * static_cast<size_t>(parts));
    total_[k].resize(2 * columns);
    statistics_.push_back({all(mean_[k]), all(rstd_[k]), arrays.running_mean[k], arrays.running_variance[k]});
  }
}

MatrixView<double> BatchNorms::sums_of_part(size_t layer, int64_t part) {
  const auto columns = static_cast<int64_t>(mean_[layer].size());
  return {sums_[layer].data() + 2 * columns * part, 2, columns, columns};
}

MatrixView<const double> BatchNorms::join(Exec& exec, size_t layer, int64_t parts) {
  const auto columns = static_cast<int64_t>(mean_[layer].size());
  join_sums(exec, {sums_[layer].data(), parts, 2 * columns, 2 * columns}, all(total_[layer]));
  return {total_[layer].data(), 2, columns, columns};
}

void BatchNorms::use_running(Exec& exec) {
  for (const BatchStatistics& statistics : statistics_) running_statistics(exec, kEpsilon, statistics);
}

}  // namespace crisp::nn
