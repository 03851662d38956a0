/// Whether a GPU grows the trees that the CPU grows.
#pragma once

#include <functional>
#include <string>

#include "cuda/exec.h"
#include "kernels/forest/trees.h"
#include "train/model.h"

namespace crisp {

/// So few of the training rows that a tree of them takes little time, and no others.
FitData rows_to_check(const FitData& data);

/// Bit for bit.
bool same_trees(const Trees& a, const Trees& b);

/// What `same`, grown on exec's GPU and on the CPU, says. Where that is false, or the GPU fails, one line says that `model` is trained on the CPU.
bool agrees_with_the_cpu(Exec& exec, const std::string& model, const std::function<bool()>& same);

}  // namespace crisp
