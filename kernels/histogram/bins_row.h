/// The code of one value.
#pragma once

#include <cstdint>

#include "cuda/host_device.h"

namespace crisp {

/// 1 + the number of bounds below x; 0 for NaN. bounds: 255 ascending, the unused ones infinite. No branch depends on x.
CRISP_HD inline uint8_t code_of_number(float x, const float* bounds) {
  int below = 0;
  for (int step = 128; step > 0; step >>= 1) below = bounds[below + step - 1] < x ? below + step : below;
  return static_cast<uint8_t>(x == x ? below + 1 : 0);
}

/// The same among so few bounds that they are all looked at.
CRISP_HD inline uint8_t code_of_number(float x, const float* bounds, int count) {
  int below = 0;
  for (int k = 0; k < count; ++k) below += bounds[k] < x ? 1 : 0;
  return static_cast<uint8_t>(x == x ? below + 1 : 0);
}

/// 0 for what is no category of the table.
CRISP_HD inline uint8_t code_of_category(float x, const uint8_t* table, int64_t categories) {
  return x >= 0 && x < static_cast<float>(categories) ? table[static_cast<int64_t>(x)] : uint8_t{0};
}

}  // namespace crisp
