#include "models/registry.h"

#include "models/autoencoder/autoencoder.h"
#include "models/decision_tree/decision_tree.h"
#include "models/dummy/dummy.h"
#include "models/extra_trees/extra_trees.h"
#include "models/gbdt/gbdt.h"
#include "models/imported/imported.h"
#include "models/isolation_forest/isolation_forest.h"
#include "models/kmeans/kmeans.h"
#include "models/knn/knn.h"
#include "models/linear/linear.h"
#include "models/mlp/mlp.h"
#include "models/random_cut_forest/random_cut_forest.h"
#include "models/random_forest/random_forest.h"
#include "models/recurrent/recurrent.h"
#include "models/voting/voting.h"

namespace crisp {
namespace {

void register_single_models(Registry& registry) {
  registry.add(make_random_cut_forest());
  registry.add(make_isolation_forest());
  registry.add(make_autoencoder());
  registry.add(make_gbdt());
  registry.add(make_random_forest());
  registry.add(make_extra_trees());
  registry.add(make_decision_tree());
  registry.add(make_mlp());
  registry.add(make_lstm());
  registry.add(make_gru());
  registry.add(make_linear());
  registry.add(make_ridge());
  registry.add(make_lasso());
  registry.add(make_elastic_net());
  registry.add(make_logistic());
  registry.add(make_knn());
  registry.add(make_kmeans());
  registry.add(make_dummy());
}

}  // namespace

void register_models(Registry& registry) {
  register_single_models(registry);
  Registry members;
  register_single_models(members);
  registry.add(make_voting(std::move(members)));
  registry.add(make_imported_trees());
}

}  // namespace crisp
