// Times gradient boosting on raw float32 files, rows x columns and targets:
//   gbdt_bench ROWS_FILE TARGET_FILE ROWS COLUMNS TEST_ROWS_FILE TEST_TARGET_FILE TEST_ROWS squared|logistic TREES LEAVES DEPTH THREADS
// Prints one JSON line: seconds of binning and training, ROC-AUC or RMSE on the test rows, peak memory above the loaded rows.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "kernels/forest/traverse.h"
#include "models/gbdt/boosting.h"

namespace {

std::vector<float> read_floats(const std::string& path, int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(values.data()), count * 4)) {
    std::fprintf(stderr, "gbdt_bench: cannot read %lld floats from %s\n", static_cast<long long>(count), path.c_str());
    std::exit(66);
  }
  return values;
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double peak_mb() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double roc_auc(const std::vector<float>& target, const std::vector<double>& scores) {
  std::vector<size_t> order(target.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double ranks = 0, ones = 0;
  for (size_t begin = 0, end; begin < order.size(); begin = end) {
    for (end = begin + 1; end < order.size() && scores[order[end]] == scores[order[begin]];) ++end;
    for (size_t k = begin; k < end; ++k) {
      if (target[order[k]] <= 0.5f) continue;
      ranks += 0.5 * static_cast<double>(begin + end + 1);
      ++ones;
    }
  }
  return (ranks - ones * (ones + 1) / 2) / (ones * (static_cast<double>(target.size()) - ones));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 13) {
    std::fprintf(stderr, "gbdt_bench: 12 arguments, see the head of gbdt_bench.cc\n");
    return 64;
  }
  const auto integer = [&](int k) { return std::atoll(arguments[k]); };
  const int64_t rows = integer(3), columns = integer(4), test_rows = integer(7);
  const std::vector<float> values = read_floats(arguments[1], rows * columns), target = read_floats(arguments[2], rows);
  const std::vector<float> test_values = read_floats(arguments[5], test_rows * columns), test_target = read_floats(arguments[6], test_rows);
  const bool logistic = std::string(arguments[8]) == "logistic";

  crisp::BoostingPlan plan;
  plan.objective.objective = logistic ? crisp::Objective::logistic : crisp::Objective::squared;
  plan.rounds = integer(9);
  plan.growth.max_leaves = integer(10);
  plan.growth.max_depth = integer(11);
  plan.growth.rules.lambda_l2 = 1;
  plan.growth.rules.min_child_weight = 1;
  crisp::Exec exec(crisp::Device::cpu(), static_cast<int>(integer(12)));
  crisp::FitData data;
  data.train = {{values.data(), rows, columns, columns}, target, {}};
  const double before = peak_mb(), start = now();
  double binned = 0, trained = 0, quality = 0;
  {
    crisp::Booster booster(exec, data, plan);
    binned = now() - start;
    for (int64_t round = 0; round < plan.rounds; ++round) booster.boost();
    trained = now() - start - binned;
    const double memory = peak_mb() - before;
    std::vector<double> scores(test_target.size());
    const crisp::TreeParts parts = booster.parts(plan.rounds);
    crisp::Forest(exec, parts.trees.view()).sum(exec, {test_values.data(), test_rows, columns, columns}, {scores.data(), test_rows, 1, 1});
    for (double& score : scores) score += parts.base[0];
    if (logistic) {
      quality = roc_auc(test_target, scores);
    } else {
      for (size_t i = 0; i < scores.size(); ++i) quality += std::pow(scores[i] - test_target[i], 2) / static_cast<double>(test_rows);
      quality = std::sqrt(quality);
    }
    std::printf("{\"bin\": %.4f, \"train\": %.4f, \"total\": %.4f, \"quality\": %.5f, \"memory_mb\": %.1f, \"leaves\": %lld}\n", binned, trained,
                binned + trained, quality, memory, static_cast<long long>((booster.trees().view().nodes() + plan.rounds) / 2));
  }
}
