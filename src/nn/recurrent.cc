#include "nn/recurrent.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "kernels/training/activation.h"
#include "kernels/training/recurrent.h"
#include "nn/tensor_view.h"

namespace crisp::nn {
namespace {

at::Tensor zeros(int64_t rows, int64_t columns) { return at::zeros({rows, columns}, at::kFloat); }

/// Step t of a step-major matrix.
at::Tensor step_of(const at::Tensor& matrix, int64_t t, int64_t rows) { return matrix.narrow(0, t * rows, rows); }

/// out += a b.
void add_product(at::Tensor out, const at::Tensor& a, const at::Tensor& b) { at::addmm_out(out, out, a, b); }

/// Column sums, in the order that the kernels keep.
void sum_columns(Exec& exec, const at::Tensor& gradient, ArrayView<float> sums) {
  activation_gradient(exec, Activation::identity, {}, view(gradient), view(gradient), sums);
}

Dropout dropout_of(const Pass& pass, size_t layer, int64_t first) {
  if (pass.dropout == 0) return {};
  return make_dropout(pass.dropout, pass.seed, static_cast<uint64_t>(pass.step) << 8 | layer, first);
}

}  // namespace

Recurrent::Recurrent(const NetShape& shape) : shape_(shape) {
  CRISP_ASSERT(shape.cell != Cell::none && !shape.hidden.empty() && shape.steps >= 1);
  for (size_t l = 0; l < shape.hidden.size(); ++l) {
    const int64_t units = shape.hidden[l], wide = gates() * units;
    const double bound = 1 / std::sqrt(static_cast<double>(units));  // PyTorch's own start
    const auto name = [l](const char* what) { return concat("rnn.", what, "_l", l); };
    Slots slots{};
    slots.of_input = layout_.add({.name = name("weight_ih"), .shape = {wide, inputs_of(l)}, .bound = bound});
    slots.of_hidden = layout_.add({.name = name("weight_hh"), .shape = {wide, units}, .bound = bound});
    slots.bias = layout_.add({.name = name(is_lstm() ? "bias" : "bias_ih"), .shape = {wide}, .bound = bound, .decayed = false});
    slots.hidden_bias =
        is_lstm() ? slots.bias : layout_.add({.name = name("bias_hh"), .shape = {wide}, .bound = bound, .decayed = false});
    slots_.push_back(slots);
  }
  const int64_t units = shape.hidden.back();
  const double bound = 1 / std::sqrt(static_cast<double>(units));
  head_slot_ = layout_.add({.name = "head.weight", .shape = {shape.outputs, units}, .bound = bound});
  skip_slot_ = layout_.add({.name = "skip.weight", .shape = {shape.outputs, inputs_of(0)}});
  head_bias_slot_ = layout_.add({.name = "head.bias", .shape = {shape.outputs}, .bound = bound, .decayed = false});
  layout_.place();
}

int64_t Recurrent::inputs_of(size_t layer) const {
  return layer == 0 ? static_cast<int64_t>(shape_.features.size()) : shape_.hidden[layer - 1];
}

int64_t Recurrent::flops() const {
  int64_t flops = 0;
  for (size_t l = 0; l < shape_.hidden.size(); ++l) flops += 2 * gates() * shape_.hidden[l] * (inputs_of(l) + shape_.hidden[l]);
  return flops * shape_.steps + 2 * (shape_.hidden.back() + inputs_of(0)) * shape_.outputs;
}

SequenceArrays Recurrent::bind(const at::Tensor& flat) const {
  const auto matrix = [&](size_t slot) {
    const Slot& place = layout_.slots()[slot];
    return flat.narrow(0, place.begin, place.size()).view({place.shape[0], place.shape[1]});
  };
  const auto array = [&](size_t slot) {
    const Slot& place = layout_.slots()[slot];
    return ArrayView<float>{flat.data_ptr<float>() + place.begin, place.size()};
  };
  SequenceArrays arrays;
  for (const Slots& slots : slots_) {
    RecurrentArrays layer{matrix(slots.of_input), {}, matrix(slots.of_hidden), {}, array(slots.bias), array(slots.hidden_bias)};
    layer.of_input_t = layer.of_input.t();
    layer.of_hidden_t = layer.of_hidden.t();
    arrays.layers.push_back(std::move(layer));
  }
  arrays.head = matrix(head_slot_);
  arrays.head_t = arrays.head.t();
  arrays.skip = matrix(skip_slot_);
  arrays.skip_t = arrays.skip.t();
  arrays.head_bias = array(head_bias_slot_);
  return arrays;
}

LayerPart Recurrent::make_layer(size_t layer, int64_t rows, bool training) const {
  const int64_t units = shape_.hidden[layer], all = shape_.steps * rows;
  LayerPart part;
  if (layer == 0) part.input = zeros(all, inputs_of(0));
  part.gates = zeros(all, gates() * units);
  if (!is_lstm()) part.recurrent = zeros(all, gates() * units);
  part.hidden = zeros(all + rows, units);
  if (is_lstm()) part.cell = zeros(all + rows, units);
  if (!training) return part;
  part.dropped = zeros(last(layer) ? rows : all, units);
  part.dropped_slope = zeros(last(layer) ? rows : all, units);
  part.slope = zeros(all, units);
  if (is_lstm()) part.cell_slope = zeros(rows, units);
  return part;
}

SequencePart Recurrent::make_part(int64_t rows, bool training) const {
  SequencePart part;
  part.rows = rows;
  part.raw = zeros(rows, shape_.columns());
  for (size_t l = 0; l < shape_.hidden.size(); ++l) part.layers.push_back(make_layer(l, rows, training));
  part.out = zeros(rows, shape_.outputs);
  if (training) part.gradient = zeros(rows, shape_.outputs);
  return part;
}

SequencePart Recurrent::narrow(const SequencePart& whole, int64_t rows) const {
  const auto cut = [&](const at::Tensor& matrix) {
    return matrix.defined() ? matrix.narrow(0, 0, matrix.size(0) / whole.rows * rows) : matrix;
  };
  SequencePart part{rows, whole.first, cut(whole.raw), {}, cut(whole.out), cut(whole.gradient)};
  for (const LayerPart& layer : whole.layers) {
    part.layers.push_back({cut(layer.input), cut(layer.gates), cut(layer.recurrent), cut(layer.hidden), cut(layer.cell),
                           cut(layer.dropped), cut(layer.slope), cut(layer.cell_slope), cut(layer.dropped_slope)});
    // Where there were fewer rows before, later steps lay in what is now the first.
    for (const at::Tensor& states : {part.layers.back().hidden, part.layers.back().cell}) {
      if (states.defined()) step_of(states, 0, rows).zero_();
    }
  }
  return part;
}

/// All steps of one layer, its inputs' product being in the gates.
void Recurrent::run_layer(Exec& exec, const RecurrentArrays& arrays, const LayerPart& part, int64_t rows) const {
  for (int64_t t = 0; t < shape_.steps; ++t) {
    const at::Tensor gates = step_of(part.gates, t, rows), before = step_of(part.hidden, t, rows);
    const MatrixView<float> hidden = view(step_of(part.hidden, t + 1, rows));
    if (is_lstm()) {
      add_product(gates, before, arrays.of_hidden_t);
      lstm_cell(exec, arrays.bias, view(gates), view(step_of(part.cell, t, rows)), view(step_of(part.cell, t + 1, rows)), hidden);
    } else {
      at::Tensor recurrent = step_of(part.recurrent, t, rows);
      at::mm_out(recurrent, before, arrays.of_hidden_t);
      gru_cell(exec, arrays.bias, arrays.hidden_bias, view(gates), view(recurrent), view(before), hidden);
    }
  }
}

at::Tensor Recurrent::leave(Exec& exec, const SequencePart& part, const Pass& pass, size_t layer) const {
  const LayerPart& of = part.layers[layer];
  const int64_t steps = last(layer) ? 1 : shape_.steps;
  const at::Tensor hidden = of.hidden.narrow(0, (shape_.steps + 1 - steps) * part.rows, steps * part.rows);
  if (pass.dropout == 0) return hidden;
  activate(exec, Activation::identity, dropout_of(pass, layer, (pass.first + part.first) * steps * shape_.hidden[layer]), {}, view(hidden),
           view(of.dropped));
  return of.dropped;
}

void Recurrent::forward(Exec& exec, const SequenceArrays& arrays, const SequencePart& part, const Pass& pass) const {
  const auto columns = static_cast<int64_t>(shape_.features.size());
  const MatrixView<float> raw = view(part.raw), input = view(part.layers[0].input);
  for (int64_t t = 0; t < shape_.steps; ++t) {
    for (int64_t i = 0; i < part.rows; ++i) std::copy_n(raw.row(i) + t * columns, columns, input.row(t * part.rows + i));
  }
  at::Tensor below = part.layers[0].input;
  for (size_t l = 0; l < part.layers.size(); ++l) {
    at::Tensor gates = part.layers[l].gates;
    at::mm_out(gates, below, arrays.layers[l].of_input_t);
    run_layer(exec, arrays.layers[l], part.layers[l], part.rows);
    below = leave(exec, part, pass, l);
  }
  at::Tensor out = part.out;
  at::mm_out(out, below, arrays.head_t);
  add_product(out, step_of(part.layers[0].input, shape_.steps - 1, part.rows), arrays.skip_t);
  activate(exec, Activation::identity, {}, arrays.head_bias, view(part.out), view(part.out));
}

at::Tensor Recurrent::leaving_slope(const SequencePart& part, const Pass& pass, size_t layer) const {
  const LayerPart& of = part.layers[layer];
  if (pass.dropout > 0) return of.dropped_slope;
  return last(layer) ? step_of(of.slope, shape_.steps - 1, part.rows) : of.slope;
}

void Recurrent::unleave(Exec& exec, const SequencePart& part, const Pass& pass, size_t layer) const {
  const LayerPart& of = part.layers[layer];
  if (last(layer)) of.slope.narrow(0, 0, (shape_.steps - 1) * part.rows).zero_();
  if (pass.dropout == 0) return;
  const int64_t steps = last(layer) ? 1 : shape_.steps;
  const at::Tensor slope = of.slope.narrow(0, (shape_.steps - steps) * part.rows, steps * part.rows);
  const at::Tensor hidden = of.hidden.narrow(0, (shape_.steps + 1 - steps) * part.rows, steps * part.rows);
  activation_gradient(exec, Activation::identity, dropout_of(pass, layer, (pass.first + part.first) * steps * shape_.hidden[layer]),
                      view(hidden), view(of.dropped_slope), {});
  slope.copy_(of.dropped_slope);
}

/// Back through the steps of one layer: the gates (and recurrent sums) become the gradients of their sums.
void Recurrent::unrun_layer(Exec& exec, const RecurrentArrays& arrays, const LayerPart& part, int64_t rows) const {
  if (is_lstm()) part.cell_slope.zero_();
  for (int64_t t = shape_.steps - 1; t >= 0; --t) {
    const at::Tensor gates = step_of(part.gates, t, rows), slope = step_of(part.slope, t, rows);
    if (is_lstm()) {
      lstm_cell_gradient(exec, view(step_of(part.cell, t, rows)), view(step_of(part.cell, t + 1, rows)), view(slope),
                         view(part.cell_slope), view(gates));
      if (t > 0) add_product(step_of(part.slope, t - 1, rows), gates, arrays.of_hidden);
    } else {
      const at::Tensor recurrent = step_of(part.recurrent, t, rows);
      gru_cell_gradient(exec, view(step_of(part.hidden, t, rows)), view(slope), view(gates), view(recurrent));
      if (t == 0) continue;
      at::Tensor before = step_of(part.slope, t - 1, rows);
      before.add_(slope);
      add_product(before, recurrent, arrays.of_hidden);
    }
  }
}

void Recurrent::weight_gradients(Exec& exec, const LayerPart& part, int64_t rows, const RecurrentArrays& gradients) const {
  const at::Tensor before = part.hidden.narrow(0, 0, shape_.steps * rows);
  const at::Tensor& of_hidden_sums = is_lstm() ? part.gates : part.recurrent;
  at::Tensor of_hidden = gradients.of_hidden;
  at::mm_out(of_hidden, of_hidden_sums.t(), before);
  sum_columns(exec, part.gates, gradients.bias);
  if (!is_lstm()) sum_columns(exec, part.recurrent, gradients.hidden_bias);
}

void Recurrent::backward(Exec& exec, const SequenceArrays& arrays, const SequencePart& part, const Pass& pass,
                         const SequenceArrays& gradients) const {
  const size_t top = part.layers.size() - 1;
  const auto left = [&](size_t layer) {
    const LayerPart& of = part.layers[layer];
    if (pass.dropout > 0) return of.dropped;
    const int64_t steps = last(layer) ? 1 : shape_.steps;
    return of.hidden.narrow(0, (shape_.steps + 1 - steps) * part.rows, steps * part.rows);
  };
  sum_columns(exec, part.gradient, gradients.head_bias);
  at::Tensor head = gradients.head;
  at::mm_out(head, part.gradient.t(), left(top));
  at::Tensor skip = gradients.skip;
  at::mm_out(skip, part.gradient.t(), step_of(part.layers[0].input, shape_.steps - 1, part.rows));
  at::Tensor slope = leaving_slope(part, pass, top);
  at::mm_out(slope, part.gradient, arrays.head);
  for (size_t l = top + 1; l-- > 0;) {
    const LayerPart& of = part.layers[l];
    unleave(exec, part, pass, l);
    unrun_layer(exec, arrays.layers[l], of, part.rows);
    weight_gradients(exec, of, part.rows, gradients.layers[l]);
    at::Tensor of_input = gradients.layers[l].of_input;
    at::mm_out(of_input, of.gates.t(), l == 0 ? of.input : left(l - 1));
    if (l == 0) break;
    at::Tensor below = leaving_slope(part, pass, l - 1);
    at::mm_out(below, of.gates, arrays.layers[l].of_input);
  }
}

}  // namespace crisp::nn
