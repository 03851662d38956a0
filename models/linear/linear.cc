#include "models/linear/linear.h"

#include <cmath>
#include <limits>

#include "core/log.h"
#include "cuda/error.h"
#include "models/linear/least_squares.h"
#include "models/linear/linear_model.h"
#include "models/linear/logistic.h"

namespace crisp {
namespace {

constexpr int64_t kMostColumns = 20'000;

Param intercept_param() {
  return {.name = "fit_intercept", .fallback = true, .help = "whether the sum has a constant of its own", .aliases = {"intercept"}};
}
Param passes_param(int64_t usual) {
  return {.name = "max_iter", .fallback = usual, .help = "the most passes over the columns, or steps", .low = 1, .high = 1e7,
          .aliases = {"max_iterations", "epochs"}};
}
Param tolerance_param(double usual, const char* help) {
  return {.name = "tol", .fallback = usual, .help = help, .low = 0, .high = 1, .log_scale = true, .aliases = {"tolerance"}};
}
Param alpha_param(const char* help) {
  return {.name = "alpha", .fallback = 1.0, .help = help, .low = 0, .high = 1e12, .log_scale = true, .aliases = {"l2", "lambda"}};
}
std::vector<Param> logistic_params() {
  return {{.name = "C", .fallback = 1.0, .help = "of classes: how much the rows count against the penalty on large weights; 1e30: no penalty",
           .low = 1e-12, .high = 1e30, .log_scale = true, .aliases = {"c", "inverse_regularization"}},
          {.name = "class_weight", .fallback = std::string("none"), .help = "of classes: balanced lets rare ones weigh as much as usual ones",
           .choices = {"none", "balanced"}},
          intercept_param(),
          tolerance_param(1e-8, "of classes: ends where no part of the loss's gradient is larger"),
          passes_param(1000)};
}

/// What the kinds differ in.
struct LinearKind {
  const char *name, *title, *about;
  std::vector<std::string> aliases;
  std::vector<Task> tasks;
  ParamTable params;
  Eigen::MatrixXd (*solve)(const Triangle&, const Params&, Json& facts);  ///< of numbers: a column a target
};

Eigen::MatrixXd solve_linear(const Triangle& triangle, const Params&, Json&) { return solve_ridge(triangle, 0); }

Eigen::MatrixXd solve_ridge_kind(const Triangle& triangle, const Params& params, Json&) {
  return solve_ridge(triangle, params.real("alpha"));
}

Eigen::MatrixXd solve_shrunk(const Triangle& triangle, const Params& params, double l1_ratio, Json& facts) {
  const ElasticNetFit fit = solve_elastic_net(triangle, {params.real("alpha"), l1_ratio, params.real("tol"), params.integer("max_iter")});
  facts = {{"passes", fit.passes}, {"converged", fit.converged}, {"weights_not_zero", (fit.weights.array() != 0).count()}};
  return fit.weights;
}
Eigen::MatrixXd solve_lasso(const Triangle& triangle, const Params& params, Json& facts) { return solve_shrunk(triangle, params, 1, facts); }
Eigen::MatrixXd solve_elastic(const Triangle& triangle, const Params& params, Json& facts) {
  return solve_shrunk(triangle, params, params.real("l1_ratio"), facts);
}

class LinearLearner : public Learner {
 public:
  explicit LinearLearner(LinearKind kind) : kind_(std::move(kind)) {}

  std::string name() const override { return kind_.name; }
  std::string title() const override { return kind_.title; }
  std::string about() const override { return kind_.about; }
  std::vector<std::string> aliases() const override { return kind_.aliases; }
  std::vector<Task> tasks() const override { return kind_.tasks; }
  bool weighs_rows() const override { return true; }
  const ParamTable& params() const override { return kind_.params; }

  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t, TrainingRun& run) const override {
    CRISP_REQUIRE(data.train.rows.rows > 0, Code::data, "no rows to learn from");
    CRISP_REQUIRE(data.train.rows.columns <= kMostColumns, Code::data, "a linear model takes up to ", kMostColumns,
                  " columns, the data have ", data.train.rows.columns);
    LinearParts parts = data.task == Task::classification ? fit_classes(exec, data, params, run) : fit_numbers(exec, data, params, run);
    if (run.facts.value("converged", true) == false) {
      warn(kind_.title, " stopped after max_iter = ", params.integer("max_iter"), " before it had settled; raise max_iter, or tol");
    }
    return make_linear_model(std::move(parts));
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override { return load_linear_model(weights, about); }

 private:
  LinearParts fit_numbers(Exec& exec, const FitData& data, const Params& params, TrainingRun& run) const {
    const Triangle triangle = reduce_rows(exec, data.train, params.flag("fit_intercept"));
    const Eigen::MatrixXd weights = kind_.solve(triangle, params, run.facts);
    LinearParts parts{Link::identity, data.train.rows.columns, {weights.data(), weights.data() + weights.size()}, {}};
    const Eigen::VectorXd intercepts = triangle.target_means - weights.transpose() * triangle.means;
    parts.intercepts.assign(intercepts.data(), intercepts.data() + intercepts.size());
    return parts;
  }

  LinearParts fit_classes(Exec& exec, const FitData& data, const Params& params, TrainingRun& run) const {
    LogisticPlan plan;
    const double strength = params.real("C");
    plan.strength = strength >= 1e30 ? std::numeric_limits<double>::infinity() : strength;
    plan.intercept = params.flag("fit_intercept");
    plan.balanced = params.text("class_weight") == "balanced";
    plan.tolerance = params.real("tol");
    plan.most_steps = params.integer("max_iter");
    LogisticFit fit = fit_logistic(exec, data, plan);
    run.facts = {{"steps", fit.steps}, {"converged", fit.converged}};
    return std::move(fit.parts);
  }

  LinearKind kind_;
};

std::unique_ptr<Learner> make(LinearKind kind) { return std::make_unique<LinearLearner>(std::move(kind)); }

}  // namespace

std::unique_ptr<Learner> make_linear() {
  return make({"linear", "Linear model",
               "A weighted sum of the columns: least squares for numbers, logistic regression for classes. Quick, and easy to read; "
               "columns that depend on each other share their weight.",
               {"linear_regression", "ols"}, {Task::regression, Task::classification, Task::forecast}, ParamTable(logistic_params()), solve_linear});
}

std::unique_ptr<Learner> make_ridge() {
  return make({"ridge", "Ridge regression",
               "Least squares with a penalty on large weights: steadier than linear where columns resemble each other or are many.",
               {"ridge_regression"}, {Task::regression, Task::forecast},
               ParamTable({alpha_param("the penalty: alpha times the sum of squared weights"), intercept_param()}), solve_ridge_kind});
}

std::unique_ptr<Learner> make_lasso() {
  return make({"lasso", "Lasso", "Least squares with a penalty on the size of weights, which sets many of them to 0: says which columns matter.",
               {}, {Task::regression},
               ParamTable({alpha_param("the penalty: alpha times the sum of absolute weights"), intercept_param(),
                           tolerance_param(1e-9, "ends where no weight moves more, relative to the target's spread"), passes_param(10'000)}),
               solve_lasso});
}

std::unique_ptr<Learner> make_elastic_net() {
  return make({"elastic_net", "Elastic net", "Between ridge and lasso: sets weights to 0, and lets columns that resemble each other share.",
               {"elasticnet"}, {Task::regression},
               ParamTable({alpha_param("the penalty as a whole"),
                           {.name = "l1_ratio", .fallback = 0.5, .help = "the lasso's part of the penalty; the rest is ridge's", .low = 0, .high = 1},
                           intercept_param(), tolerance_param(1e-9, "ends where no weight moves more, relative to the target's spread"),
                           passes_param(10'000)}),
               solve_elastic});
}

std::unique_ptr<Learner> make_logistic() {
  return make({"logistic", "Logistic regression",
               "The log-odds of a class as a weighted sum of the columns, with a penalty on large weights (C). Probabilities are usually "
               "well calibrated.",
               {"logistic_regression"}, {Task::classification}, ParamTable(logistic_params()), nullptr});
}

}  // namespace crisp
