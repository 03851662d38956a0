#include "kernels/forest/shap_rows.inc.h"

namespace crisp::forest {

void shap_rows_avx512(const ShapTreeView& tree, const double* x, const ShapMemory& memory, double* moved) { shap_rows(tree, x, memory, moved); }

}  // namespace crisp::forest
