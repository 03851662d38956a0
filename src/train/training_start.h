/// What a training begins from instead of draws.
#pragma once

#include <string>

#include "core/json.h"
#include "core/tensors.h"

namespace crisp {

/// Arrays of an earlier model, by its own names.
struct TrainingStart {
  std::string name;            ///< of the file or the bundle, without the way to it
  std::string sha256;          ///< of the arrays' file
  Tensors arrays;
  Json about = Json::object(); ///< what the model noted about itself; of a bundle
  bool other_columns = false;  ///< it read other columns: what reads them begins anew
  bool other_target = false;   ///< it predicted something else: what answers begins anew
};

}  // namespace crisp
