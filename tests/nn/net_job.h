/// Cases of nets for the tests of their steps and gradients.
#pragma once

#include <string>
#include <vector>

#include "tests/nn/nets.h"
#include "train/net_plan.h"

namespace crisp {

struct NetCase {
  std::string name;
  std::vector<int64_t> categories{0, 0, 0};
  int64_t classes = 2;
  Activation activation = Activation::relu;
  int64_t pieces = 1;
  Normalisation normalisation = Normalisation::none;
  bool weights = false;
  NetTraining plan{};
};

/// A net, its rows and its plan.
struct NetJob {
  NetShape shape;
  std::vector<float> edges;
  Rows rows;
  NetTraining plan;

  NetJob(const NetCase& c, int64_t count, int64_t batch)
      : shape(small_net(c.categories, outputs(c), loss(c))), rows(random_rows(count, c.categories, 3, c.classes)), plan(c.plan) {
    shape.activation = c.activation;
    shape.normalisation = c.normalisation;
    if (plan.reconstruct) shape.outputs = static_cast<int64_t>(c.categories.size());
    for (size_t j = 0; j < shape.widths.size() && c.pieces > 1; ++j) {
      if (c.categories[j] > 0) continue;
      shape.widths[j] = c.pieces;
      for (int64_t t = 0; t <= c.pieces; ++t) edges.push_back(-0.8f + 1.6f * static_cast<float>(t) / static_cast<float>(c.pieces));
    }
    for (size_t i = 0; c.weights && i < rows.target.size(); ++i) rows.weights.push_back(0.25f * static_cast<float>(i % 5));
    if (plan.reconstruct) rows.target.clear();
    plan.batch = batch;
    plan.seed = 5;
  }

 private:
  static LossKind loss(const NetCase& c) {
    if (c.classes == 0 || c.plan.reconstruct) return LossKind::squared;
    return c.classes == 2 ? LossKind::logistic : LossKind::softmax;
  }
  static int64_t outputs(const NetCase& c) { return c.classes > 2 ? c.classes : 1; }
};

inline NetCase with_plan(NetCase c, void (*change)(NetTraining&)) {
  change(c.plan);
  return c;
}

}  // namespace crisp
