#include "models/registry.h"

#include <gtest/gtest.h>

#include "cuda/error.h"

namespace crisp {
namespace {

TEST(Registry, FindsModelsByNameAndAlias) {
  Registry registry;
  register_models(registry);
  EXPECT_EQ(registry.at("random_cut_forest").name(), "random_cut_forest");
  EXPECT_EQ(&registry.at("rcf"), &registry.at("random_cut_forest"));
}

TEST(Registry, NamesTheNearestModel) {
  Registry registry;
  register_models(registry);
  try {
    registry.at("random_cut_forrest");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    EXPECT_NE(error.hint().find("random_cut_forest"), std::string::npos) << error.hint();
  }
}

TEST(Registry, EveryModelsDefaultsAreValid) {
  Registry registry;
  register_models(registry);
  for (const auto& learner : registry.all())
    EXPECT_NO_THROW(learner->params().resolve(Json::object())) << learner->name();
}

}  // namespace
}  // namespace crisp
