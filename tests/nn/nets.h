/// Small nets and rows for the tests of src/nn.
#pragma once

#include <vector>

#include "cuda/random.h"
#include "table/matrix.h"
#include "train/net_plan.h"

namespace crisp {

struct Rows {
  Matrix matrix;
  std::vector<float> target, weights;
  LabelledRows labelled() const { return {matrix.view(), target, weights}; }
};

/// Random numbers in [-1, 1), codes 0 ... categories - 1 where `categories` says so; two classes that follow from them.
inline Rows random_rows(int64_t rows, const std::vector<int64_t>& categories, uint64_t seed, int64_t classes = 2) {
  Rows out{Matrix(rows, static_cast<int64_t>(categories.size())), {}, {}};
  for (int64_t i = 0; i < rows; ++i) {
    double sum = 0;
    for (size_t j = 0; j < categories.size(); ++j) {
      const auto place = static_cast<uint64_t>(i);
      const double draw = random_uniform(seed, j, place);
      const double value = categories[j] > 0 ? std::floor(draw * static_cast<double>(categories[j])) : 2 * draw - 1;
      out.matrix.view().at(i, static_cast<int64_t>(j)) = static_cast<float>(value);
      sum += value * (j % 2 ? -1.0 : 1.5);
    }
    const double noise = random_uniform(seed, 1000, static_cast<uint64_t>(i)) - 0.5;
    out.target.push_back(static_cast<float>(classes == 0 ? sum + noise : std::clamp<int64_t>(static_cast<int64_t>(std::floor(sum + noise + 1)), 0, classes - 1)));
  }
  return out;
}

inline NetShape small_net(const std::vector<int64_t>& categories, int64_t outputs, LossKind loss) {
  NetShape shape;
  for (size_t j = 0; j < categories.size(); ++j) {
    shape.features.push_back({concat("x", j), categories[j]});
    shape.widths.push_back(categories[j] > 0 ? 3 : 1);
  }
  shape.hidden = {16, 8};
  shape.outputs = outputs;
  shape.loss = loss;
  return shape;
}

inline FitData fit_data(const Rows& train, const Rows* validation = nullptr) {
  FitData data;
  data.task = Task::classification;
  data.classes = 2;
  data.train = train.labelled();
  if (validation) data.validation = validation->labelled();
  return data;
}

}  // namespace crisp
