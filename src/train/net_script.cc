#include "train/net_script.h"

#include <cmath>

#include "cuda/error.h"

namespace crisp {
namespace {

// kernels/training/inputs_row.h and activation_row.h.
constexpr const char* kEmbedded = R"(
def embedded(self, codes: Tensor, table: Tensor) -> Tensor:
    known = (codes >= 0.0) & (codes < float(table.size(0)))
    return table.index_select(0, codes.masked_fill(~known, 0.0).to(4))
)";
constexpr const char* kInPieces = R"(
def in_pieces(self, values: Tensor, edges: Tensor) -> Tensor:
    shares = (values.unsqueeze(1) - edges[:-1]) / (edges[1:] - edges[:-1])
    low = torch.cat([shares[:, :1], shares[:, 1:].clamp(min=0.0)], 1)
    return torch.cat([low[:, :-1].clamp(max=1.0), low[:, -1:]], 1)
)";

// kernels/training/float_math_row.h: the same operations in the same order, so the same bits.
constexpr const char* kExp = R"(
def float_exp(self, x: Tensor) -> Tensor:
    x = x.clamp(-88.0, 88.7)
    whole = (x * 1.44269504088896341 + 12582912.0) - 12582912.0
    r = (x - whole * 0.693359375) - whole * -2.12194440e-4
    p = r * 1.9875691500e-4 + 1.3981999507e-3
    p = p * r + 8.3334519073e-3
    p = p * r + 4.1665795894e-2
    p = p * r + 1.6666665459e-1
    p = p * r + 5.0000001201e-1
    p = p * (r * r) + r + 1.0
    return p * torch.exp2(whole)
)";
constexpr const char* kSigmoid = R"(
def float_sigmoid(self, x: Tensor) -> Tensor:
    return 1.0 / (1.0 + self.float_exp(-x))
)";
constexpr const char* kTanh = R"(
def float_tanh(self, x: Tensor) -> Tensor:
    size = x.abs()
    far = 1.0 - 2.0 / (self.float_exp(2.0 * size) + 1.0)
    z = x * x
    p = z * -5.70498872745e-3 + 2.06390887954e-2
    p = p * z - 5.37397155531e-2
    p = p * z + 1.33314422036e-1
    p = p * z - 3.33332819422e-1
    return torch.where(size < 0.625, p * z * x + x, torch.where(x < 0.0, -far, far))
)";

// kernels/training/normalise_loops.inc.h: sums by 32 lanes, then by halves.
constexpr const char* kRowSum = R"(
def row_sum(self, x: Tensor) -> Tensor:
    lanes = torch.zeros([x.size(0), 32], dtype=6, device=x.device)
    for begin in range(0, x.size(1), 32):
        part = x[:, begin : begin + 32]
        lanes = torch.cat([lanes[:, : part.size(1)] + part, lanes[:, part.size(1) :]], 1)
    half = 16
    while half > 0:
        lanes = lanes[:, :half] + lanes[:, half : 2 * half]
        half = half // 2
    return lanes
)";
constexpr const char* kLayerNorm = R"(
def layer_norm(self, x: Tensor, scale: Tensor, shift: Tensor, epsilon: float) -> Tensor:
    mean = x[:, :1] + self.row_sum(x - x[:, :1]) / float(x.size(1))
    variance = self.row_sum((x - mean) * (x - mean)) / float(x.size(1))
    return (x - mean) * (1.0 / torch.sqrt(variance + epsilon)) * scale + shift
)";
constexpr double kEpsilon = 1e-5;  // BatchNorms::kEpsilon of src/nn

std::string activated(TorchScript& script, Activation activation, const std::string& x) {
  if (activation == Activation::silu || activation == Activation::tanh || activation == Activation::gelu)
    script.method(kExp);
  if (activation == Activation::silu) script.method(kSigmoid);
  if (activation == Activation::tanh || activation == Activation::gelu) script.method(kTanh);
  switch (activation) {
    case Activation::identity:
      return x;
    case Activation::relu:
      return concat("torch.relu(", x, ")");
    case Activation::leaky_relu:
      return concat("torch.where(", x, " > 0.0, ", x, ", 0.01 * ", x, ")");
    case Activation::silu:
      return concat(x, " * self.float_sigmoid(", x, ")");
    case Activation::tanh:
      return concat("self.float_tanh(", x, ")");
    case Activation::gelu:
      return concat("0.5 * ", x, " * (1.0 + self.float_tanh(0.7978845608 * (", x, " + 0.044715 * ", x, " * ",
                    x, " * ", x, ")))");
  }
  fail(Code::unavailable, "the net's activation has no TorchScript form");
}

std::string array(TorchScript& script, const Tensors& arrays, const std::string& name,
                  std::vector<int64_t> shape) {
  CRISP_REQUIRE(arrays.at(name).shape == shape, Code::data, "the net's array ", name, " is of another shape");
  return script.constant<float>(arrays.get<float>(name), std::move(shape));
}

std::string inputs(TorchScript& script, const NetShape& shape, const Tensors& arrays,
                   const std::string& rows) {
  const std::vector<float> edges = arrays.has("edges") ? arrays.get<float>("edges") : std::vector<float>();
  std::string parts;
  size_t edge = 0;
  bool encodes = false;
  for (size_t j = 0; j < shape.features.size(); ++j) {
    const int64_t categories = shape.features[j].categories;
    if (categories > 0) {
      script.method(kEmbedded);
      parts += concat(
          "self.embedded(", rows, "[:, ", j, "], ",
          array(script, arrays, concat("embeddings.", j, ".weight"), {categories, shape.widths[j]}), "), ");
    } else if (shape.in_pieces(j)) {
      script.method(kInPieces);
      const auto count = static_cast<size_t>(shape.widths[j]) + 1;
      CRISP_REQUIRE(edge + count <= edges.size(), Code::data, "the net has too few edges");
      parts += concat("self.in_pieces(", rows, "[:, ", j, "], ",
                      script.constant(std::span(edges).subspan(edge, count)), "), ");
      edge += count;
    } else {
      parts += concat(rows, "[:, ", j, ":", j + 1, "], ");
      continue;
    }
    encodes = true;
  }
  return encodes ? script.let(concat("torch.cat([", parts, "], 1)")) : rows;
}

/// 1 / the standard deviation of each column, from the running variance.
std::string running_rstd(TorchScript& script, const Tensors& arrays, const std::string& name) {
  std::vector<float> rstd;
  for (const float variance : arrays.get<float>(name))
    rstd.push_back(static_cast<float>(1 / std::sqrt(variance + kEpsilon)));
  return script.constant<float>(rstd);
}

/// The products of a hidden layer, normalised; the norm's shift stands in the place of a bias.
std::string normalised(TorchScript& script, const NetShape& shape, const Tensors& arrays, size_t layer,
                       const std::string& sums) {
  const auto part = [&](const char* name) {
    return array(script, arrays, concat("norms.", layer, ".", name), {shape.hidden[layer]});
  };
  const std::string scale = part("weight"), shift = part("bias");
  if (shape.normalisation == Normalisation::layer) {
    script.method(kRowSum);
    script.method(kLayerNorm);
    return concat("self.layer_norm(", sums, ", ", scale, ", ", shift, ", ", script_number(kEpsilon), ")");
  }
  const std::string mean = part("running_mean"), variance = concat("norms.", layer, ".running_var");
  part("running_var");
  return concat("(", sums, " - ", mean, ") * ", running_rstd(script, arrays, variance), " * ", scale, " + ",
                shift);
}

// kernels/training/recurrent_row.h; a sequence is [steps, N, columns].
constexpr const char* kLstm = R"(
def lstm(self, sequence: Tensor, of_input: Tensor, of_hidden: Tensor, bias: Tensor) -> Tensor:
    hidden = torch.zeros([sequence.size(1), of_hidden.size(1)], dtype=6, device=sequence.device)
    cell = hidden
    out: List[Tensor] = []
    for t in range(sequence.size(0)):
        sums = torch.addmm(torch.mm(sequence[t], of_input.t()), hidden, of_hidden.t()) + bias
        i, f, g, o = sums.chunk(4, 1)
        cell = self.float_sigmoid(f) * cell + self.float_sigmoid(i) * self.float_tanh(g)
        hidden = self.float_sigmoid(o) * self.float_tanh(cell)
        out.append(hidden)
    return torch.stack(out, 0)
)";
constexpr const char* kGru = R"(
def gru(self, sequence: Tensor, of_input: Tensor, of_hidden: Tensor, bias: Tensor, hidden_bias: Tensor) -> Tensor:
    hidden = torch.zeros([sequence.size(1), of_hidden.size(1)], dtype=6, device=sequence.device)
    out: List[Tensor] = []
    for t in range(sequence.size(0)):
        given_r, given_z, given_n = (torch.mm(sequence[t], of_input.t()) + bias).chunk(3, 1)
        own_r, own_z, own_n = (torch.mm(hidden, of_hidden.t()) + hidden_bias).chunk(3, 1)
        z = self.float_sigmoid(given_z + own_z)
        n = self.float_tanh(given_n + self.float_sigmoid(given_r + own_r) * own_n)
        hidden = (1.0 - z) * n + z * hidden
        out.append(hidden)
    return torch.stack(out, 0)
)";

std::string script_recurrent(TorchScript& script, const NetShape& shape, const Tensors& arrays, const std::string& rows) {
  for (const char* method : {kExp, kSigmoid, kTanh}) script.method(method);
  const bool lstm = shape.cell == Cell::lstm;
  script.method(lstm ? kLstm : kGru);
  auto width = static_cast<int64_t>(shape.features.size());
  std::string value = script.let(concat(rows, ".reshape([", rows, ".size(0), ", shape.steps, ", ", width, "]).transpose(0, 1)"));
  const std::string sequence = value;
  const int64_t columns = width;
  for (size_t l = 0; l < shape.hidden.size(); ++l) {
    const int64_t units = shape.hidden[l], wide = (lstm ? 4 : 3) * units;
    const auto part = [&](const char* name, std::vector<int64_t> of) {
      return array(script, arrays, concat("rnn.", name, "_l", l), std::move(of));
    };
    std::string call = concat(lstm ? "self.lstm(" : "self.gru(", value, ", ", part("weight_ih", {wide, width}), ", ",
                              part("weight_hh", {wide, units}), ", ", part(lstm ? "bias" : "bias_ih", {wide}));
    if (!lstm) call += concat(", ", part("bias_hh", {wide}));
    value = script.let(call + ")");
    width = units;
  }
  const std::string of_hidden = concat("torch.mm(", value, "[-1], ", array(script, arrays, "head.weight", {shape.outputs, width}), ".t())");
  const std::string skip = array(script, arrays, "skip.weight", {shape.outputs, columns});
  return script.let(concat("torch.addmm(", of_hidden, ", ", sequence, "[-1], ", skip, ".t()) + ", array(script, arrays, "head.bias", {shape.outputs})));
}

}  // namespace

std::string script_net(TorchScript& script, const NetShape& shape, const Tensors& arrays,
                       const std::string& rows) {
  if (shape.cell != Cell::none) return script_recurrent(script, shape, arrays, rows);
  std::string value = inputs(script, shape, arrays, rows);
  int64_t width = 0;
  for (const int64_t columns : shape.widths) width += columns;
  for (size_t l = 0; l <= shape.hidden.size(); ++l) {
    const bool last = l == shape.hidden.size();
    const int64_t outputs = last ? shape.outputs : shape.hidden[l];
    const std::string weight = array(script, arrays, concat("layers.", l, ".weight"), {outputs, width});
    const std::string sums = script.let(concat("torch.mm(", value, ", ", weight, ".t())"));
    value =
        script.let(last || shape.normalisation == Normalisation::none
                       ? concat(sums, " + ", array(script, arrays, concat("layers.", l, ".bias"), {outputs}))
                       : normalised(script, shape, arrays, l, sums));
    if (!last) value = script.let(activated(script, shape.activation, value));
    width = outputs;
  }
  return value;
}

}  // namespace crisp
