#include "kernels/distance/tiles.inc.h"

namespace crisp::distance {

const Tiles& baseline_tiles() { return kTiles; }

}  // namespace crisp::distance
