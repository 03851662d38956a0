#include "kernels/distance/pairwise.h"
#include "tests/engine.h"
#include "tests/kernels_distance/rows.h"

namespace crisp {
namespace {

class PairwiseEngines : public EngineTest {};
CRISP_TEST_ENGINES(PairwiseEngines);

std::vector<float> pairwise(Exec& exec, Metric metric, const Rows& a, const Rows& b) {
  std::vector<float> out(static_cast<size_t>(a.rows * b.rows), -1.0f);
  pairwise_distance(exec, metric, a.view(), b.view(), {out.data(), a.rows, b.rows, b.rows});
  return out;
}

TEST_P(PairwiseEngines, GiveEqualBitsOfAllPairs) {
  for (const auto& [m, n, d] : {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1}, {70, 66, 33}, {3, 130, 100}}) {
    const Rows a = odd_rows(m, d, 1), b = odd_rows(n, d, 2);
    for (const Metric metric : kMetrics) {
      ASSERT_EQ(bits_of(pairwise(exec(), metric, a, b)), bits_of(pairwise(cpu(), metric, a, b)));
    }
  }
}

}  // namespace
}  // namespace crisp
