#include "kernels/distance/tiles.inc.h"

namespace crisp::distance {

const Tiles& avx2_tiles() { return kTiles; }

}  // namespace crisp::distance
