/// Arrow's own state in this process: its compute functions and its two thread pools.
#pragma once

namespace crisp {

/// Registers Arrow's compute functions, once; every entry point that uses Arrow calls it first. Cheap
/// afterwards.
void arrow_start();

/// Sizes Arrow's CPU pool (what `--threads` asks for); 0 takes one thread per available core.
void arrow_threads(int threads);

}  // namespace crisp
