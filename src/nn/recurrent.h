/// LSTM and GRU layers over windows of rows, written out by hand, then products that give the outputs from the last step's hidden
/// state and, past the layers, from the last row itself: what comes next is near to what is. A part's numbers lie step after step ([steps * rows, ...]), so that what all steps share is one product.
#pragma once

#include <vector>

#include "nn/batch_step.h"

namespace crisp::nn {

/// The parameters (or their gradients) of one layer, by PyTorch's names; G gates of H units.
struct RecurrentArrays {
  NetMatrix of_input;                  // weight_ih [G * H, inputs]
  NetMatrix of_hidden;                 // weight_hh [G * H, H]
  ArrayView<float> bias, hidden_bias;  // LSTM: one, for both products; GRU: one each
};

struct SequenceArrays {
  std::vector<RecurrentArrays> layers;
  NetMatrix head;                      // [outputs, H]
  NetMatrix skip;                      // [outputs, columns]: of the last row
  ArrayView<float> head_bias;
};

/// What one layer needs of a part. Index t of a step-major matrix: rows t * rows ... of it.
struct LayerPart {
  NetMatrix input;           // [steps * rows, inputs]: what it reads
  NetMatrix gates;           // [steps * rows, G * H]: sums of the inputs' product, then what the cell makes of them
  NetMatrix recurrent;       // GRU: [steps * rows, 3 * H], sums of the hidden states' product
  NetMatrix hidden, cell;    // [(steps + 1) * rows, H], the first step all 0; cell: of an LSTM
  NetMatrix dropped;         // [steps * rows, H] ([rows, H] of the last layer): its hidden states after dropout
  NetMatrix slope;           // the way back: d loss / d hidden, [steps * rows, H]
  NetMatrix cell_slope;      // [rows, H]
  NetMatrix dropped_slope;   // as dropped
};

struct SequencePart {
  int64_t rows = 0, first = 0;  // first: its first row's place in the batch
  NetMatrix raw;               // [rows, steps * columns] as gathered: windows
  std::vector<LayerPart> layers;
  NetMatrix out, gradient;      // [rows, outputs]
  NetMemory memory;             // of all that
};

class Recurrent {
 public:
  explicit Recurrent(const NetShape& shape);

  const NetShape& shape() const { return shape_; }
  const ParameterLayout& layout() const { return layout_; }
  int64_t flops() const;

  /// `flat` lies where exec computes.
  SequenceArrays bind(Exec& exec, ArrayView<float> flat) const;
  /// Buffers for `rows` rows; `training`: for dropout and the way back too.
  SequencePart make_part(Exec& exec, int64_t rows, bool training) const;
  /// The first `rows` rows of a part, sharing its memory.
  SequencePart narrow(Exec& exec, const SequencePart& part, int64_t rows) const;

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
  LayerPart make_layer(Exec& exec, NetMemory& memory, size_t layer, int64_t rows, bool training) const;
  /// Windows to step after step.
  void lay_out_steps(Exec& exec, const SequencePart& part) const;
  void run_layer(Exec& exec, const RecurrentArrays& arrays, const LayerPart& part, int64_t rows) const;
  /// What leaves a layer: all steps' hidden states, of the last layer the last step's; after dropout, where there is any.
  NetMatrix leave(Exec& exec, const SequencePart& part, const Pass& pass, size_t layer) const;
  /// The way back of leave(): its gradient is where leaving_slope() says, and comes to the layer's slopes.
  NetMatrix leaving_slope(const SequencePart& part, const Pass& pass, size_t layer) const;
  void unleave(Exec& exec, const SequencePart& part, const Pass& pass, size_t layer) const;
  void unrun_layer(Exec& exec, const RecurrentArrays& arrays, const LayerPart& part, int64_t rows) const;
  void weight_gradients(Exec& exec, const LayerPart& part, int64_t rows, const RecurrentArrays& gradients) const;

  NetShape shape_;
  ParameterLayout layout_;
  std::vector<Slots> slots_;
  size_t head_slot_ = 0, skip_slot_ = 0, head_bias_slot_ = 0;
};

}  // namespace crisp::nn
