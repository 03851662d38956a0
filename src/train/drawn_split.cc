#include "train/drawn_split.h"

#include <numeric>
#include <queue>

#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp {

DrawnSplit::DrawnSplit(const SplitPlan& plan, const std::vector<int64_t>& rows_of_class, bool test, const EachRow& rows) : seed_(plan.seed) {
  std::vector<int64_t> left = rows_of_class;
  const auto take = [&](Drawn& side, double share, int64_t (*usual)(int64_t), uint64_t stream) {
    const int64_t all = std::accumulate(left.begin(), left.end(), int64_t{0});
    if (all < 2) return;
    const std::vector<int64_t> wanted = wanted_by_class(left, wanted_rows(share, all, usual(all)));
    side = draw(wanted, stream, rows);
    for (size_t c = 0; c < left.size(); ++c) left[c] -= wanted[c];
  };
  if (test) take(test_, plan.test_share, usual_test_rows, kTestStream);
  if (plan.validation) take(validation_, plan.validation_share, usual_validation_rows, kValidationStream);
}

DrawnSplit::Drawn DrawnSplit::draw(const std::vector<int64_t>& wanted, uint64_t stream, const EachRow& rows) const {
  using Draw = std::pair<uint64_t, int64_t>;
  std::vector<std::priority_queue<Draw>> smallest(wanted.size());
  int64_t row = 0;
  rows([&](size_t c) {
    const int64_t at = row++;
    if (wanted[c] == 0 || takes(test_, at, c)) return;
    const Draw draw{random_bits(seed_, stream, static_cast<uint64_t>(at)), at};
    auto& own = smallest[c];
    if (static_cast<int64_t>(own.size()) == wanted[c]) {
      if (own.top() < draw) return;
      own.pop();
    }
    own.push(draw);
  });
  Drawn side{std::vector<Draw>(wanted.size()), std::vector<uint8_t>(wanted.size()), stream, 0};
  for (size_t c = 0; c < wanted.size(); ++c) {
    side.any[c] = !smallest[c].empty();
    if (side.any[c]) side.last[c] = smallest[c].top();
    side.rows += static_cast<int64_t>(smallest[c].size());
  }
  return side;
}

bool DrawnSplit::takes(const Drawn& side, int64_t row, size_t of_class) const {
  if (side.rows == 0 || !side.any[of_class]) return false;
  return std::pair(random_bits(seed_, side.stream, static_cast<uint64_t>(row)), row) <= side.last[of_class];
}

DrawnSplit::Side DrawnSplit::side(int64_t row, size_t of_class) const {
  if (takes(test_, row, of_class)) return Side::test;
  return takes(validation_, row, of_class) ? Side::validation : Side::train;
}

}  // namespace crisp
