/// What a net is and how it is trained: plain numbers that the models fill in and the LibTorch plug-in reads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "kernels/training/activation.h"
#include "kernels/training/loss.h"
#include "kernels/training/optimiser.h"
#include "train/early_stopping.h"
#include "train/learning_rate.h"
#include "train/model.h"

namespace crisp {

enum class Normalisation { none, batch, layer };
enum class Cell { none, lstm, gru };

const char* activation_name(Activation activation);
Activation parse_activation(const std::string& name);
std::vector<std::string> activation_names();
Normalisation parse_normalisation(const std::string& name);
std::vector<std::string> normalisation_names();
const char* loss_name(LossKind loss);
LossKind parse_loss(const std::string& name);

/// A feed-forward net where `cell` is none: inputs (numbers as they are or in pieces, a row of a table for each code), then for each hidden layer product,
/// normalisation, activation and dropout, then a product that gives the outputs. Else a recurrent one: a layer of such cells for
/// each of `hidden`, over the steps of a window of numbers, then a product of the last step's hidden state and one of the last row.
struct NetShape {
  std::vector<FeatureInfo> features;   ///< one a column of its input (recurrent: of a step)
  /// One a feature: columns that it becomes. A code: of its embedding. A number: pieces of its piecewise-linear encoding; 1: itself.
  std::vector<int64_t> widths;
  std::vector<int64_t> hidden;         ///< outputs of each hidden layer
  int64_t outputs = 1;
  Activation activation = Activation::relu;
  Normalisation normalisation = Normalisation::none;
  LossKind loss = LossKind::squared;   ///< what the outputs mean: numbers, log-odds
  Cell cell = Cell::none;
  int64_t steps = 1;                   ///< recurrent: rows of a window

  int64_t columns() const { return static_cast<int64_t>(features.size()) * steps; }
  /// Whether feature j is a number that becomes pieces.
  bool in_pieces(size_t j) const { return features[j].categories == 0 && widths[j] > 1; }
  Json to_json() const;
  /// Inverse; Code::data for anything that is no net, or larger than the limits.
  static NetShape from_json(const Json& json);
};

struct NetTraining {
  int64_t epochs = 100;
  int64_t batch = 256;
  OptimiserPlan optimiser;
  LearningRatePlan rate;            ///< ticks are steps where rate_by_step, else epochs
  bool rate_by_step = false;
  EarlyStoppingPlan stopping;       ///< by the validation loss; by the training loss where there is none
  std::vector<std::string> figures; ///< of the validation rows, told each epoch beside the loss
  bool watches_figure = false;      ///< stopping goes by the first of them instead
  std::function<std::vector<double>(MatrixView<const float> outputs)> judge;  ///< they, of the net's outputs for the validation rows
  bool restore_best = true;
  double dropout = 0;               ///< after each hidden layer's activation, [0, 1)
  double clip_norm = 0;             ///< the gradient is scaled down to this length; 0: not
  int64_t accumulate = 1;           ///< batches whose gradients make one step
  double smoothing = 0;             ///< label smoothing
  std::vector<float> class_weights;
  bool half = false;                ///< products of learning in bfloat16, as PyTorch's autocast; what is judged and kept is float32
  bool reconstruct = false;         ///< the target is the row itself
  std::vector<std::string> frozen;  ///< patterns of parameters that stay as they start
  std::string start;                ///< SHA-256 of the arrays that it starts from; empty: from none
  uint64_t seed = 0;

  /// Everything above, so that a checkpoint can tell whether it belongs to this run.
  Json to_json() const;
};

}  // namespace crisp
