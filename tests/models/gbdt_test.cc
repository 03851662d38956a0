#include "models/gbdt/boosting.h"

#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <limits>
#include <map>

#include "core/interrupt.h"
#include "core/sha256.h"
#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "cuda/random.h"
#include "models/gbdt/gbdt.h"
#include "tests/core/scratch.h"
#include "tests/thread_peers.h"
#include "train/checkpoint.h"

namespace crisp {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Numbers with steps and bends, some missing, and a category of which some codes matter.
struct Sample {
  static constexpr int64_t kColumns = 5;
  std::vector<float> values, target, weights;
  std::vector<FeatureInfo> features{{"a"}, {"b"}, {"kind", 6}, {"noise"}, {"few"}};

  Sample(int64_t rows, int64_t classes, uint64_t seed = 1) {
    for (int64_t i = 0; i < rows; ++i) {
      const auto draw = [&](uint64_t stream) { return random_uniform(seed, stream, static_cast<uint64_t>(i)); };
      const double a = 4 * draw(0) - 2, b = draw(1);
      const auto kind = static_cast<float>(random_below(seed, 2, static_cast<uint64_t>(i), 6));
      const bool missing = draw(3) < 0.1;
      values.insert(values.end(), {static_cast<float>(a), missing ? kNan : static_cast<float>(b), kind, static_cast<float>(draw(4)),
                                   static_cast<float>(random_below(seed, 5, static_cast<uint64_t>(i), 3))});
      const double sum = a * a + (missing ? 1.5 : b) + (kind == 1 || kind == 4 ? 1 : 0) + 0.3 * (draw(6) - 0.5);
      target.push_back(classes == 0 ? static_cast<float>(sum) : static_cast<float>(std::min<int64_t>(classes - 1, static_cast<int64_t>(sum * static_cast<double>(classes) / 6))));
    }
  }
  LabelledRows rows() const { return {{values.data(), static_cast<int64_t>(target.size()), kColumns, kColumns}, target, weights}; }
  FitData data(int64_t classes) const {
    FitData data;
    data.task = classes > 0 ? Task::classification : Task::regression;
    data.classes = classes;
    data.features = features;
    data.train = rows();
    return data;
  }
};

std::string hash_of(const Model& model) {
  Tensors weights;
  Json about = Json::object();
  model.save(weights, about);
  std::vector<uint8_t> bytes = weights.serialise();
  const std::string text = to_text(about);
  bytes.insert(bytes.end(), text.begin(), text.end());
  return sha256_hex(bytes);
}

std::unique_ptr<Model> fit(const FitData& data, const Json& params, int threads = 2, uint64_t seed = 1, TrainingRun run = {}) {
  Exec exec(Device::cpu(), threads);
  const auto learner = make_gbdt();
  return learner->fit(exec, data, learner->params().resolve(params), seed, run);
}

std::vector<double> answers(const Model& model, MatrixView<const float> rows) {
  Exec exec(Device::cpu(), 2);
  std::vector<double> out(static_cast<size_t>(rows.rows * model.outputs()));
  model.scorer(exec)->score(exec, rows, out);
  return out;
}

double rmse(const Model& model, const Sample& sample) {
  const std::vector<double> got = answers(model, sample.rows().rows);
  double sum = 0;
  for (size_t i = 0; i < got.size(); ++i) sum += std::pow(got[i] - sample.target[i], 2);
  return std::sqrt(sum / static_cast<double>(got.size()));
}

/// The model of each of several processes, which are all alike.
std::string hash_by_processes(int size, const FitData& data, const Json& params) {
  std::vector<std::string> hashes(static_cast<size_t>(size));
  ThreadCompany company(size);
  company.run([&](Peers& peers) {
    TrainingRun run;
    run.peers = &peers;
    hashes[static_cast<size_t>(peers.rank())] = hash_of(*fit(data, params, 1 + peers.rank(), 1, std::move(run)));
  });
  for (const std::string& hash : hashes) EXPECT_EQ(hash, hashes.front());
  return hashes.front();
}

/// Of a run that is asked to stop after every round, and goes on.
std::string hash_by_rounds(const FitData& data, const Json& params) {
  const Scratch folder;
  request_interrupt(SIGTERM);
  for (bool resume = false;; resume = true) {
    TrainingRun run;
    run.directory = folder.path();
    run.resume = resume;
    try {
      fit(data, params, 2, 1, run);
    } catch (const Interrupted&) {
      const int64_t rounds = CheckpointStore(run.directory + "/" + run.folder, 3).newest()->step;
      if (rounds < params["n_estimators"].get<int64_t>()) continue;
    }
    clear_interrupt();
    run.resume = true;
    return hash_of(*fit(data, params, 2, 1, std::move(run)));
  }
}

const Json kOneModel{{"n_estimators", 6}, {"num_leaves", 40}, {"min_child_samples", 20}, {"path_smooth", 0.0}, {"subsample", 0.8}, {"colsample_bytree", 0.8}, {"colsample_bynode", 0.7}};
constexpr int64_t kOneModelRows = 70'000;  // beyond what one thread works on alone
/// By the number of classes. They change only where somebody means to change what is learned.
const std::map<int64_t, std::string> kOneHash{{0, "c610308920c4b333"}, {2, "c9a084b0a9c5c94f"}, {3, "8d2ab5b07b8ff028"}};

/// One hash for all of it: threads, instruction sets, processes, and a run that was stopped after each round and went on; of a GPU below.
TEST(Gbdt, IsOneModelHoweverItIsGrown) {
  for (const auto& [classes, one] : kOneHash) {
    const Sample sample(kOneModelRows, classes);
    const FitData data = sample.data(classes);
    const std::string want = hash_of(*fit(data, kOneModel, 1));
    EXPECT_EQ(want.substr(0, 16), one);
    for (const int threads : {2, 3, 7, 64}) EXPECT_EQ(hash_of(*fit(data, kOneModel, threads)), want) << threads << " threads";
    for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2}) {
      isa_limit() = isa;
      EXPECT_EQ(hash_of(*fit(data, kOneModel)), want);
    }
    isa_limit() = CpuIsa::avx512;
    for (const int size : {2, 3, 4}) EXPECT_EQ(hash_by_processes(size, data, kOneModel), want) << size << " processes";
    EXPECT_EQ(hash_by_rounds(data, kOneModel), want);
    EXPECT_NE(hash_of(*fit(data, kOneModel, 2, 2)), want) << "another seed draws other rows";
    std::printf("gbdt of %lld classes: %s\n", static_cast<long long>(classes), one.c_str());
  }
}

/// The emulated device runs it too (tests/emulation); tests/engines/boosted_rows_test.cc compares what it is made of.
TEST(Gbdt, IsTheSameModelOnAGpu) {
  if (cuda_devices().empty()) GTEST_SKIP() << "no GPU here: " << cuda_absence_reason();
  for (const auto& [classes, one] : kOneHash) {
    const Sample sample(kOneModelRows, classes);
    Exec gpu(Device::cuda(0), 2);
    const auto learner = make_gbdt();
    TrainingRun run;
    testing::internal::CaptureStderr();
    EXPECT_EQ(hash_of(*learner->fit(gpu, sample.data(classes), learner->params().resolve(kOneModel), 1, run)).substr(0, 16), one);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "it is not the CPU that trains";
  }
}

/// 40,000 rows: nodes of both layouts, and shares that are smaller than either's limit.
TEST(Gbdt, IsOneModelInAnyNumberOfProcesses) {
  const auto expect_one = [](const FitData& data, Json params) {
    params.update({{"n_estimators", 4}, {"num_leaves", 20}});
    const std::string want = hash_of(*fit(data, params));
    for (const int size : {2, 3, 4}) EXPECT_EQ(hash_by_processes(size, data, params), want) << size << " processes, " << params.dump();
  };
  Sample numbers(40'000, 0), few(50, 0);
  for (float& target : numbers.target) target += 1;  // events are counted from 0 on
  for (const char* objective : {"squared", "absolute", "huber", "quantile", "poisson"}) {
    numbers.weights.clear();
    expect_one(numbers.data(0), {{"objective", objective}, {"subsample", 0.7}});
    for (size_t i = 0; i < numbers.target.size(); ++i) numbers.weights.push_back(0.5f + static_cast<float>(i % 97));
    expect_one(numbers.data(0), {{"objective", objective}, {"grow_policy", "depthwise"}, {"subsample", 0.7}});
  }
  expect_one(few.data(0), {{"min_child_samples", 2}, {"subsample", 0.1}});
  const Sample classes(40'000, 3), other(3000, 3, 7);
  FitData watched = classes.data(3);
  watched.validation = other.rows();
  expect_one(watched, {{"learning_rate", 2.0}, {"patience", 1}, {"class_weight", "balanced"}, {"colsample_bynode", 0.5}});
}

/// Whatever it was about to do; another number of processes goes on from what is left.
TEST(Gbdt, LeavesACheckpointOfTheLastWholeRoundWhereAProcessIsLost) {
  Sample sample(2000, 3), other(300, 3, 5);
  FitData data = sample.data(3);
  data.validation = other.rows();
  const Json params{{"n_estimators", 8}, {"num_leaves", 8}, {"patience", 3}};
  const std::string want = hash_of(*fit(data, params));
  for (int calls = 40; calls < 140; calls += 9) {
    const Scratch folder;
    ThreadCompany company(3);
    EXPECT_ANY_THROW(company.run([&](Peers& peers) {
      Mortal mortal(peers, calls);
      TrainingRun run;
      run.peers = peers.rank() == 2 ? &mortal : &peers;
      if (peers.rank() == 0) run.directory = folder.path();
      fit(data, params, 1, 1, std::move(run));
    }));
    try {
      std::rethrow_exception(company.errors().front());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::interrupted);
      EXPECT_NE(std::string(error.what()).find("process 2 was lost after round"), std::string::npos) << error.what();
    }
    const int size = 1 + calls % 2;
    std::string got;
    ThreadCompany(size).run([&](Peers& peers) {
      TrainingRun run;
      if (size > 1) run.peers = &peers;
      if (peers.rank() == 0) run.directory = folder.path();
      run.resume = true;
      const auto model = fit(data, params, 1, 1, std::move(run));
      if (peers.rank() == 0) got = hash_of(*model);
    });
    EXPECT_EQ(got, want) << calls << " calls";
  }
}

TEST(Gbdt, GoesOnFromTheTreesOfAnyRound) {
  const Sample sample(3000, 3);
  FitData data = sample.data(3);
  const Sample other(500, 3, 9);
  data.validation = other.rows();
  BoostingPlan plan;
  plan.objective = {Objective::softmax, 0, 1, 3};
  plan.growth.max_leaves = 12;
  plan.rows_share = 0.9;
  Exec exec(Device::cpu(), 2);
  Booster whole(exec, data, plan);
  for (int round = 0; round < 6; ++round) whole.boost();
  const double loss = whole.validation_loss();
  for (int64_t stop = 0; stop <= 6; ++stop) {
    Booster again(exec, data, plan);
    again.restore(whole.parts(stop).trees);
    EXPECT_EQ(again.rounds(), stop);
    while (again.rounds() < 6) again.boost();
    EXPECT_EQ(hash_of(*make_tree_model(again.parts(6))), hash_of(*make_tree_model(whole.parts(6)))) << "stopped after " << stop;
    EXPECT_EQ(again.validation_loss(), loss);
  }
}

TEST(Gbdt, LearnsBendsCategoriesAndWhatIsMissing) {
  const Sample train(8000, 0), test(2000, 0, 2);
  const auto model = fit(train.data(0), {{"n_estimators", 200}});
  EXPECT_LT(rmse(*model, test), 0.13) << "noise alone is 0.087";
}

TEST(Gbdt, StopsEarlyAndKeepsTheBestRound) {
  const Sample train(400, 2), other(400, 2, 3);
  FitData data = train.data(2);
  data.validation = other.rows();
  const auto learner = make_gbdt();
  Exec exec(Device::cpu(), 1);
  TrainingRun run;
  const Json params{{"n_estimators", 500}, {"patience", 10}, {"learning_rate", 0.3}};
  const auto model = learner->fit(exec, data, learner->params().resolve(params), 1, run);
  const int64_t best = run.facts["best_epoch"].get<int64_t>();
  EXPECT_TRUE(run.facts["stopped_early"].get<bool>());
  EXPECT_EQ(run.facts["epochs"].get<int64_t>(), best + 10);
  EXPECT_EQ(dynamic_cast<const TreeModel&>(*model).parts().trees.view().trees(), best);
  double least = 1e9;
  for (const Json& record : run.history) least = std::min(least, record["validation_loss"].get<double>());
  EXPECT_EQ(run.history[static_cast<size_t>(best - 1)]["validation_loss"].get<double>(), least);
}

TEST(Gbdt, AnswersRiseAndFallWithMonotoneColumns) {
  const Sample train(4000, 0);
  const auto model = fit(train.data(0), {{"monotone_constraints", "a: 1, b: -1"}, {"num_leaves", 60}});
  std::vector<float> rows;
  constexpr int64_t kSteps = 60;
  for (const int64_t column : {0, 1}) {
    for (int64_t step = 0; step < kSteps; ++step) {
      std::vector<float> row{0.3f, 0.4f, 1, 0.5f, 1};
      row[static_cast<size_t>(column)] = static_cast<float>(-2.0 + 4.0 * static_cast<double>(step) / kSteps);
      rows.insert(rows.end(), row.begin(), row.end());
    }
  }
  const std::vector<double> got = answers(*model, {rows.data(), 2 * kSteps, 5, 5});
  for (size_t i = 1; i < kSteps; ++i) {
    EXPECT_GE(got[i], got[i - 1]);
    EXPECT_LE(got[kSteps + i], got[kSteps + i - 1]);
  }
  EXPECT_GT(got[kSteps - 1], got[0] + 0.5) << "it is not flat";
}

TEST(Gbdt, QuantilesHaveTheirShareBelow) {
  const Sample train(6000, 0), test(3000, 0, 5);
  for (const double share : {0.1, 0.5, 0.9}) {
    const auto model = fit(train.data(0), {{"objective", "quantile"}, {"quantile_alpha", share}, {"n_estimators", 100}, {"num_leaves", 6}});
    const std::vector<double> got = answers(*model, test.rows().rows);
    double below = 0;
    for (size_t i = 0; i < got.size(); ++i) below += test.target[i] <= got[i];
    EXPECT_NEAR(below / static_cast<double>(got.size()), share, 0.03);
  }
  const auto median = fit(train.data(0), {{"objective", "absolute"}, {"n_estimators", 150}});
  EXPECT_LT(rmse(*median, test), 0.2);
}

TEST(Gbdt, WeighsRows) {
  Sample twice(1500, 0), weighted(1500, 0);
  const size_t count = weighted.target.size();
  for (size_t i = 0; i < count; ++i) weighted.weights.push_back(i % 3 == 0 ? 0.0f : 1.0f);
  Sample without(0, 0);
  for (size_t i = 0; i < count; ++i) {
    if (i % 3 == 0) continue;
    without.values.insert(without.values.end(), twice.values.begin() + static_cast<int64_t>(5 * i), twice.values.begin() + static_cast<int64_t>(5 * i + 5));
    without.target.push_back(twice.target[i]);
  }
  const Json params{{"min_child_samples", 1}, {"min_child_weight", 5.0}, {"n_estimators", 60}};
  EXPECT_NEAR(rmse(*fit(weighted.data(0), params), without), rmse(*fit(without.data(0), params), without), 0.01) << "no weight is no row";
  for (float& weight : weighted.weights) weight = 0;
  const auto nothing = fit(weighted.data(0), params);
  for (const double answer : answers(*nothing, twice.rows().rows)) EXPECT_TRUE(std::isfinite(answer));
}

TEST(Gbdt, TakesWhatHardlyIsATable) {
  Sample one(1, 0);
  EXPECT_FLOAT_EQ(static_cast<float>(answers(*fit(one.data(0), {}), one.rows().rows)[0]), one.target[0]) << "one row";
  Sample same(200, 2);
  for (float& label : same.target) label = 1;
  EXPECT_GT(answers(*fit(same.data(2), {}), same.rows().rows)[1], 0.999) << "one class only";
  Sample blank(200, 0);
  for (size_t i = 0; i < blank.values.size(); ++i) blank.values[i] = i % 5 == 0 ? 7.0f : kNan;
  const auto model = fit(blank.data(0), {});
  EXPECT_EQ(dynamic_cast<const TreeModel&>(*model).parts().trees.view().nodes(),
            dynamic_cast<const TreeModel&>(*model).parts().trees.view().trees()) << "constant and missing columns part nothing";
  EXPECT_THROW(fit(Sample(0, 0).data(0), {}), Error) << "no rows";
}

TEST(Gbdt, NamesWhatIsWrongWithMonotoneConstraints) {
  const Sample sample(50, 0);
  for (const auto& [text, part] : {std::pair{"nose: 1", "did you mean 'noise'"}, {"a: 2", "expected 1, 0 or -1"}, {"1, 1, 1, 1, 1, 1", "more numbers than the 5 columns"}}) {
    try {
      fit(sample.data(0), {{"monotone_constraints", text}});
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE((std::string(error.what()) + error.hint()).find(part), std::string::npos) << error.what();
    }
  }
}

TEST(Gbdt, CountsEventsOnly) {
  Sample sample(50, 0);
  sample.target[7] = -1;
  EXPECT_THROW(fit(sample.data(0), {{"objective", "poisson"}}), Error);
  sample.target[7] = 0;
  for (const double answer : answers(*fit(sample.data(0), {{"objective", "poisson"}}), sample.rows().rows)) EXPECT_GT(answer, 0);
}

}  // namespace
}  // namespace crisp
