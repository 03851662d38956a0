// Gradient boosting on invented rows: perf_gpu_boosting [DEVICE] [ROWS] [LEAVES], by default cuda:0, 1,000,000 and 255. One JSON line:
// seconds of binning and of the rounds after the first, rows a second, and a hash of trees and scores, which every device gives.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "cuda/random.h"
#include "models/gbdt/boosting.h"

namespace {

using namespace crisp;

constexpr int64_t kColumns = 28;
constexpr int kRounds = 10;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct InventedRows {
  std::vector<float> values, target;
};

/// Numbers, some missing; the class depends on some of them.
InventedRows invented(Exec& exec, int64_t rows) {
  InventedRows table{std::vector<float>(static_cast<size_t>(rows * kColumns)), std::vector<float>(static_cast<size_t>(rows))};
  exec.threads().for_ranges(rows, 1 << 14, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      float* row = table.values.data() + i * kColumns;
      for (int64_t j = 0; j < kColumns; ++j) row[j] = static_cast<float>(random_uniform(1, static_cast<uint64_t>(j), static_cast<uint64_t>(i)));
      const float sum = row[0] * row[1] + row[2] * row[2] - row[3] + 0.5f * row[kColumns - 1];
      table.target[static_cast<size_t>(i)] = sum > 0.33f ? 1.0f : 0.0f;
    }
  });
  return table;
}

/// FNV-1a, 64 bits.
template <class T>
uint64_t hashed(const T* values, int64_t count, uint64_t hash) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(values);
  for (size_t i = 0; i < static_cast<size_t>(count) * sizeof(T); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

uint64_t hash_of(Booster& booster) {
  const Trees& trees = booster.trees();
  const MatrixView<const float> scores = booster.train_scores();
  uint64_t hash = 0xcbf29ce484222325u;
  hash = hashed(trees.feature.data(), static_cast<int64_t>(trees.feature.size()), hash);
  hash = hashed(trees.threshold.data(), static_cast<int64_t>(trees.threshold.size()), hash);
  hash = hashed(trees.value.data(), static_cast<int64_t>(trees.value.size()), hash);
  return hashed(scores.data, scores.rows * scores.columns, hash);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const int64_t rows = count > 2 ? std::atoll(arguments[2]) : 1'000'000;
    CRISP_REQUIRE(rows > 0, Code::usage, "ROWS is not a positive number");
    Exec exec(parse_device(count > 1 ? arguments[1] : "cuda:0"));
    const InventedRows table = invented(exec, rows);
    FitData data;
    data.train = {{table.values.data(), rows, kColumns, kColumns}, table.target, {}};
    BoostingPlan plan;
    plan.objective.objective = Objective::logistic;
    plan.growth.max_leaves = count > 3 ? std::atoll(arguments[3]) : 255;
    plan.growth.rules.lambda_l2 = 1;
    const double start = now();
    Booster booster(exec, data, plan);
    booster.boost();
    exec.synchronize();
    const double begun = now();
    for (int round = 0; round < kRounds; ++round) booster.boost();
    exec.synchronize();
    const double seconds = now() - begun;
    std::printf("{\"first_seconds\": %.4f, \"rounds\": %d, \"seconds\": %.4f, \"rows_per_second\": %.0f, \"hash\": \"%016llx\"}\n", begun - start, kRounds,
                seconds, static_cast<double>(rows) * kRounds / seconds, static_cast<unsigned long long>(hash_of(booster)));
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "perf_gpu_boosting: %s\n  %s\n", error.what(), error.hint().c_str());
    return static_cast<int>(error.code());
  }
}
