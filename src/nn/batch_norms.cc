#include <algorithm>

#include "nn/exchange.h"
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
    sums_[k].resize(2 * columns * static_cast<size_t>(parts + 1));  // the first: of the processes before this one
    total_[k].resize(2 * columns);
    statistics_.push_back({all(mean_[k]), all(rstd_[k]), arrays.running_mean[k], arrays.running_variance[k]});
  }
}

MatrixView<double> BatchNorms::sums_of_part(size_t layer, int64_t part) {
  const auto columns = static_cast<int64_t>(mean_[layer].size());
  return {sums_[layer].data() + 2 * columns * (part + 1), 2, columns, columns};
}

MatrixView<const double> BatchNorms::join(Exec& exec, Exchange& exchange, size_t layer, int64_t parts) {
  const auto columns = static_cast<int64_t>(mean_[layer].size());
  std::vector<double>&total = total_[layer], &sums = sums_[layer];
  exchange.sum(total, [&] {
    if (!exchange.first()) std::copy(total.begin(), total.end(), sums.begin());
    const MatrixView<const double> rows{sums.data(), parts + 1, 2 * columns, 2 * columns};
    join_sums(exec, exchange.first() ? MatrixView<const double>{rows.row(1), parts, rows.columns, rows.ld} : rows, all(total));
  });
  return {total_[layer].data(), 2, columns, columns};
}

void BatchNorms::use_running(Exec& exec) {
  for (const BatchStatistics& statistics : statistics_) running_statistics(exec, kEpsilon, statistics);
}

}  // namespace crisp::nn
