/// Counts of K classes against K answers, and every figure that follows from them alone.
#pragma once

#include <cstdint>
#include <vector>

#include "evaluate/metrics.h"

namespace crisp {

/// Precision, recall and F1 over classes. As in scikit-learn, a class that is neither in the truth nor
/// predicted does not count, and a figure of a class that is not defined (the precision of a class that is
/// never predicted) counts as 0.
struct ClassAverages {
  double precision = kUndefined, recall = kUndefined, f1 = kUndefined;
};

class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(int64_t classes = 0);

  /// Both in [0, classes).
  void add(int64_t truth, int64_t predicted, int64_t count = 1);

  int64_t classes() const { return classes_; }
  int64_t at(int64_t truth, int64_t predicted) const { return cells_[index(truth, predicted)]; }
  int64_t rows() const { return rows_; }
  int64_t support(int64_t k) const {
    return support_[static_cast<size_t>(k)];
  }  ///< rows whose truth is class k
  int64_t predicted(int64_t k) const {
    return predicted_[static_cast<size_t>(k)];
  }  ///< rows whose answer is class k
  /// How many classes occur in the truth.
  int64_t classes_in_truth() const;
  /// Class k against all others.
  Confusion one_against_rest(int64_t k) const;

  double accuracy() const;
  /// Mean recall of the classes in the truth; NaN with fewer than two of them.
  double balanced_accuracy() const;
  /// Accuracy of always answering the truth's most frequent class.
  double majority_accuracy() const;
  /// Matthews correlation (Gorodkin 2004 for more than two classes): 0 where the answer is always the same;
  /// NaN where the truth is.
  double matthews_correlation() const;
  ClassAverages macro_averages() const;     ///< every class counts the same
  ClassAverages weighted_averages() const;  ///< by the rows of the truth

  /// Rows: truth; columns: answers.
  Json to_json() const;

 private:
  size_t index(int64_t truth, int64_t predicted) const {
    return static_cast<size_t>(truth * classes_ + predicted);
  }
  int64_t classes_, rows_ = 0;
  std::vector<int64_t> cells_, support_, predicted_;
};

}  // namespace crisp
