/// A net as TorchScript.
#pragma once

#include <string>

#include "core/torch_script.h"
#include "train/net_plan.h"

namespace crisp {

/// What the last layer gives, a Tensor[N, shape.outputs] of 32-bit numbers, of `rows` (of a recurrent net: windows, step after step). Code::unavailable for
/// a net of a kind that is not known here; Code::data where the arrays are not those of the shape.
std::string script_net(TorchScript& script, const NetShape& shape, const Tensors& arrays,
                       const std::string& rows);

}  // namespace crisp
