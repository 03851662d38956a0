/// Forecasts without a model: a series goes on as it was a season ago, or as it was last.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

/// Reads the target's own column of a window, which must be in the target's unit and may have missing values: these are
/// answered by the season before, then by the newest value that there is, then by `otherwise`.
struct NaivePlan {
  int64_t columns = 1;    ///< of a row
  int64_t steps = 1;      ///< rows of a window
  int64_t target = 0;     ///< its column
  int64_t season = 1;     ///< 1: the last value
  int64_t horizon = 1;
  double otherwise = 0;
};

std::unique_ptr<Model> make_naive_model(const NaivePlan& plan);
/// Code::data for anything that its save() did not write.
std::unique_ptr<Model> load_naive_model(const Tensors& weights, const Json& about);
/// Whether `about` is of such a model.
bool is_naive_model(const Json& about);

}  // namespace crisp
