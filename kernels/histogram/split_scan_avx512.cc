#include "kernels/histogram/split_scan.inc.h"

namespace crisp {
const SplitScan split_scan_avx512{prefix, best<int32_t>, best<double>};
}  // namespace crisp
