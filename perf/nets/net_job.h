/// What the benchmarks of nets train: COLUMNS-HIDDEN-HIDDEN-1 on two classes with Adam, every epoch, in batches.
#pragma once

#include <vector>

#include "table/matrix.h"
#include "train/net_plan.h"

namespace crisp {

struct NetJob {
  NetShape shape;
  NetTraining plan;
  FitData data;

  /// Rows and labels must outlive it.
  NetJob(const Matrix& rows, const std::vector<float>& labels, int64_t hidden, int64_t batch, int64_t epochs) {
    const auto columns = static_cast<size_t>(rows.columns());
    shape.features.assign(columns, {"x", 0});
    shape.widths.assign(columns, 1);
    shape.hidden = {hidden, hidden};
    shape.loss = LossKind::logistic;
    plan.epochs = epochs;
    plan.batch = batch;
    plan.optimiser.kind = OptimiserKind::adam;
    plan.stopping.patience = 0;
    plan.restore_best = false;
    data.task = Task::classification;
    data.classes = 2;
    data.train = {rows.view(), labels, {}};
  }
};

}  // namespace crisp
