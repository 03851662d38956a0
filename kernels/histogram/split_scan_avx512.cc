#include "kernels/histogram/split_scan.inc.h"

namespace crisp {
const SplitScan split_scan_avx512{prefix, best};
}  // namespace crisp
