#include "train/drawn_split.h"

#include <gtest/gtest.h>

#include "cuda/random.h"

namespace crisp {
namespace {

/// Classes of very different sizes, one of them with a single row.
struct Drawn {
  Table table;
  Target target;
  std::vector<double> values;

  Drawn(int64_t rows, bool classes) {
    std::vector<double> numbers;
    std::vector<std::string> labels;
    for (int64_t i = 0; i < rows; ++i) {
      const double draw = random_uniform(5, 0, static_cast<uint64_t>(i));
      numbers.push_back(draw);
      labels.push_back(i == 17 ? "once" : draw < 0.02 ? "rare" : draw < 0.3 ? "some" : "most");
    }
    table = Table().with_numbers("x", numbers).with_texts("label", labels);
    target = Target::learn(table, {classes ? "label" : "x", {}, ""});
    values = target.values(table);
  }

  size_t of_class(size_t row) const { return target.is_classes() ? static_cast<size_t>(values[row]) : 0; }
  std::vector<int64_t> counts() const {
    std::vector<int64_t> counts(target.is_classes() ? target.classes().size() : 1);
    for (size_t i = 0; i < values.size(); ++i) ++counts[of_class(i)];
    return counts;
  }
  DrawnSplit draw(const SplitPlan& plan, bool test) const {
    return DrawnSplit(plan, counts(), test, [&](const std::function<void(size_t)>& use) {
      for (size_t i = 0; i < values.size(); ++i) use(of_class(i));
    });
  }
};

TEST(DrawnSplit, DrawsTheRowsThatSplitRowsDraws) {
  for (const bool classes : {false, true}) {
    for (const int64_t rows : {40, 3001}) {
      const Drawn drawn(rows, classes);
      for (const bool validation : {false, true}) {
        SplitPlan plan;
        plan.seed = 3;
        plan.validation = validation;
        if (rows > 1000) plan.test_share = 0.35;
        const Split expected = split_rows(drawn.table, drawn.target, drawn.values, plan);
        const DrawnSplit split = drawn.draw(plan, true);
        RowList train, valid, test;
        for (int64_t row = 0; row < rows; ++row) {
          const auto side = split.side(row, drawn.of_class(static_cast<size_t>(row)));
          (side == DrawnSplit::Side::train ? train : side == DrawnSplit::Side::test ? test : valid).push_back(row);
        }
        EXPECT_EQ(train, expected.train);
        EXPECT_EQ(valid, expected.validation);
        EXPECT_EQ(test, expected.test);
        EXPECT_EQ(split.test_rows(), static_cast<int64_t>(test.size()));
        EXPECT_EQ(split.validation_rows(), static_cast<int64_t>(valid.size()));
      }
    }
  }
}

TEST(DrawnSplit, DrawsNoTestWhereATableOfItsOwnIsThere) {
  const Drawn drawn(500, true);
  SplitPlan plan;
  plan.validation = true;
  const DrawnSplit split = drawn.draw(plan, false);
  Split expected;
  for (int64_t row = 0; row < 500; ++row) expected.train.push_back(row);
  split_off_validation(drawn.table, drawn.target, drawn.values, plan, expected);
  EXPECT_EQ(split.test_rows(), 0);
  for (const int64_t row : expected.validation) EXPECT_EQ(split.side(row, drawn.of_class(static_cast<size_t>(row))), DrawnSplit::Side::validation);
  EXPECT_EQ(split.validation_rows(), static_cast<int64_t>(expected.validation.size()));
}

}  // namespace
}  // namespace crisp
