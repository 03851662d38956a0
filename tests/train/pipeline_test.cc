#include "train/pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include <unistd.h>

#include "cuda/error.h"
#include "cuda/random.h"
#include "models/registry.h"
#include "train/pipeline_bundle.h"

namespace crisp {
namespace {

/// Three groups with different levels; the last row of each is far out.
Table rows(int per_group = 40) {
  std::vector<double> x, y;
  std::vector<std::string> group;
  for (int g = 0; g < 3; ++g) {
    for (int i = 0; i < per_group; ++i) {
      const auto draw = [&](uint64_t stream) { return random_uniform(1, stream, static_cast<uint64_t>(g * 1000 + i)); };
      x.push_back(10.0 * g + draw(1) + (i + 1 == per_group ? 50 : 0));
      y.push_back(draw(2));
      group.push_back(std::string(1, static_cast<char>('a' + g)));
    }
  }
  return Table().with_numbers("x", x).with_numbers("y", y).with_texts("group", group);
}

class PipelineTest : public testing::Test {
 protected:
  PipelineTest() {
    register_models(registry_);
    plan_.recipe = Recipe::parse(Json::array({{{"step", "scale"}, {"columns", {"x", "y"}}, {"method", "robust"}, {"per", "group"}}}));
    plan_.fit.learner = &registry_.at("rcf");
    plan_.fit.params = plan_.fit.learner->params().resolve({{"num_trees", 50}, {"num_samples_per_tree", 32}});
    plan_.fit.seed = 3;
    plan_.fit.min_rows = 8;
    plan_.per = "group";
  }

  Pipeline fit(const Table& train) {
    StepLog log;
    return Pipeline::fit(exec_, plan_, train, log);
  }
  std::vector<double> scores(const Pipeline& pipeline, const Table& table) {
    StepLog log;
    return pipeline.score(exec_, table, log).scores;
  }

  Registry registry_;
  Exec exec_{Device::cpu(), 2};
  PipelinePlan plan_;
};

TEST_F(PipelineTest, EveryGroupHasAModelOfItsOwnAndFindsItsOutlier) {
  const Pipeline pipeline = fit(rows());
  EXPECT_EQ(pipeline.models().group_names(), (std::vector<std::string>{"a", "b", "c"}));
  const std::vector<double> all = scores(pipeline, rows());
  for (size_t g = 0; g < 3; ++g) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(g * 40);
    EXPECT_EQ(std::max_element(begin, begin + 40) - begin, 39);
  }
}

TEST_F(PipelineTest, SmallGroupsTakeTheSharedModel) {
  plan_.fit.min_rows = 41;
  EXPECT_TRUE(fit(rows()).models().group_names().empty());
}

TEST_F(PipelineTest, AnotherGroupChangesNoModelOfTheOthers) {
  plan_.recipe = Recipe::parse(Json::array());
  const Pipeline three = fit(rows()), two = fit(rows().slice(0, 80));
  EXPECT_EQ(scores(three, rows().slice(0, 80)), scores(two, rows().slice(0, 80)));
}

TEST_F(PipelineTest, SavedAndLoadedItScoresTheSameBits) {
  const auto folder = std::filesystem::temp_directory_path() / concat("crisp-pipeline-", ::getpid());
  std::filesystem::create_directories(folder);
  plan_.folds = 4;
  plan_.label = {"group", "c", "a"};
  const Pipeline fitted = fit(rows());
  CsvOptions reading;
  reading.missing = {"", "-9999"};
  reading.timestamp_formats = {"%d.%m.%Y"};
  write_pipeline(folder.string(), fitted, {rows().schema(), reading, Json::object(), "fingerprint", "test"});
  const SavedPipeline saved = open_pipeline(folder.string(), registry_);
  const Pipeline& loaded = saved.pipeline;
  const ReadRequest request = saved.request("new.csv");
  EXPECT_EQ(request.path, "new.csv");
  EXPECT_EQ(request.types.at("group"), ColumnType::text);
  EXPECT_EQ(request.types.at("x"), ColumnType::real);
  EXPECT_EQ(request.csv.missing, reading.missing);
  EXPECT_EQ(request.csv.timestamp_formats, reading.timestamp_formats);
  EXPECT_EQ(scores(loaded, rows()), scores(fitted, rows()));
  EXPECT_EQ(loaded.cutoff(), fitted.cutoff());
  EXPECT_EQ(loaded.label().anomaly, "c");
  EXPECT_EQ(loaded.about().dump(), fitted.about().dump());
  std::filesystem::remove_all(folder);
}

TEST_F(PipelineTest, HeldOutScoresAreHigherThanThoseOfSeenRows) {
  const Pipeline seen = fit(rows());
  plan_.folds = 5;
  const Pipeline held_out = fit(rows());
  const auto mean = [](const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size()); };
  EXPECT_GT(mean(held_out.training().scores), 1.1 * mean(seen.training().scores));
  EXPECT_GT(held_out.cutoff(), seen.cutoff());
}

TEST_F(PipelineTest, AHeldOutRowHasNotHelpedToSetItsOwnScale) {
  const std::vector<double> values{1, 2, 4, 7, 11, 160};
  const Table train = Table().with_numbers("x", values);
  plan_.recipe = Recipe::parse(Json::array({{{"step", "scale"}, {"columns", {"x"}}, {"method", "standard"}}}));
  plan_.per = "";
  plan_.folds = 6;
  const Pipeline pipeline = fit(train);
  for (size_t i = 0; i < values.size(); ++i) {
    double sum = 0, squares = 0;
    for (size_t j = 0; j < values.size(); ++j) sum += j == i ? 0 : values[j];
    const double mean = sum / 5;
    for (size_t j = 0; j < values.size(); ++j) squares += j == i ? 0 : (values[j] - mean) * (values[j] - mean);
    const double expected = (values[i] - mean) / std::sqrt(squares / 5);
    EXPECT_NEAR(pipeline.training().features.view().at(static_cast<int64_t>(i), 0), expected, 1e-5 * std::abs(expected)) << i;
  }
}

TEST_F(PipelineTest, MoreFoldsThanRowsAndOneRowAlone) {
  plan_.folds = 100;
  EXPECT_EQ(fit(rows(3)).training().scores.size(), 9u);
  EXPECT_EQ(fit(rows(1).slice(0, 1)).training().scores.size(), 1u);
}

TEST_F(PipelineTest, ReasonsAddUpToTheScoreOfTheModelThatGaveIt) {
  plan_.folds = 5;
  const Pipeline pipeline = fit(rows());
  const std::vector<int64_t> asked{0, 39, 119};
  const std::vector<double> parts = pipeline.attribute(exec_, pipeline.training(), asked);
  ASSERT_EQ(parts.size(), 3u * 4u);
  for (size_t i = 0; i < 3; ++i) {
    const double sum = std::accumulate(parts.begin() + static_cast<std::ptrdiff_t>(4 * i), parts.begin() + static_cast<std::ptrdiff_t>(4 * i + 4), 0.0);
    const double score = pipeline.training().scores[static_cast<size_t>(asked[i])];
    EXPECT_NEAR(sum, score, 1e-6 * score);
  }
}

TEST_F(PipelineTest, ABlankColumnIsNamed) {
  Table table = rows().with_numbers("y", std::vector<double>(120, std::nan("")));
  plan_.recipe = Recipe::parse(Json::array());
  try {
    fit(table);
    FAIL() << "a blank column went through";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_NE(std::string(error.what()).find("'y'"), std::string::npos) << error.what();
  }
}

TEST_F(PipelineTest, AForeignManifestIsRefusedNotCrashedOn) {
  const Pipeline pipeline = fit(rows());
  Tensors weights;
  const Json good = Json::parse(pipeline.save(weights).dump());
  const Json recipe = pipeline.recipe().to_json(), reference = pipeline.reference().to_json();
  EXPECT_NO_THROW(Pipeline::load(registry_, good, weights, recipe, reference));
  for (const auto& [key, value] : good.items()) {
    for (const Json& other : {Json(), Json("x"), Json(-1), Json::array({1}), Json::object()}) {
      Json hostile = good;
      hostile[key] = other;
      try {
        Pipeline::load(registry_, hostile, weights, recipe, reference);
      } catch (const Error& error) {
        EXPECT_NE(error.code(), Code::bug) << key << " = " << other.dump() << ": " << error.what();
      }
    }
    Json without = good;
    without.erase(key);
    EXPECT_THROW(Pipeline::load(registry_, without, weights, recipe, reference), Error) << key;
  }
  EXPECT_THROW(Pipeline::load(registry_, good, Tensors(), recipe, reference), Error);
}

TEST_F(PipelineTest, AManifestOutOfRangeIsRefused) {
  const Pipeline pipeline = fit(rows());
  Tensors weights;
  const Json good = Json::parse(pipeline.save(weights).dump());
  const Json recipe = pipeline.recipe().to_json(), reference = pipeline.reference().to_json();
  const auto refused = [&](const char* place, const Json& value) {
    Json manifest = good, usual = reference;
    const Json::json_pointer pointer(place);
    (manifest.contains(pointer) ? manifest : usual)[pointer] = value;
    EXPECT_THROW(Pipeline::load(registry_, manifest, weights, recipe, usual), Error) << place;
  };
  refused("/parameters/num_trees", 1000000);
  refused("/parameters/num_samples_per_tree", "many");
  refused("/threshold/folds", 101);
  refused("/threshold/folds", uint64_t{1} << 40);
  refused("/threshold/cutoff", INFINITY);
  refused("/columns/0/quantiles/3", 1e9);
  refused("/columns/0/quantiles/3", nullptr);
  refused("/columns/0/count", -1);
  refused("/levels/5", 0.6);
}

}  // namespace
}  // namespace crisp
