#include "train/net_params.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cuda/error.h"
#include "train/row_stream.h"

namespace crisp {
namespace {

std::vector<Param> training_params() {
  return {
      {.name = "epochs", .fallback = int64_t{200}, .help = "times that every row is learned from, at most", .low = 1, .high = 1e6,
       .aliases = {"max_epochs", "max_iter", "num_epochs"}},
      {.name = "batch_size", .fallback = int64_t{256}, .help = "rows of a step", .low = 1, .high = 1 << 24, .log_scale = true},
      {.name = "precision", .fallback = std::string("float32"),
       .help = "of the matrix products while learning; bfloat16 is fast where the CPU or GPU has units for it", .choices = {"float32", "bfloat16"},
       .aliases = {"dtype", "amp"}},
      {.name = "optimizer", .fallback = std::string("adamw"), .help = "which optimiser",
       .choices = {"adamw", "adam", "sgd", "rmsprop"}, .aliases = {"optimiser", "solver"}},
      {.name = "learning_rate", .fallback = 1e-3, .help = "the base rate; of one_cycle the highest", .low = 0, .high = 1e6,
       .log_scale = true, .aliases = {"lr", "learning_rate_init"}},
      {.name = "weight_decay", .fallback = 1e-4, .help = "L2 regularisation of the weights", .low = 0, .high = 1e3,
       .log_scale = true, .aliases = {"l2", "alpha"}},
      {.name = "l1", .fallback = 0.0, .help = "L1 regularisation of the weights", .low = 0, .high = 1e3},
      {.name = "momentum", .fallback = 0.9, .help = "of sgd", .low = 0, .high = 0.9999},
      {.name = "nesterov", .fallback = true, .help = "sgd looks ahead"},
      {.name = "dropout", .fallback = 0.0, .help = "share of hidden values set to 0 in training", .low = 0, .high = 0.95},
      {.name = "clip_norm", .fallback = 0.0, .help = "the gradient's longest length; 0: any", .low = 0, .high = 1e9,
       .aliases = {"max_grad_norm", "gradient_clip_norm"}},
      {.name = "clip_value", .fallback = 0.0, .help = "the gradient's largest element; 0: any", .low = 0, .high = 1e9},
      {.name = "accumulate", .fallback = int64_t{1}, .help = "batches whose gradients make one step", .low = 1, .high = 1 << 20,
       .aliases = {"accumulate_grad_batches"}},
      {.name = "label_smoothing", .fallback = 0.0, .help = "share of a label spread over all classes", .low = 0, .high = 0.99},
      {.name = "class_weight", .fallback = std::string("none"), .help = "balanced: rare classes weigh more",
       .choices = {"none", "balanced"}},
      {.name = "patience", .fallback = int64_t{16}, .help = "epochs without improvement that are borne; 0: never stop early",
       .low = 0, .high = 1e6, .aliases = {"n_iter_no_change", "early_stopping_patience"}},
      {.name = "min_delta", .fallback = 0.0, .help = "an improvement of what is watched is more than this", .low = 0,
       .high = 1e9, .aliases = {"tol"}},
      {.name = "restore_best", .fallback = true, .help = "keep the best epoch's weights, not the last's"},
      {.name = "schedule", .fallback = std::string("plateau"), .help = "how the rate changes",
       .choices = {"constant", "step", "multi_step", "exponential", "cosine", "cosine_restarts", "plateau", "one_cycle"},
       .aliases = {"lr_schedule", "lr_scheduler"}},
      {.name = "schedule_gamma", .fallback = 0.1, .help = "step, multi_step, exponential: the factor", .low = 1e-9, .high = 1,
       .aliases = {"gamma"}},
      {.name = "schedule_every", .fallback = int64_t{30}, .help = "step: epochs between factors", .low = 1, .high = 1e9,
       .aliases = {"step_size"}},
      {.name = "schedule_milestones", .fallback = std::string(), .help = "multi_step: epochs, as in \"30, 60\"",
       .aliases = {"milestones"}},
      {.name = "schedule_period", .fallback = int64_t{0},
       .help = "cosine, cosine_restarts: epochs to the lowest rate; 0: all epochs", .low = 0, .high = 1e9, .aliases = {"t_max"}},
      {.name = "plateau_factor", .fallback = 0.5, .help = "plateau: what a reduction multiplies by", .low = 1e-9, .high = 0.9999},
      {.name = "plateau_patience", .fallback = int64_t{5}, .help = "plateau: epochs without improvement that are borne",
       .low = 0, .high = 1e6},
      {.name = "lowest_rate", .fallback = 0.0, .help = "cosine, plateau: never below", .low = 0, .high = 1e6,
       .aliases = {"min_lr", "eta_min"}},
      {.name = "warmup_epochs", .fallback = int64_t{0}, .help = "epochs of a linear rise before the schedule begins", .low = 0,
       .high = 1e6, .aliases = {"warmup"}},
  };
}

OptimiserPlan optimiser_plan(const Params& params) {
  OptimiserPlan plan;
  const std::string& name = params.text("optimizer");
  plan.kind = name == "sgd"       ? OptimiserKind::sgd
              : name == "adam"    ? OptimiserKind::adam
              : name == "rmsprop" ? OptimiserKind::rmsprop
                                  : OptimiserKind::adamw;
  plan.momentum = plan.kind == OptimiserKind::sgd ? params.real("momentum") : 0;
  plan.nesterov = plan.momentum > 0 && params.flag("nesterov");
  plan.weight_decay = params.real("weight_decay");
  plan.l1 = params.real("l1");
  plan.clip_value = params.real("clip_value");
  return plan;
}

LearningRatePlan rate_plan(const Params& params, int64_t steps_per_epoch) {
  LearningRatePlan plan;
  plan.schedule = parse_schedule(params.text("schedule"));
  plan.rate = params.real("learning_rate");
  plan.gamma = params.real("schedule_gamma");
  plan.every = params.integer("schedule_every");
  plan.milestones = parse_sizes(params.text("schedule_milestones"), "schedule_milestones");
  const bool by_step = plan.schedule == LearningRatePlan::Schedule::one_cycle;
  const int64_t period = params.integer("schedule_period");
  plan.period = (period > 0 ? period : params.integer("epochs")) * (by_step ? steps_per_epoch : 1);
  plan.factor = params.real("plateau_factor");
  plan.patience = params.integer("plateau_patience");
  plan.lowest = params.real("lowest_rate");
  plan.warmup = by_step ? 0 : params.integer("warmup_epochs");
  return plan;
}

/// scikit-learn's "balanced": rows / (classes * rows of the class).
std::vector<float> balanced_weights(const std::vector<double>& counts, int64_t rows) {
  std::vector<float> weights;
  for (const double count : counts) {
    weights.push_back(count > 0 ? static_cast<float>(static_cast<double>(rows) / (static_cast<double>(counts.size()) * count)) : 0);
  }
  return weights;
}

std::vector<double> rows_of_classes(const FitData& data, int64_t classes) {
  if (data.stream) return {data.stream->classes().begin(), data.stream->classes().end()};
  std::vector<double> counts(static_cast<size_t>(classes));
  for (const float label : data.train.target) ++counts[static_cast<size_t>(label)];
  return counts;
}

}  // namespace

ParamTable with_training_params(std::vector<Param> own, const std::map<std::string, ParamValue>& defaults) {
  for (Param& param : training_params()) {
    if (const auto other = defaults.find(param.name); other != defaults.end()) param.fallback = other->second;
    own.push_back(std::move(param));
  }
  return ParamTable(std::move(own));
}

NetTraining training_plan(const Params& params, const FitData& data, const NetShape& shape, uint64_t seed) {
  NetTraining plan;
  plan.epochs = params.integer("epochs");
  plan.batch = params.integer("batch_size");
  plan.accumulate = params.integer("accumulate");
  plan.optimiser = optimiser_plan(params);
  const int64_t step_rows = std::min(plan.batch * plan.accumulate, data.train_rows());
  plan.rate = rate_plan(params, (data.train_rows() + step_rows - 1) / step_rows);
  plan.rate_by_step = plan.rate.schedule == LearningRatePlan::Schedule::one_cycle;
  plan.stopping = {params.integer("patience"), params.real("min_delta"), false};
  plan.restore_best = params.flag("restore_best");
  plan.dropout = params.real("dropout");
  plan.clip_norm = params.real("clip_norm");
  plan.smoothing = params.real("label_smoothing");
  const bool classes = shape.loss == LossKind::logistic || shape.loss == LossKind::softmax;
  if (classes && params.text("class_weight") == "balanced") {
    plan.class_weights = balanced_weights(rows_of_classes(data, shape.loss == LossKind::logistic ? 2 : shape.outputs), data.train_rows());
  }
  plan.half = params.text("precision") == "bfloat16";
  plan.seed = seed;
  return plan;
}

std::vector<int64_t> parse_sizes(const std::string& text, const std::string& parameter) {
  std::vector<int64_t> sizes;
  const char* at = text.data();
  const char* end = at + text.size();
  const auto skip = [&](const char* which) {
    while (at < end && std::string_view(which).find(*at) != std::string_view::npos) ++at;
  };
  for (skip(" ([,"); at < end; skip(" ,)]")) {
    int64_t size = 0;
    const auto [next, error] = std::from_chars(at, end, size);
    CRISP_REQUIRE(error == std::errc() && size >= 1 && size <= 65536, Code::config, parameter, " '", text,
                  "': expected whole numbers from 1 to 65536, as in \"256, 128\"");
    sizes.push_back(size);
    at = next;
  }
  return sizes;
}

}  // namespace crisp
