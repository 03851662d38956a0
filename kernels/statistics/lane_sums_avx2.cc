#include "kernels/statistics/lane_sums.inc.h"

namespace crisp {

void lane_sums_avx2(MatrixView<const float> rows, const double* pivot, PowerSums* out) {
  all_sums(rows, pivot, out);
}

}  // namespace crisp
