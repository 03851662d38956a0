#include "run/prediction_folds.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "cuda/error.h"
#include "train/peers.h"
#include "train/shared_training.h"

namespace crisp {
namespace {

/// In the classes of `all`; those that `target` lacks get the probability 0.
Predictions widened(Predictions predictions, const Target& target, const Target& all) {
  if (all.classes().size() == target.classes().size()) return predictions;
  const auto outputs = static_cast<int64_t>(all.classes().size());
  Predictions wide{predictions.rows, outputs, std::vector<double>(static_cast<size_t>(predictions.size() * outputs))};
  for (size_t c = 0; c < target.classes().size(); ++c) {
    const auto place = std::find(all.classes().begin(), all.classes().end(), target.classes()[c]) - all.classes().begin();
    for (int64_t row = 0; row < predictions.size(); ++row) {
      wide.values[static_cast<size_t>(row * outputs + place)] = predictions.view().at(row, static_cast<int64_t>(c));
    }
  }
  return wide;
}

/// One fold, as its own pipeline and the dummy predict it.
struct Fold {
  JudgedRows judged;
  Predictions dummy;
  FoldResult figures;
};

/// Nothing where another process judges.
std::optional<Fold> run_fold(const ProjectFit& fit, const TargetRows& all, const Split& cut, Peers* peers) {
  const TargetRows train = all.take(cut.train);
  const Table test = all.rows.take(cut.test);
  TrainingRun quiet;
  quiet.peers = peers;
  FitNotes unasked;
  const PredictionPipeline pipeline = fit.fit(train, all.take(cut.validation), quiet, unasked);
  if (peers && peers->rank() != 0) return std::nullopt;
  Fold fold{fit.predict(pipeline, test), widened(fit.dummy(train, pipeline.target(), test), pipeline.target(), fit.target),
            {train.size(), test.rows(), NAN, NAN}};
  fold.judged.predictions = widened(std::move(fold.judged.predictions), pipeline.target(), fit.target);
  fold.judged.truth = fit.target.values(test);
  PredictionEvaluationPlan plan;
  plan.intervals.resamples = 0;
  const auto model = judge_predictions(fit.exec, fit.target, fold.judged.predictions, fold.judged.truth, plan);
  const auto without = judge_predictions(fit.exec, fit.target, fold.dummy, fold.judged.truth, plan);
  if (model) fold.figures.metric = model->metrics.front().value;
  if (without) fold.figures.dummy = without->metrics.front().value;
  return fold;
}

/// Where each tested row of the table stands: its fold, and its place there; in the order of the table.
struct FoldPlace {
  int64_t row;
  size_t fold, place;
};

std::vector<FoldPlace> fold_places(const std::vector<Split>& splits) {
  std::vector<FoldPlace> places;
  for (size_t k = 0; k < splits.size(); ++k) {
    for (size_t i = 0; i < splits[k].test.size(); ++i) places.push_back({splits[k].test[i], k, i});
  }
  std::sort(places.begin(), places.end(), [](const FoldPlace& a, const FoldPlace& b) { return a.row < b.row; });
  return places;
}

void append_row(std::vector<double>& values, const Predictions& from, size_t row) {
  const double* const first = from.view().row(static_cast<int64_t>(row));
  values.insert(values.end(), first, first + from.outputs);
}

}  // namespace

FoldedRows predict_folds(const ProjectFit& fit, const TargetRows& all, const std::vector<Split>& splits, Peers* peers) {
  std::vector<Fold> folds;
  FoldedRows out;
  for (size_t k = 0; k < splits.size(); ++k) {
    const Split& cut = splits[k];
    if (const int signal = agreed_signal(peers)) throw Interrupted(signal);
    note("fold ", k + 1, " of ", splits.size(), ": training on ", counted(static_cast<int64_t>(cut.train.size()), "row"));
    auto fold = run_fold(fit, all, cut, peers);
    if (!fold) continue;
    out.folds.push_back(fold->figures);
    folds.push_back(std::move(*fold));
  }
  if (folds.empty()) return out;
  JudgedRows& judged = out.judged;
  judged.target = fit.target;
  judged.predictions.outputs = out.dummy.outputs = folds[0].judged.predictions.outputs;
  for (const FoldPlace& at : fold_places(splits)) {
    const Fold& fold = folds[at.fold];
    out.rows.push_back(at.row);
    append_row(judged.predictions.values, fold.judged.predictions, at.place);
    append_row(out.dummy.values, fold.dummy, at.place);
    judged.truth.push_back(fold.judged.truth[at.place]);
    judged.folds.push_back(static_cast<int64_t>(at.fold) + 1);
  }
  judged.predictions.rows = out.dummy.rows = all.rows.take(out.rows);
  return out;
}

}  // namespace crisp
