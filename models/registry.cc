#include "models/registry.h"

#include "models/random_cut_forest/random_cut_forest.h"

namespace crisp {

void register_models(Registry& registry) { registry.add(make_random_cut_forest()); }

}  // namespace crisp
