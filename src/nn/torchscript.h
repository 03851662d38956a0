/// TorchScript files: written from source text, and loaded again.
#pragma once

#include <memory>
#include <string>

#include "train/script_file.h"

namespace crisp::nn {

/// The bytes of the file; the same module gives the same bytes.
std::string save_script(const ScriptFile& file);
/// Code::data for anything that is no TorchScript file.
std::unique_ptr<ScriptRunner> open_script(const std::string& bytes);

}  // namespace crisp::nn
