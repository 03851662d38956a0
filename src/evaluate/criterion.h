/// What a model must reach: a figure and its bound, for gates and the success criteria of a project.
#pragma once

#include <string>

namespace crisp {

struct Evaluation;
struct PredictionEvaluation;

struct Criterion {
  std::string metric;
  double bound = 0;
  bool at_most = false;  ///< the figure may not be above the bound; else not below

  /// From "roc_auc>=0.8" or "rmse<=3". Code::usage for anything else: an unknown metric (naming the nearest),
  /// a sign that asks for a worse figure.
  static Criterion parse(const std::string& text);
  /// With the sign that suits the metric: at most, where lower is better.
  static Criterion of(const std::string& metric, double bound);

  /// "" where it is met, else what is wrong: "roc_auc is 0.71, wanted at least 0.8". A figure that is not
  /// defined never meets it.
  std::string complaint(double reached) const;
  std::string complaint(const Evaluation& evaluation) const;
  std::string complaint(const PredictionEvaluation& evaluation) const;
};

}  // namespace crisp
