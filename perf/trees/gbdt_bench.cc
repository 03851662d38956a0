// Times gradient boosting on raw float32 files, rows x columns and targets:
//   gbdt_bench ROWS_FILE TARGET_FILE ROWS COLUMNS TEST_ROWS_FILE TEST_TARGET_FILE TEST_ROWS squared|logistic TREES LEAVES DEPTH THREADS L2
// Prints one JSON line: seconds of binning and training, ROC-AUC or RMSE on the test rows, peak memory above the loaded rows.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "kernels/forest/traverse.h"
#include "models/gbdt/boosting.h"
#include "perf/trees/bench_rows.h"

int main(int count, char** arguments) {
  if (count != 14) {
    std::fprintf(stderr, "gbdt_bench: 13 arguments, see the head of gbdt_bench.cc\n");
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
  plan.growth.rules.lambda_l2 = static_cast<double>(integer(13));
  plan.growth.rules.min_child_weight = 1;
  plan.growth.rules.min_child_rows = 10;                   // crisp train's defaults
  plan.growth.rules.path_smooth = logistic ? 10 : 0;
  crisp::Exec exec(crisp::Device::cpu(), static_cast<int>(integer(12)));
  crisp::FitData data;
  data.train = {{values.data(), rows, columns, columns}, target, {}};
  const PeakMemory peak;
  const double start = now();
  double binned = 0, trained = 0, quality = 0;
  {
    crisp::Booster booster(exec, data, plan);
    binned = now() - start;
    for (int64_t round = 0; round < plan.rounds; ++round) booster.boost();
    trained = now() - start - binned;
    const double memory = peak.mb();
    std::vector<double> scores(test_target.size());
    const crisp::TreeParts parts = booster.parts(plan.rounds);
    crisp::Forest(exec, parts.trees.view()).sum(exec, {test_values.data(), test_rows, columns, columns}, {scores.data(), test_rows, 1, 1});
    for (double& score : scores) score += parts.base[0];
    if (logistic) {
      quality = roc_auc(test_target.data(), scores);
    } else {
      for (size_t i = 0; i < scores.size(); ++i) quality += std::pow(scores[i] - test_target[i], 2) / static_cast<double>(test_rows);
      quality = std::sqrt(quality);
    }
    std::printf("{\"bin\": %.4f, \"train\": %.4f, \"total\": %.4f, \"quality\": %.5f, \"memory_mb\": %.1f, \"leaves\": %lld}\n", binned, trained,
                binned + trained, quality, memory, static_cast<long long>((booster.trees().view().nodes() + plan.rounds) / 2));
  }
}
