#include "nn/feed_forward.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "cuda/error.h"

namespace crisp::nn {
namespace {

at::Tensor zeros(int64_t rows, int64_t columns) { return at::zeros({rows, columns}, at::kFloat); }

}  // namespace

MatrixView<float> view(const at::Tensor& matrix) {
  return {matrix.data_ptr<float>(), matrix.size(0), matrix.size(1), matrix.stride(0)};
}

ArrayView<float> Arrays::all() const { return {flat.data_ptr<float>(), flat.numel()}; }

FeedForward::FeedForward(const NetShape& shape, std::vector<float> edges) : shape_(shape), edges_(std::move(edges)) {
  int64_t edge = 0;
  for (size_t j = 0; j < shape.features.size(); ++j) {
    InputColumn column{inputs_, shape.widths[j], shape.features[j].categories, 0};
    if (column.categories > 0) {
      column.offset = static_cast<int64_t>(layout_.add({.name = concat("embeddings.", j, ".weight"),
                                                        .shape = {column.categories, column.width},
                                                        .bound = 1 / std::sqrt(static_cast<double>(column.width))}));
      embeds_ = true;
    } else if (shape.in_pieces(j)) {
      column.offset = edge;
      edge += column.width + 1;
    }
    encodes_ = encodes_ || column.categories > 0 || column.width > 1;
    inputs_ += column.width;
    columns_.push_back(column);
  }
  CRISP_REQUIRE(edge == static_cast<int64_t>(edges_.size()), Code::data, "the net has ", edges_.size(), " edges, not ", edge);
  check_edges();
  widths_.push_back(inputs_);
  widths_.insert(widths_.end(), shape.hidden.begin(), shape.hidden.end());
  widths_.push_back(shape.outputs);
  for (size_t l = 0; l < products(); ++l) {
    const double bound = 1 / std::sqrt(static_cast<double>(widths_[l]));
    weight_slots_.push_back(
        layout_.add({.name = concat("layers.", l, ".weight"), .shape = {widths_[l + 1], widths_[l]}, .bound = bound}));
    bias_slots_.push_back(
        layout_.add({.name = concat("layers.", l, ".bias"), .shape = {widths_[l + 1]}, .bound = bound, .decayed = false}));
  }
  layout_.place();
  for (InputColumn& column : columns_) {
    if (column.categories > 0) column.offset = layout_.slots()[static_cast<size_t>(column.offset)].begin;
  }
}

/// Ascending and finite: pieces are divided by their length.
void FeedForward::check_edges() const {
  for (const InputColumn& column : columns_) {
    if (column.categories > 0 || column.width == 1) continue;
    const float* edge = edges_.data() + column.offset;
    for (int64_t k = 0; k < column.width; ++k) {
      CRISP_REQUIRE(std::isfinite(edge[k + 1] - edge[k]) && edge[k] < edge[k + 1], Code::data, "the net's edges do not ascend");
    }
  }
}

int64_t FeedForward::flops() const {
  int64_t flops = 0;
  for (size_t l = 0; l < products(); ++l) flops += 2 * widths_[l] * widths_[l + 1];
  return flops;
}

Arrays FeedForward::bind(at::Tensor flat) const {
  Arrays arrays;
  for (size_t l = 0; l < products(); ++l) {
    const Slot& weight = layout_.slots()[weight_slots_[l]];
    const Slot& bias = layout_.slots()[bias_slots_[l]];
    arrays.weight.push_back(flat.narrow(0, weight.begin, weight.size()).view({weight.shape[0], weight.shape[1]}));
    arrays.weight_t.push_back(arrays.weight.back().t());
    arrays.bias.push_back({flat.data_ptr<float>() + bias.begin, bias.size()});
  }
  arrays.flat = std::move(flat);
  return arrays;
}

Part FeedForward::make_part(int64_t rows, bool training) const {
  Part part;
  part.rows = rows;
  part.raw = zeros(rows, shape_.columns());
  part.encoded = encodes_ ? zeros(rows, inputs_) : part.raw;
  if (embeds_ && training) part.encoded_gradient = zeros(rows, inputs_);
  for (size_t l = 0; l < products(); ++l) {
    part.sums.push_back(zeros(rows, widths_[l + 1]));
    const bool last = l + 1 == products();
    const bool in_place = last || shape_.activation == Activation::relu || shape_.activation == Activation::identity;
    part.out.push_back(in_place ? part.sums.back() : zeros(rows, widths_[l + 1]));
    if (!training) continue;
    part.gradient.push_back(zeros(rows, widths_[l + 1]));
    part.gradient_t.push_back(part.gradient.back().t());
  }
  return part;
}

Part FeedForward::narrow(const Part& whole, int64_t rows) const {
  const auto cut = [rows](const at::Tensor& matrix) { return matrix.defined() ? matrix.narrow(0, 0, rows) : matrix; };
  Part part;
  part.rows = rows;
  part.first = whole.first;
  part.raw = cut(whole.raw);
  part.encoded = cut(whole.encoded);
  part.encoded_gradient = cut(whole.encoded_gradient);
  for (size_t l = 0; l < products(); ++l) {
    part.sums.push_back(cut(whole.sums[l]));
    part.out.push_back(cut(whole.out[l]));
    if (whole.gradient.empty()) continue;
    part.gradient.push_back(cut(whole.gradient[l]));
    part.gradient_t.push_back(part.gradient.back().t());
  }
  return part;
}

Dropout FeedForward::dropout_of(double rate, uint64_t seed, int64_t step, size_t layer, int64_t first) const {
  if (rate == 0) return {};
  const uint64_t stream = static_cast<uint64_t>(step) << 8 | layer;
  return make_dropout(rate, seed, stream, first * widths_[layer + 1]);
}

void FeedForward::forward(Exec& exec, const Arrays& arrays, const Part& part, double dropout, uint64_t seed,
                          int64_t step) const {
  if (encodes_) {
    const ArrayView<const InputColumn> columns{columns_.data(), static_cast<int64_t>(columns_.size())};
    encode_inputs(exec, columns, {edges_.data(), static_cast<int64_t>(edges_.size())}, arrays.all(), view(part.raw),
                  view(part.encoded));
  }
  for (size_t l = 0; l < products(); ++l) {
    at::Tensor sums = part.sums[l];
    at::mm_out(sums, l == 0 ? part.encoded : part.out[l - 1], arrays.weight_t[l]);
    const bool last = l + 1 == products();
    activate(exec, last ? Activation::identity : shape_.activation,
             last ? Dropout{} : dropout_of(dropout, seed, step, l, part.first), arrays.bias[l], view(sums), view(part.out[l]));
  }
}

void FeedForward::backward(Exec& exec, const Arrays& arrays, const Part& part, double dropout, uint64_t seed, int64_t step,
                           const Arrays& gradients) const {
  for (size_t l = products(); l-- > 0;) {
    const bool last = l + 1 == products();
    activation_gradient(exec, last ? Activation::identity : shape_.activation,
                        last ? Dropout{} : dropout_of(dropout, seed, step, l, part.first), view(part.sums[l]),
                        view(part.gradient[l]), gradients.bias[l]);
    at::Tensor weight = gradients.weight[l];
    at::mm_out(weight, part.gradient_t[l], l == 0 ? part.encoded : part.out[l - 1]);
    at::Tensor below = l == 0 ? part.encoded_gradient : part.gradient[l - 1];
    if (below.defined()) at::mm_out(below, part.gradient[l], arrays.weight[l]);
  }
  if (embeds_) {
    const ArrayView<const InputColumn> columns{columns_.data(), static_cast<int64_t>(columns_.size())};
    embedding_gradient(exec, columns, view(part.raw), view(part.encoded_gradient), gradients.all());
  }
}

}  // namespace crisp::nn
