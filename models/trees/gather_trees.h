/// Trees that several processes grew, each some of them, become one forest.
#pragma once

#include "kernels/forest/trees.h"
#include "train/peers.h"

namespace crisp {

/// Adds all trees of `more`, behind those of `all`, which are of the same columns and outputs.
void append_trees(const Trees& more, Trees& all);

/// The first process's trees are followed by those of the others, in the order of ranks; the others keep their own.
void gather_trees(Peers& peers, Trees& trees);

/// The first process's trees, in all of them.
void spread_trees(Peers& peers, Trees& trees);

}  // namespace crisp
