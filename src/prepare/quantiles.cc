#include "prepare/quantiles.h"

#include <cmath>

#include "core/format.h"
#include "cuda/error.h"
#include "kernels/statistics/percentiles.h"

namespace crisp {

std::vector<double> training_quantiles(Exec& exec, const Table& train, const std::string& name, const std::vector<double>& shares) {
  const std::vector<double> numbers = train.numbers(name);
  // The extremes too: they tell whether a value is infinite.
  std::vector<double> percents = {0.0, 100.0};
  for (const double share : shares) percents.push_back(100.0 * share);
  const MatrixView<const double> column{numbers.data(), static_cast<int64_t>(numbers.size()), 1, 1};
  std::vector<double> found = column_percentiles(exec, column, percents).at(0);
  if (std::isnan(found[0])) fail(Code::data, "column '", name, "' is blank in all ", counted(train.rows(), "training row"));
  if (std::isinf(found[0]) || std::isinf(found[1])) fail(Code::data, "column '", name, "' holds an infinite value");
  return {found.begin() + 2, found.end()};
}

}  // namespace crisp
