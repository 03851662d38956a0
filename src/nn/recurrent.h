/// LSTM and GRU layers over windows of rows, written out by hand, then products that give the outputs from the last step's hidden
/// state and, past the layers, from the last row itself: what comes next is near to what is. A part's numbers lie step after step ([steps * rows, ...]), so that what all steps share is one product.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "nn/batch_step.h"

namespace crisp::nn {

/// The parameters (or their gradients) of one layer, by PyTorch's names; G gates of H units.
struct RecurrentArrays {
  at::Tensor of_input, of_input_t;     // weight_ih [G * H, inputs], and transposed
  at::Tensor of_hidden, of_hidden_t;   // weight_hh [G * H, H]
  ArrayView<float> bias, hidden_bias;  // LSTM: one, for both products; GRU: one each
};

struct SequenceArrays {
  std::vector<RecurrentArrays> layers;
  at::Tensor head, head_t;             // [outputs, H]
  at::Tensor skip, skip_t;             // [outputs, columns]: of the last row
  ArrayView<float> head_bias;
};

/// What one layer needs of a part. Index t of a step-major matrix: rows t * rows ... of it.
struct LayerPart {
  at::Tensor input;           // [steps * rows, inputs]: what it reads
  at::Tensor gates;           // [steps * rows, G * H]: sums of the inputs' product, then what the cell makes of them
  at::Tensor recurrent;       // GRU: [steps * rows, 3 * H], sums of the hidden states' product
  at::Tensor hidden, cell;    // [(steps + 1) * rows, H], the first step all 0; cell: of an LSTM
  at::Tensor dropped;         // [steps * rows, H] ([rows, H] of the last layer): its hidden states after dropout
  at::Tensor slope;           // the way back: d loss / d hidden, [steps * rows, H]
  at::Tensor cell_slope;      // [rows, H]
  at::Tensor dropped_slope;   // as dropped
};

struct SequencePart {
  int64_t rows = 0, first = 0;  // first: its first row's place in the batch
  at::Tensor raw;               // [rows, steps * columns] as gathered: windows
  std::vector<LayerPart> layers;
  at::Tensor out, gradient;     // [rows, outputs]
};

class Recurrent {
 public:
  explicit Recurrent(const NetShape& shape);

  const NetShape& shape() const { return shape_; }
  const ParameterLayout& layout() const { return layout_; }
  int64_t flops() const;

  SequenceArrays bind(const at::Tensor& flat) const;
  /// Buffers for `rows` rows; `training`: for dropout and the way back too.
  SequencePart make_part(int64_t rows, bool training) const;
  /// The first `rows` rows of a part, sharing its memory.
  SequencePart narrow(const SequencePart& part, int64_t rows) const;

  /// From part.raw to part.out.
  void forward(Exec& exec, const SequenceArrays& arrays, const SequencePart& part, const Pass& pass) const;
  /// From part.gradient to `gradients`; part.gates and part.slope are used up.
  void backward(Exec& exec, const SequenceArrays& arrays, const SequencePart& part, const Pass& pass,
                const SequenceArrays& gradients) const;

 private:
  struct Slots {
    size_t of_input, of_hidden, bias, hidden_bias;
  };
  bool is_lstm() const { return shape_.cell == Cell::lstm; }
  int64_t gates() const { return is_lstm() ? 4 : 3; }
  int64_t inputs_of(size_t layer) const;
  bool last(size_t layer) const { return layer + 1 == shape_.hidden.size(); }
  LayerPart make_layer(size_t layer, int64_t rows, bool training) const;
  void run_layer(Exec& exec, const RecurrentArrays& arrays, const LayerPart& part, int64_t rows) const;
  /// What leaves a layer: all steps' hidden states, of the last layer the last step's; after dropout, where there is any.
  at::Tensor leave(Exec& exec, const SequencePart& part, const Pass& pass, size_t layer) const;
  /// The way back of leave(): its gradient is where leaving_slope() says, and comes to the layer's slopes.
  at::Tensor leaving_slope(const SequencePart& part, const Pass& pass, size_t layer) const;
  void unleave(Exec& exec, const SequencePart& part, const Pass& pass, size_t layer) const;
  void unrun_layer(Exec& exec, const RecurrentArrays& arrays, const LayerPart& part, int64_t rows) const;
  void weight_gradients(Exec& exec, const LayerPart& part, int64_t rows, const RecurrentArrays& gradients) const;

  NetShape shape_;
  ParameterLayout layout_;
  std::vector<Slots> slots_;
  size_t head_slot_ = 0, skip_slot_ = 0, head_bias_slot_ = 0;
};

}  // namespace crisp::nn
