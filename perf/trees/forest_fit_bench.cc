// Times a forest of the registry on raw float32 files, rows x columns and targets (two classes):
//   forest_fit_bench MODEL ROWS_FILE TARGET_FILE ROWS COLUMNS TEST_ROWS THREADS TREES
// A detector is fitted on all rows and scores them all; a classifier is fitted on all but the last TEST_ROWS, and answers these. Prints one
// JSON line: seconds of the fit and of the answers, ROC-AUC.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "models/registry.h"
#include "perf/trees/bench_rows.h"

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
