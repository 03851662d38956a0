/// A TorchScript module in the making: source text and the arrays that it reads. Knows nothing of LibTorch;
/// src/nn makes a file of it.
///
/// While a recipe and a model are written down, every intermediate value is a line `v7 = ...` of `forward`.
/// `rows`, the columns of the input as doubles (columns x N), and `nought`, N zeros, stand before the first
/// line.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/tensors.h"

namespace crisp {

class TorchScript {
 public:
  /// A line of `forward`; gives the name of its value.
  std::string let(const std::string& expression);
  /// Gives a line its expression afterwards.
  void define(const std::string& name, const std::string& expression);
  /// An array of the module; gives how the source reads it: "self.k3". Without a shape: a row of values.
  template <class T>
  std::string constant(std::span<const T> values, std::vector<int64_t> shape = {}) {
    const std::string name = "k" + std::to_string(constants_++);
    arrays_.put<T>(name, values, std::move(shape));
    return "self." + name;
  }
  /// A method `def name(self, ...)` beside `forward`. The same one may come again.
  void method(const std::string& source);

  /// The methods, and `forward` with those of its lines that `answer` needs. `input` stands before the lines,
  /// `answer` after them; `type` is what it returns.
  std::string source(const std::string& type, const std::string& input, const std::string& answer) const;
  /// The lines that `answer` needs.
  std::string lines_for(const std::string& answer) const;
  /// The arrays that `source` reads.
  std::map<std::string, Tensor> arrays_of(const std::string& source) const;

 private:
  struct Line {
    std::string name, expression;
  };
  std::vector<Line> lines_;
  std::map<std::string, std::string> methods_;
  Tensors arrays_;
  int64_t constants_ = 0;
};

/// A number as it stands in the source, to the last bit.
std::string script_number(double value);
/// N times the number, as doubles.
std::string script_filled(double value);
}  // namespace crisp
