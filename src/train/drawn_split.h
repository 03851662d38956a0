/// Which rows of a table that is not in memory are learned from: the same as split_rows() draws at random.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "train/split.h"

namespace crisp {

class DrawnSplit {
 public:
  enum class Side : uint8_t { train, validation, test };
  /// Calls use(class) for every row in its order; numbers are of class 0.
  using EachRow = std::function<void(const std::function<void(size_t)>& use)>;

  DrawnSplit() = default;  ///< all rows are learned from
  /// `plan` splits at random. `test`: whether rows are to be tested, which a table of its own may be there for. Goes through the rows
  /// once for each side; keeps as much as that has rows.
  DrawnSplit(const SplitPlan& plan, const std::vector<int64_t>& rows_of_class, bool test, const EachRow& rows);

  Side side(int64_t row, size_t of_class) const;
  int64_t test_rows() const { return test_.rows; }
  int64_t validation_rows() const { return validation_.rows; }

 private:
  /// The largest draw, and its row, that is still taken of each class.
  struct Drawn {
    std::vector<std::pair<uint64_t, int64_t>> last;
    std::vector<uint8_t> any;
    uint64_t stream = 0;
    int64_t rows = 0;
  };
  Drawn draw(const std::vector<int64_t>& wanted, uint64_t stream, const EachRow& rows) const;
  bool takes(const Drawn& side, int64_t row, size_t of_class) const;

  uint64_t seed_ = 0;
  Drawn test_, validation_;
};

}  // namespace crisp
