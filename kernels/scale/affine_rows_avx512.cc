#include "kernels/scale/affine_rows.inc.h"

namespace crisp {

void affine_rows_avx512(MatrixView<const float> rows, MatrixView<float> out, AffineColumns columns,
                        int64_t begin, int64_t end, bool streaming) {
  streaming ? affine_block<true>(rows, out, columns, begin, end)
            : affine_block<false>(rows, out, columns, begin, end);
}

}  // namespace crisp
