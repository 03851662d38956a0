#include "nn/exchange.h"
#include "nn/feed_forward.h"

namespace crisp::nn {

BatchNorms::BatchNorms(Exec& exec, const Arrays& arrays, int64_t parts) {
  for (size_t k = 0; k < arrays.running_mean.size(); ++k) {
    const int64_t columns = arrays.running_mean[k].size;
    sums_.push_back({memory_.array<double>(exec, 2 * columns * (parts + 1)).data, parts + 1, 2 * columns, 2 * columns});
    total_.push_back(memory_.array<double>(exec, 2 * columns));
    statistics_.push_back({memory_.array<float>(exec, columns), memory_.array<float>(exec, columns), arrays.running_mean[k],
                           arrays.running_variance[k]});
  }
}

MatrixView<double> BatchNorms::sums_of_part(size_t layer, int64_t part) {
  const int64_t columns = statistics_[layer].mean.size;
  return {sums_[layer].row(part + 1), 2, columns, columns};
}

MatrixView<const double> BatchNorms::join(Exec& exec, Exchange& exchange, size_t layer, int64_t parts) {
  const ArrayView<double> total = total_[layer];
  const MatrixView<double> sums = sums_[layer];
  exchange.sum(exec, total, [&] {
    if (!exchange.first()) transfer(exec, sums.row(0), total.data, static_cast<size_t>(total.size) * sizeof(double));
    const int64_t begin = exchange.first() ? 1 : 0;
    join_sums(exec, {sums.row(begin), parts + 1 - begin, sums.columns, sums.ld}, total);
  });
  const int64_t columns = total.size / 2;
  return {total.data, 2, columns, columns};
}

void BatchNorms::use_running(Exec& exec) {
  for (const BatchStatistics& statistics : statistics_) running_statistics(exec, kEpsilon, statistics);
}

}  // namespace crisp::nn
