// Times a forest of the registry on raw float32 files, rows x columns and targets (two classes):
//   forest_fit_bench MODEL ROWS_FILE TARGET_FILE ROWS COLUMNS TEST_ROWS THREADS TREES
// A detector is fitted on all rows and scores them all; a classifier is fitted on all but the last TEST_ROWS, and answers these. Prints one
// JSON line: seconds of the fit and of the answers, ROC-AUC.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "models/registry.h"

namespace {

std::vector<float> read_floats(const std::string& path, int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(values.data()), count * 4)) {
    std::fprintf(stderr, "forest_fit_bench: cannot read %lld floats from %s\n", static_cast<long long>(count), path.c_str());
    std::exit(66);
  }
  return values;
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// The share of pairs of a 1 and a 0 in which the 1 has more; equal ones count half.
double roc_auc(const float* target, const std::vector<double>& scores) {
  std::vector<size_t> order(scores.size());
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
  return (ranks - ones * (ones + 1) / 2) / (ones * (static_cast<double>(scores.size()) - ones));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 9) {
    std::fprintf(stderr, "forest_fit_bench: 8 arguments, see the head of forest_fit_bench.cc\n");
    return 64;
  }
  const auto integer = [&](int k) { return std::atoll(arguments[k]); };
  const int64_t rows = integer(4), columns = integer(5), held_out = integer(6);
  const std::vector<float> values = read_floats(arguments[2], rows * columns), target = read_floats(arguments[3], rows);

  crisp::Registry registry;
  crisp::register_models(registry);
  const crisp::Learner& learner = registry.at(arguments[1]);
  const bool detector = learner.does(crisp::Task::anomaly);
  const int64_t train = detector ? rows : rows - held_out, first = detector ? 0 : train;
  crisp::FitData data;
  data.task = detector ? crisp::Task::anomaly : crisp::Task::classification;
  data.classes = detector ? 0 : 2;
  data.train.rows = {values.data(), train, columns, columns};
  if (!detector) data.train.target = {target.data(), static_cast<size_t>(train)};
  crisp::Json params{{"n_estimators", integer(8)}};
  if (std::string(arguments[1]) == "random_forest") params["oob_score"] = false;

  crisp::Exec exec(crisp::Device::cpu(), static_cast<int>(integer(7)));
  crisp::TrainingRun run;
  const double start = now();
  const auto model = learner.fit(exec, data, learner.params().resolve(params), 1, run);
  const double fitted = now();
  const int64_t asked = rows - first, outputs = model->outputs();
  std::vector<double> answers(static_cast<size_t>(asked * outputs)), scores;
  model->scorer(exec)->score(exec, {values.data() + first * columns, asked, columns, columns}, answers);
  const double answered = now();
  for (int64_t i = 0; i < asked; ++i) scores.push_back(answers[static_cast<size_t>((i + 1) * outputs - 1)]);
  std::printf("{\"fit\": %.4f, \"answer\": %.4f, \"roc_auc\": %.5f}\n", fitted - start, answered - fitted, roc_auc(target.data() + first, scores));
}
