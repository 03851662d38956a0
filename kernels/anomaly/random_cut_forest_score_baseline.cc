#include "kernels/anomaly/random_cut_forest_score.inc.h"

namespace crisp::rcf {

void score_block_baseline(const TreeView& tree, const RowBlock& rows, const Scratch& scratch, double* total) {
  score_block(tree, rows, scratch, total);
}

}  // namespace crisp::rcf
