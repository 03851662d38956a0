/// Windows of a series for the tests of recurrent nets.
#pragma once

#include <cmath>
#include <vector>

#include "cuda/random.h"
#include "train/net_plan.h"

namespace crisp::nn {

/// Windows that overlap in a series, and the next values of its first column.
struct Windows {
  int64_t steps, columns, answers, rows;
  std::vector<float> series, target;

  Windows(int64_t count, int64_t steps_, int64_t columns_, int64_t answers_, uint64_t seed)
      : steps(steps_), columns(columns_), answers(answers_), rows(count) {
    const int64_t length = count + steps + answers;
    for (int64_t i = 0; i < length; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        const double noise = 0.6 * (random_uniform(seed, static_cast<uint64_t>(j), static_cast<uint64_t>(i)) - 0.5);
        series.push_back(static_cast<float>(std::sin(0.4 * static_cast<double>(i) + static_cast<double>(j)) + noise));
      }
    }
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t h = 0; h < answers; ++h) target.push_back(series[static_cast<size_t>((i + steps + h) * columns)]);
    }
  }
  LabelledRows labelled() const { return {{series.data(), rows, steps * columns, columns}, target, {}, answers}; }
};

inline NetShape shape_of(Cell cell, const Windows& windows, std::vector<int64_t> hidden) {
  NetShape shape;
  for (int64_t j = 0; j < windows.columns; ++j) shape.features.push_back({concat("x", j), 0});
  shape.widths.assign(shape.features.size(), 1);
  shape.hidden = std::move(hidden);
  shape.outputs = windows.answers;
  shape.cell = cell;
  shape.steps = windows.steps;
  return shape;
}

inline FitData data_of(const Windows& train, const Windows* validation = nullptr) {
  FitData data;
  data.task = Task::forecast;
  data.train = train.labelled();
  if (validation) data.validation = validation->labelled();
  return data;
}

}  // namespace crisp::nn
