#include "models/registry.h"

#include "models/autoencoder/autoencoder.h"
#include "models/mlp/mlp.h"
#include "models/random_cut_forest/random_cut_forest.h"

namespace crisp {

void register_models(Registry& registry) {
  registry.add(make_random_cut_forest());
  registry.add(make_autoencoder());
  registry.add(make_mlp());
}

}  // namespace crisp
