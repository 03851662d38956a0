/// What a model whose answer comes from a sum over its columns can say of itself, beside what can be seen from its answers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// How trees used each column of the rows.
struct ColumnSplits {
  std::vector<double> gain;    ///< what its splits gained, added up; empty where the trees do not tell
  std::vector<int64_t> count;  ///< its splits
};

constexpr int64_t kMostRules = 64;  ///< that somebody reads

/// How people know a column that a model reads.
struct RuleColumn {
  std::string name;
  std::vector<std::string> categories = {};  ///< the text of each code; empty: codes are shown
  bool missing = false;                      ///< whether a rule says where missing values go
};

/// A row's margins are the sums that its answer is made of. All must be safe from many threads.
class Explainable {
 public:
  virtual ~Explainable() = default;
  /// Sums of a row: one, or one a class. Of two classes one is that of the second.
  virtual int64_t margins() const = 0;
  /// What a sum is: "log-odds", "probability" ...; "" where it is the number that is answered.
  virtual std::string unit() const = 0;
  /// out: n x margins().
  virtual void margin(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const = 0;
  /// Exact Shapley values, in double. out: n x (margins() * (columns + 1)): for each sum one value a column, then the expected sum; they add
  /// up to margin(). `means`: of the columns over the rows that are compared with; trees compare with the rows that they learned from.
  virtual void shapley(Exec& exec, MatrixView<const float> rows, std::span<const double> means, MatrixView<double> out) const = 0;
  /// Of trees.
  virtual std::optional<ColumnSplits> splits() const { return std::nullopt; }
  /// Of trees with no more than kMostRules leaves in all, tree after tree: a sentence a leaf. The columns: one a column of the rows.
  virtual std::vector<std::vector<std::string>> rules(const std::vector<RuleColumn>&) const { return {}; }
};

}  // namespace crisp
