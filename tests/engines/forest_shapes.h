/// Rows and forests whose shapes take every way through the engines of the random cut forest.
#pragma once

#include <vector>

#include "tests/kernels_anomaly/forest_reference.h"

namespace crisp {

struct ForestShape {
  const char* what;
  ForestRows train, test;
  RandomCutParams params;
};

inline std::vector<ForestShape> forest_shapes() {
  return {{"the main job", heavy_tailed(300, 29, 1), heavy_tailed(300, 29, 2), {3, 200}},
          {"duplicates", duplicates(100, 4, 1), duplicates(70, 4, 2), {4, 60}},
          {"one column", heavy_tailed(90, 1, 1), heavy_tailed(65, 1, 2), {4, 64}},
          {"one point", heavy_tailed(1, 5, 1), heavy_tailed(3, 5, 1), {2, 10}},
          {"nodes larger than a block", heavy_tailed(700, 3, 1), heavy_tailed(40, 3, 2), {1, 600}},
          // Boxes of 203 columns come in pieces; 255 boxes of 150 columns do not fit even so, nor do rows of 2,000 columns.
          {"boxes in pieces", heavy_tailed(130, 203, 1), heavy_tailed(70, 203, 2), {2, 100}},
          {"boxes beyond shared memory", heavy_tailed(256, 150, 1), heavy_tailed(20, 150, 2), {1, 256}},
          {"rows beyond shared memory", heavy_tailed(20, 2000, 1), heavy_tailed(6, 2000, 2), {2, 10}}};
}

}  // namespace crisp
