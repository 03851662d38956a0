/// The models of tests/data/forest as Trees.
#pragma once

#include <algorithm>

#include "kernels/forest/trees.h"
#include "tests/golden_rows.h"

namespace crisp {

class GoldenTrees {
 public:
  static std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const GoldenRow& row : all()) {
      if (row.kind == "shape") out.push_back(row.name);
    }
    return out;
  }

  explicit GoldenTrees(const std::string& name) : name_(name) {
    trees.columns = static_cast<int64_t>(numbers("shape")[0]);
    trees.outputs = static_cast<int64_t>(numbers("shape")[1]);
    trees.vector_leaves = numbers("shape")[2] != 0;
    read("first", trees.first);
    read("feature", trees.feature);
    read("threshold", trees.threshold);
    read("left", trees.left);
    read("right", trees.right);
    read("missing_left", trees.missing_left);
    read("set", trees.set);
    read("value", trees.value);
    read("cover", trees.cover);
    read("gain", trees.gain);
    read("set_first", trees.set_first);
    read("set_bits", trees.set_bits);
    read("rows", rows);
  }

  MatrixView<const float> rows_view() const {
    return {rows.data(), static_cast<int64_t>(rows.size()) / trees.columns, trees.columns, trees.columns};
  }
  /// Empty where the file has none.
  std::vector<double> numbers(const std::string& kind) const {
    for (const GoldenRow& row : all()) {
      if (row.name == name_ && row.kind == kind) return row.values;
    }
    return {};
  }

  Trees trees;
  std::vector<float> rows;

 private:
  static const std::vector<GoldenRow>& all() {
    static const std::vector<GoldenRow> read = golden_rows("forest/golden.csv");
    return read;
  }
  template <class T>
  void read(const std::string& kind, std::vector<T>& to) const {
    const std::vector<double> from = numbers(kind);
    to.resize(from.size());
    std::ranges::transform(from, to.begin(), [](double value) { return static_cast<T>(value); });
  }

  std::string name_;
};

}  // namespace crisp
