#include "kernels/distance/tiles.inc.h"

namespace crisp::distance {

const Tiles& avx512_tiles() { return kTiles; }

}  // namespace crisp::distance
