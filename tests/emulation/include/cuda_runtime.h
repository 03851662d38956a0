// Found before NVIDIA's header of the same name: the same .cu files then build for the emulated device.
#pragma once

#include "tests/emulation/control.h"
#include "tests/emulation/control.h"  // library stand-ins open device memory to the host
#include "tests/emulation/device_functions.h"
#include "tests/emulation/device_math.h"
#include "tests/emulation/runtime_api.h"
#include "tests/emulation/types.h"
