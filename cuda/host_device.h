/// Marks code that runs on the host and on the device. Everything in a `*_row.h` carries it.
#pragma once

#if defined(__CUDACC__) || defined(CRISP_EMULATED)
#define CRISP_HD __host__ __device__
#else
#define CRISP_HD
#endif
