// Rows' codes and words: the same on every engine, on the host and on the device.
#include <limits>

#include "kernels/histogram/bins.h"
#include "kernels/histogram/gradient.h"
#include "tests/engine.h"
#include "tests/engines/resident_rows.h"

namespace crisp {
namespace {

class HistogramRows : public EngineTest {};
CRISP_TEST_ENGINES(HistogramRows);

struct Values {
  int64_t rows, columns, ld;
  std::vector<float> values;

  /// Every third column of `categories` categories, with values that are none; some of the others missing.
  Values(int64_t count, int64_t width, int32_t categories) : rows(count), columns(width), ld(width + 3), values(static_cast<size_t>(rows * ld), -77.0f) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        const auto at = static_cast<uint64_t>(i), stream = static_cast<uint64_t>(j);
        float& value = values[static_cast<size_t>(i * ld + j)];
        value = j % 3 == 2 ? static_cast<float>(random_below(4, stream, at, static_cast<uint64_t>(categories) + 2)) - 1
                           : static_cast<float>(j % 2 ? random_uniform(4, stream, at) : 1e30 * random_uniform(4, stream, at) - 5e29);
        if (random_below(5, stream, at, 11) == 0) value = nan;
      }
    }
  }
  MatrixView<const float> view() const { return {values.data(), rows, columns, ld}; }
};

struct Codes {
  std::vector<uint8_t> records, columns;
  bool operator==(const Codes&) const = default;
};

Codes codes_of(Exec& exec, const Bins& bins, const Values& of, bool by_column) {
  const int64_t stride = BinnedRows::stride_of(of.columns);
  Codes codes{std::vector<uint8_t>(static_cast<size_t>(of.rows * stride), 0xee), std::vector<uint8_t>(by_column ? static_cast<size_t>(of.rows * of.columns) : 0)};
  MatrixView<uint8_t> columns;
  if (by_column) columns = {codes.columns.data(), of.columns, of.rows, of.rows};
  bin_rows(exec, bins, of.view(), {codes.records.data(), of.rows, of.columns, stride}, columns);
  return codes;
}

TEST_P(HistogramRows, HaveTheirBins) {
  for (const int64_t width : {1, 3, 32, 40}) {
    for (const int64_t count : {1, 63, 65, 300}) {
      SCOPED_TRACE(testing::Message() << width << " columns, " << count << " rows");
      const Values values(count, width, 6);
      std::vector<int32_t> categories(static_cast<size_t>(width));
      for (size_t j = 2; j < categories.size(); j += 3) categories[j] = j == 2 ? 300 : 6;
      const Bins bins = fit_bins(cpu(), values.view(), {categories.data(), width}, count % 2 ? 255 : 20);
      for (const bool by_column : {true, false}) EXPECT_EQ(codes_of(exec(), bins, values, by_column), codes_of(cpu(), bins, values, by_column));
    }
  }
}

struct Words {
  RoundScale scale;
  std::vector<uint8_t> records;
};

Words words_of(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output) {
  BinnedSample sample(static_cast<int64_t>(rows.target.size()), {2, 5, 9});
  Words words;
  words.scale = round_scale(exec, plan, rows, output);
  write_gradients(exec, plan, rows, output, words.scale, 99, 1'000'000'007, sample.view());
  words.records = sample.records;
  return words;
}

TEST_P(HistogramRows, HaveTheirWords) {
  for (const Objective objective : {Objective::squared, Objective::absolute, Objective::huber, Objective::quantile, Objective::poisson,
                                    Objective::logistic, Objective::softmax}) {
    const bool classes = objective == Objective::logistic || objective == Objective::softmax;
    const int64_t outputs = objective == Objective::softmax ? 3 : 1;
    for (const int64_t count : {1, 255, 700}) {
      std::vector<float> target, weights, scores;
      for (uint64_t i = 0; i < static_cast<uint64_t>(count); ++i) {
        target.push_back(classes ? static_cast<float>(random_below(1, 0, i, static_cast<uint64_t>(std::max<int64_t>(2, outputs))))
                                 : static_cast<float>(9 * random_uniform(1, 0, i)));
        weights.push_back(i % 17 == 0 ? 0 : static_cast<float>(3 * random_uniform(1, 1, i)));
        for (uint64_t k = 0; k < static_cast<uint64_t>(outputs); ++k) scores.push_back(static_cast<float>(8 * random_uniform(2, k, i) - 4));
      }
      std::vector<float> shares(scores.size()), want_shares = shares;
      const MatrixView<const float> view{scores.data(), count, outputs, outputs};
      shares_of_classes(exec(), view, {shares.data(), count, outputs, outputs});
      shares_of_classes(cpu(), view, {want_shares.data(), count, outputs, outputs});
      EXPECT_EQ(shares, want_shares);
      const ObjectivePlan plan{objective, 0.8, 2.5, outputs};
      for (const bool weighted : {false, true}) {
        SCOPED_TRACE(testing::Message() << "objective " << static_cast<int>(objective) << ", " << count << " rows, weighted " << weighted);
        const GradientRows rows{target, weighted ? std::span<const float>(weights) : std::span<const float>(),
                                outputs > 1 ? MatrixView<const float>{shares.data(), count, outputs, outputs} : view};
        const Words got = words_of(exec(), plan, rows, outputs - 1), want = words_of(cpu(), plan, rows, outputs - 1);
        EXPECT_EQ(got.scale.g, want.scale.g);
        EXPECT_EQ(got.scale.h, want.scale.h);
        EXPECT_EQ(got.records, want.records);
      }
    }
  }
}

}  // namespace
}  // namespace crisp
