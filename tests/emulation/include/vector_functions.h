// In front of NVIDIA's header, which Thrust asks for: the emulated device has these types already.
#pragma once

#include "tests/emulation/types.h"
