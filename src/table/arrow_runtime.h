/// Arrow's own state in this process: its compute functions and its two thread pools.
#pragma once

#include <string>

namespace crisp {

/// Registers Arrow's compute functions, once; every entry point that uses Arrow calls it first. Cheap
/// afterwards.
void arrow_start();

/// "26.0.0".
const std::string& arrow_version();

/// Sizes Arrow's CPU pool (what `--threads` asks for); 0 takes one thread per available core.
void arrow_threads(int threads);

}  // namespace crisp
