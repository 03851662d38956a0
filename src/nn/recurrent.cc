#include "nn/recurrent.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "kernels/training/activation.h"
#include "kernels/training/recurrent.h"

namespace crisp::nn {
namespace {

/// Step t of a step-major matrix.
NetMatrix step_of(const NetMatrix& matrix, int64_t t, int64_t rows) { return matrix.rows(t * rows, rows); }

/// out += a b.
void add_product(Exec& exec, const NetMatrix& out, const NetFactor& a, const NetFactor& b) {
  product(exec, a, b, out, ProductPrecision::full, ProductTarget::add);
}

/// Column sums, in the order that the kernels keep.
void sum_columns(Exec& exec, const NetMatrix& gradient, ArrayView<float> sums) {
  activation_gradient(exec, Activation::identity, {}, view(gradient), view(gradient), sums);
}

Dropout dropout_of(const Pass& pass, size_t layer, int64_t first) {
  if (pass.dropout == 0) return {};
  Dropout dropout = make_dropout(pass.dropout, pass.seed, static_cast<uint64_t>(pass.step) << 8 | layer, first);
  dropout.moved = pass.moved;
  return dropout;
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

SequenceArrays Recurrent::bind(Exec& exec, ArrayView<float> flat) const {
  const auto matrix = [&](size_t slot) {
    const Slot& place = layout_.slots()[slot];
    return NetMatrix(exec, {flat.data + place.begin, place.shape[0], place.shape[1], place.shape[1]});
  };
  const auto array = [&](size_t slot) {
    const Slot& place = layout_.slots()[slot];
    return ArrayView<float>{flat.data + place.begin, place.size()};
  };
  SequenceArrays arrays;
  for (const Slots& slots : slots_) {
    arrays.layers.push_back({matrix(slots.of_input), matrix(slots.of_hidden), array(slots.bias), array(slots.hidden_bias)});
  }
  arrays.head = matrix(head_slot_);
  arrays.skip = matrix(skip_slot_);
  arrays.head_bias = array(head_bias_slot_);
  return arrays;
}

LayerPart Recurrent::make_layer(Exec& exec, NetMemory& memory, size_t layer, int64_t rows, bool training) const {
  const int64_t units = shape_.hidden[layer], all = shape_.steps * rows;
  const auto zeros = [&](int64_t height, int64_t columns) { return memory.matrix(exec, height, columns); };
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

SequencePart Recurrent::make_part(Exec& exec, int64_t rows, bool training) const {
  SequencePart part;
  part.rows = rows;
  part.raw = part.memory.matrix(exec, rows, shape_.columns());
  for (size_t l = 0; l < shape_.hidden.size(); ++l) part.layers.push_back(make_layer(exec, part.memory, l, rows, training));
  part.out = part.memory.matrix(exec, rows, shape_.outputs);
  if (training) part.gradient = part.memory.matrix(exec, rows, shape_.outputs);
  return part;
}

SequencePart Recurrent::narrow(Exec& exec, const SequencePart& whole, int64_t rows) const {
  const auto cut = [&](const NetMatrix& matrix) {
    const MatrixView<float> all = view(matrix);
    return matrix.defined() ? NetMatrix(exec, {all.data, all.rows / whole.rows * rows, all.columns, all.ld}) : matrix;
  };
  SequencePart part{rows, whole.first, cut(whole.raw), {}, cut(whole.out), cut(whole.gradient), {}};
  for (const LayerPart& layer : whole.layers) {
    part.layers.push_back({cut(layer.input), cut(layer.gates), cut(layer.recurrent), cut(layer.hidden), cut(layer.cell),
                           cut(layer.dropped), cut(layer.slope), cut(layer.cell_slope), cut(layer.dropped_slope)});
  }
  return part;
}

/// All steps of one layer, its inputs' product being in the gates.
void Recurrent::run_layer(Exec& exec, const RecurrentArrays& arrays, const LayerPart& part, int64_t rows) const {
  // Where there were fewer rows before, later steps lay in what is now the first.
  for (const NetMatrix* states : {&part.hidden, &part.cell}) {
    if (states->defined()) clear(exec, step_of(*states, 0, rows));
  }
  for (int64_t t = 0; t < shape_.steps; ++t) {
    const NetMatrix gates = step_of(part.gates, t, rows), before = step_of(part.hidden, t, rows);
    const MatrixView<float> hidden = view(step_of(part.hidden, t + 1, rows));
    if (is_lstm()) {
      add_product(exec, gates, before, transposed(arrays.of_hidden));
      lstm_cell(exec, arrays.bias, view(gates), view(step_of(part.cell, t, rows)), view(step_of(part.cell, t + 1, rows)), hidden);
    } else {
      const NetMatrix recurrent = step_of(part.recurrent, t, rows);
      product(exec, before, transposed(arrays.of_hidden), recurrent);
      gru_cell(exec, arrays.bias, arrays.hidden_bias, view(gates), view(recurrent), view(before), hidden);
    }
  }
}

NetMatrix Recurrent::leave(Exec& exec, const SequencePart& part, const Pass& pass, size_t layer) const {
  const LayerPart& of = part.layers[layer];
  const int64_t steps = last(layer) ? 1 : shape_.steps;
  const NetMatrix hidden = of.hidden.rows((shape_.steps + 1 - steps) * part.rows, steps * part.rows);
  if (pass.dropout == 0) return hidden;
  activate(exec, Activation::identity, dropout_of(pass, layer, (pass.first + part.first) * steps * shape_.hidden[layer]), {}, view(hidden),
           view(of.dropped));
  return of.dropped;
}

void Recurrent::lay_out_steps(Exec& exec, const SequencePart& part) const {
  const auto columns = static_cast<int64_t>(shape_.features.size());
  const MatrixView<float> raw = view(part.raw), input = view(part.layers[0].input);
  const auto bytes = [](int64_t values) { return static_cast<size_t>(values) * sizeof(float); };
  for (int64_t t = 0; t < shape_.steps; ++t) {
    if (exec.is_cuda()) {
      copy_rows(exec, input.row(t * part.rows), bytes(columns), raw.data + t * columns, bytes(raw.ld), bytes(columns), part.rows);
      continue;
    }
    for (int64_t i = 0; i < part.rows; ++i) std::copy_n(raw.row(i) + t * columns, columns, input.row(t * part.rows + i));
  }
}

void Recurrent::forward(Exec& exec, const SequenceArrays& arrays, const SequencePart& part, const Pass& pass) const {
  lay_out_steps(exec, part);
  NetMatrix below = part.layers[0].input;
  for (size_t l = 0; l < part.layers.size(); ++l) {
    product(exec, below, transposed(arrays.layers[l].of_input), part.layers[l].gates);
    run_layer(exec, arrays.layers[l], part.layers[l], part.rows);
    below = leave(exec, part, pass, l);
  }
  product(exec, below, transposed(arrays.head), part.out);
  add_product(exec, part.out, step_of(part.layers[0].input, shape_.steps - 1, part.rows), transposed(arrays.skip));
  activate(exec, Activation::identity, {}, arrays.head_bias, view(part.out), view(part.out));
}

NetMatrix Recurrent::leaving_slope(const SequencePart& part, const Pass& pass, size_t layer) const {
  const LayerPart& of = part.layers[layer];
  if (pass.dropout > 0) return of.dropped_slope;
  return last(layer) ? step_of(of.slope, shape_.steps - 1, part.rows) : of.slope;
}

void Recurrent::unleave(Exec& exec, const SequencePart& part, const Pass& pass, size_t layer) const {
  const LayerPart& of = part.layers[layer];
  if (last(layer)) clear(exec, of.slope.rows(0, (shape_.steps - 1) * part.rows));
  if (pass.dropout == 0) return;
  const int64_t steps = last(layer) ? 1 : shape_.steps;
  const NetMatrix slope = of.slope.rows((shape_.steps - steps) * part.rows, steps * part.rows);
  const NetMatrix hidden = of.hidden.rows((shape_.steps + 1 - steps) * part.rows, steps * part.rows);
  activation_gradient(exec, Activation::identity, dropout_of(pass, layer, (pass.first + part.first) * steps * shape_.hidden[layer]),
                      view(hidden), view(of.dropped_slope), {});
  copy(exec, of.dropped_slope, slope);
}

/// Back through the steps of one layer: the gates (and recurrent sums) become the gradients of their sums.
void Recurrent::unrun_layer(Exec& exec, const RecurrentArrays& arrays, const LayerPart& part, int64_t rows) const {
  if (is_lstm()) clear(exec, part.cell_slope);
  for (int64_t t = shape_.steps - 1; t >= 0; --t) {
    const NetMatrix gates = step_of(part.gates, t, rows), slope = step_of(part.slope, t, rows);
    if (is_lstm()) {
      lstm_cell_gradient(exec, view(step_of(part.cell, t, rows)), view(step_of(part.cell, t + 1, rows)), view(slope),
                         view(part.cell_slope), view(gates));
      if (t > 0) add_product(exec, step_of(part.slope, t - 1, rows), gates, arrays.of_hidden);
    } else {
      const NetMatrix recurrent = step_of(part.recurrent, t, rows);
      gru_cell_gradient(exec, view(step_of(part.hidden, t, rows)), view(slope), view(gates), view(recurrent));
      if (t == 0) continue;
      const NetMatrix before = step_of(part.slope, t - 1, rows);
      add_next(exec, before, slope);
      add_product(exec, before, recurrent, arrays.of_hidden);
    }
  }
}

void Recurrent::weight_gradients(Exec& exec, const LayerPart& part, int64_t rows, const RecurrentArrays& gradients) const {
  const NetMatrix before = part.hidden.rows(0, shape_.steps * rows);
  product(exec, transposed(is_lstm() ? part.gates : part.recurrent), before, gradients.of_hidden);
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
    return of.hidden.rows((shape_.steps + 1 - steps) * part.rows, steps * part.rows);
  };
  sum_columns(exec, part.gradient, gradients.head_bias);
  product(exec, transposed(part.gradient), left(top), gradients.head);
  product(exec, transposed(part.gradient), step_of(part.layers[0].input, shape_.steps - 1, part.rows), gradients.skip);
  product(exec, part.gradient, arrays.head, leaving_slope(part, pass, top));
  for (size_t l = top + 1; l-- > 0;) {
    const LayerPart& of = part.layers[l];
    unleave(exec, part, pass, l);
    unrun_layer(exec, arrays.layers[l], of, part.rows);
    weight_gradients(exec, of, part.rows, gradients.layers[l]);
    product(exec, transposed(of.gates), l == 0 ? of.input : left(l - 1), gradients.layers[l].of_input);
    if (l == 0) break;
    product(exec, of.gates, arrays.layers[l].of_input, leaving_slope(part, pass, l - 1));
  }
}

}  // namespace crisp::nn
