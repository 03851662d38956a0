#include "nn/feed_forward.h"

#include <cmath>

#include "cuda/error.h"

namespace crisp::nn {

FeedForward::FeedForward(const NetShape& shape, std::vector<float> edges, const std::vector<std::string>& frozen)
    : shape_(shape), edges_(std::move(edges)) {
  int64_t edge = 0;
  for (size_t j = 0; j < shape.features.size(); ++j) {
    InputColumn column{inputs_, shape.widths[j], shape.features[j].categories, 0, codes_};
    if (column.categories > 0) {
      column.offset = static_cast<int64_t>(layout_.add({.name = concat("embeddings.", j, ".weight"),
                                                        .shape = {column.categories, column.width},
                                                        .bound = 1 / std::sqrt(static_cast<double>(column.width))}));
      codes_ += column.categories;
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
    if (normalised(l)) {
      add_norm(l);
      continue;
    }
    bias_slots_.push_back(
        layout_.add({.name = concat("layers.", l, ".bias"), .shape = {widths_[l + 1]}, .bound = bound, .decayed = false}));
  }
  layout_.freeze(frozen);
  for (const Slot& slot : layout_.slots()) {
    if (!slot.frozen || !by_batch() || !slot.name.starts_with("norms.")) continue;
    throw Error(Code::config, "freeze: a batch norm follows the means of its batches and cannot stay", "take normalisation = layer");
  }
  layout_.place();
  for (InputColumn& column : columns_) {
    if (column.categories > 0) column.offset = layout_.slots()[static_cast<size_t>(column.offset)].begin;
  }
}

/// A normalised layer's own bias would be taken away by the norm: the norm's stands in its place.
void FeedForward::add_norm(size_t layer) {
  const std::vector<int64_t> shape{widths_[layer + 1]};
  const auto add = [&](const char* name, float start) {
    return layout_.add({.name = concat("norms.", layer, ".", name), .shape = shape, .start = start, .decayed = false});
  };
  scale_slots_.push_back(add("weight", 1));
  bias_slots_.push_back(add("bias", 0));
  if (!by_batch()) return;
  mean_slots_.push_back(add("running_mean", 0));
  variance_slots_.push_back(add("running_var", 1));
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

Arrays FeedForward::bind(Exec& exec, ArrayView<float> flat) const {
  Arrays arrays;
  const auto array = [&](size_t slot) {
    const Slot& place = layout_.slots()[slot];
    return ArrayView<float>{flat.data + place.begin, place.size()};
  };
  for (size_t l = 0; l < products(); ++l) {
    const Slot& weight = layout_.slots()[weight_slots_[l]];
    arrays.weight.emplace_back(exec, MatrixView<float>{flat.data + weight.begin, weight.shape[0], weight.shape[1], weight.shape[1]});
    arrays.bias.push_back(array(bias_slots_[l]));
  }
  for (const size_t slot : scale_slots_) arrays.scale.push_back(array(slot));
  for (const size_t slot : mean_slots_) arrays.running_mean.push_back(array(slot));
  for (const size_t slot : variance_slots_) arrays.running_variance.push_back(array(slot));
  arrays.flat = flat;
  return arrays;
}

void FeedForward::halve(Exec& exec, Arrays& arrays) const {
  arrays.precision = ProductPrecision::bfloat16;
  if (exec.is_cuda()) return;
  for (const NetMatrix& weight : arrays.weight) {
    arrays.half_weight.push_back(weight.tensor().to(at::kBFloat16));
    arrays.half_weight_t.push_back(arrays.half_weight.back().t());
  }
}

void FeedForward::round(const Arrays& arrays) {
  for (size_t l = 0; l < arrays.half_weight.size(); ++l) arrays.half_weight[l].copy_(arrays.weight[l].tensor());
}

Part FeedForward::make_part(Exec& exec, int64_t rows, bool training, bool half) const {
  Part part;
  const auto zeros = [&](int64_t columns) { return part.memory.matrix(exec, rows, columns); };
  part.rows = rows;
  part.columns = {columns_.data(), static_cast<int64_t>(columns_.size())};
  part.edges = {edges_.data(), static_cast<int64_t>(edges_.size())};
  if (exec.is_cuda()) {
    part.columns = part.memory.copy_of(exec, part.columns);
    part.edges = part.memory.copy_of(exec, part.edges);
  }
  part.raw = zeros(shape_.columns());
  part.encoded = encodes_ ? zeros(inputs_) : part.raw;
  if (codes_ > 0 && training) part.encoded_gradient = zeros(inputs_);
  for (size_t l = 0; l < products(); ++l) {
    part.sums.push_back(zeros(widths_[l + 1]));
    const bool last = l + 1 == products();
    if (normalised(l)) {
      part.normal.push_back(zeros(widths_[l + 1]));
      if (!by_batch()) part.saved.push_back(zeros(2));
    }
    const NetMatrix& before = normalised(l) ? part.normal.back() : part.sums.back();
    const bool in_place = last || shape_.activation == Activation::relu || shape_.activation == Activation::identity;
    part.out.push_back(in_place ? before : zeros(widths_[l + 1]));
    if (half && !exec.is_cuda()) part.half.emplace_back(rows, widths_[l], widths_[l + 1]);
    if (training) part.gradient.push_back(zeros(widths_[l + 1]));
  }
  return part;
}

Part FeedForward::narrow(Exec& exec, const Part& whole, int64_t rows) const {
  const auto cut = [&](const NetMatrix& matrix) {
    const MatrixView<float> all = view(matrix);
    return matrix.defined() ? NetMatrix(exec, {all.data, rows, all.columns, all.ld}) : matrix;
  };
  const auto cut_all = [&](const std::vector<NetMatrix>& matrices) {
    std::vector<NetMatrix> parts;
    for (const NetMatrix& matrix : matrices) parts.push_back(cut(matrix));
    return parts;
  };
  Part part;
  part.rows = rows;
  part.first = whole.first;
  part.columns = whole.columns;
  part.edges = whole.edges;
  part.raw = cut(whole.raw);
  part.encoded = cut(whole.encoded);
  part.encoded_gradient = cut(whole.encoded_gradient);
  part.sums = cut_all(whole.sums);
  part.out = cut_all(whole.out);
  part.normal = cut_all(whole.normal);
  part.saved = cut_all(whole.saved);
  part.gradient = cut_all(whole.gradient);
  for (const HalfProduct& half : whole.half) part.half.push_back(half.narrow(rows));
  return part;
}

Activation FeedForward::activation_of(size_t product) const {
  return product + 1 == products() ? Activation::identity : shape_.activation;
}

Dropout FeedForward::dropout_of(const Pass& pass, size_t product, int64_t first) const {
  if (pass.dropout == 0 || product + 1 == products()) return {};
  const uint64_t stream = static_cast<uint64_t>(pass.step) << 8 | product;
  Dropout dropout = make_dropout(pass.dropout, pass.seed, stream, (pass.first + first) * widths_[product + 1]);
  dropout.moved = pass.moved;
  return dropout;
}

void FeedForward::encode(Exec& exec, const Arrays& arrays, const Part& part) const {
  if (!encodes_) return;
  encode_inputs(exec, part.columns, part.edges, arrays.flat, view(part.raw), view(part.encoded));
}

void FeedForward::multiply(Exec& exec, const Arrays& arrays, const Part& part, size_t product) const {
  const NetMatrix& in = product == 0 ? part.encoded : part.out[product - 1];
  if (!arrays.half_weight.empty()) {
    return part.half[product].forward(in.tensor(), arrays.half_weight_t[product], part.sums[product].tensor());
  }
  nn::product(exec, in, transposed(arrays.weight[product]), part.sums[product], arrays.precision);
}

void FeedForward::finish(Exec& exec, const Arrays& arrays, const BatchNorms& norms, const Part& part, const Pass& pass,
                         size_t product) const {
  const MatrixView<float> sums = view(part.sums[product]), out = view(part.out[product]);
  const Dropout dropout = dropout_of(pass, product, part.first);
  if (!normalised(product)) return activate(exec, activation_of(product), dropout, arrays.bias[product], sums, out);
  const MatrixView<float> normal = view(part.normal[product]);
  if (by_batch()) {
    batch_normalise(exec, sums, norms.statistics(product), arrays.scale[product], arrays.bias[product], normal);
  } else {
    layer_norm(exec, sums, arrays.scale[product], arrays.bias[product], BatchNorms::kEpsilon, view(part.saved[product]), normal);
  }
  activate(exec, activation_of(product), dropout, {}, normal, out);
}

void FeedForward::unfinish(Exec& exec, const Arrays& arrays, const Part& part, const Pass& pass, const Arrays& gradients,
                           size_t product) const {
  const MatrixView<float> gradient = view(part.gradient[product]);
  const Dropout dropout = dropout_of(pass, product, part.first);
  if (!normalised(product)) {
    return activation_gradient(exec, activation_of(product), dropout, view(part.sums[product]), gradient, gradients.bias[product]);
  }
  activation_gradient(exec, activation_of(product), dropout, view(part.normal[product]), gradient, {});
  if (by_batch()) return;
  layer_norm_gradient(exec, view(part.sums[product]), view(part.saved[product]), arrays.scale[product], gradient,
                      gradients.scale[product], gradients.bias[product]);
}

void FeedForward::unmultiply(Exec& exec, const Arrays& arrays, const Part& part, const Arrays& gradients, size_t product) const {
  const NetMatrix &gradient = part.gradient[product], &weight = gradients.weight[product];
  const NetMatrix& below = product == 0 ? part.encoded_gradient : part.gradient[product - 1];
  if (!arrays.half_weight.empty()) {
    return part.half[product].backward(gradient.tensor(), arrays.half_weight[product], gradients.half_weight[product], weight.tensor(),
                                       below.tensor());
  }
  nn::product(exec, transposed(gradient), product == 0 ? part.encoded : part.out[product - 1], weight, arrays.precision);
  if (below.defined()) nn::product(exec, gradient, arrays.weight[product], below, arrays.precision);
}

void FeedForward::unencode(Exec& exec, const Part& part, const Arrays& gradients) const {
  if (codes_ == 0) return;
  embedding_gradient(exec, part.columns, codes_, view(part.raw), view(part.encoded_gradient), gradients.flat);
}

void FeedForward::forward(Exec& exec, const Arrays& arrays, const BatchNorms& norms, const Part& part, const Pass& pass) const {
  encode(exec, arrays, part);
  for (size_t k = 0; k < products(); ++k) {
    multiply(exec, arrays, part, k);
    finish(exec, arrays, norms, part, pass, k);
  }
}

void FeedForward::backward(Exec& exec, const Arrays& arrays, const Part& part, const Pass& pass, const Arrays& gradients) const {
  CRISP_ASSERT(!by_batch());
  for (size_t k = products(); k-- > 0;) {
    unfinish(exec, arrays, part, pass, gradients, k);
    unmultiply(exec, arrays, part, gradients, k);
  }
  unencode(exec, part, gradients);
}

}  // namespace crisp::nn
