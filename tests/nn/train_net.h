/// Trainings of nets of dense layers, for the tests of what happens to them.
#pragma once

#include <string>
#include <vector>

#include "nn/feed_forward_step.h"
#include "nn/product_scope.h"
#include "nn/trainer.h"
#include "tests/nn/nets.h"

namespace crisp::nn {

/// The parameters in the end.
inline std::vector<float> train_net(const NetShape& shape, const NetTraining& plan, const FitData& data, TrainingRun& run, int threads) {
  const ProductScope scope;
  Exec exec(Device::cpu(), threads);
  const FeedForward net(shape, {});
  FeedForwardStep step(exec, net, plan, data, run.peers);
  return Trainer(exec, step, plan, data, run).train({});
}

/// A run that leaves a checkpoint each epoch.
inline TrainingRun run_in(const std::string& directory, bool resume) {
  TrainingRun where;
  where.directory = directory;
  where.resume = resume;
  where.checkpoints = {.epochs = 1, .steps = 0, .seconds = 0, .keep = 3};
  return where;
}

}  // namespace crisp::nn
