// What a search on a device does once to every row: as the arithmetic of distance_bound.h has it on the host.
#include "kernels/distance/shifted_rows.h"

#include <numeric>

#include "kernels/distance/distance_bound.h"
#include "tests/engine.h"
#include "tests/kernels_distance/rows.h"

namespace crisp {
namespace {

class ShiftedRowsOnDevice : public EngineTest {
 protected:
  template <class T>
  std::vector<T> download(const T* there, int64_t size) {
    std::vector<T> out(static_cast<size_t>(size));
    copy_bytes(exec(), out.data(), there, out.size() * sizeof(T));
    exec().synchronize();
    return out;
  }
};
CRISP_TEST_DEVICES(ShiftedRowsOnDevice);

TEST_P(ShiftedRowsOnDevice, HaveTheValuesNormsAndScalesOfTheirMetric) {
  constexpr int64_t kRows = 70, kColumns = 33;
  const Rows rows = odd_rows(kRows, kColumns, 3);
  std::vector<float> shift(kColumns);
  for (size_t j = 0; j < shift.size(); ++j) shift[j] = static_cast<float>(random_uniform(1, 2, j));
  const DeviceBuffer<float> shift_there(exec(), shift.data(), kColumns);
  const double slack = distance::relative_slack(kColumns);
  for (const Metric metric : kMetrics) {
    SCOPED_TRACE(testing::Message() << "metric " << static_cast<int>(metric));
    const gpu::ShiftedRows there(exec(), metric, rows.view(), shift_there.data(), slack, false);
    const gpu::ShiftedView view = there.view();
    ASSERT_EQ(view.shifted.ld, kColumns);
    EXPECT_EQ(view.scales != nullptr, metric == Metric::cosine);
    std::vector<float> shifted, norms;
    std::vector<double> scales;
    for (int64_t i = 0; i < kRows; ++i) {
      const double scale = metric == Metric::cosine ? distance::direction_scale(rows.view().row(i), kColumns) : 1.0;
      const auto begin = shifted.insert(shifted.end(), static_cast<size_t>(kColumns), 0.0f);
      for (int64_t j = 0; j < kColumns; ++j) begin[j] = distance::shifted_value(metric, rows.view().at(i, j), shift[static_cast<size_t>(j)], scale);
      const double norm = std::accumulate(begin, shifted.end(), 0.0, [](double sum, float x) { return sum + static_cast<double>(x) * x; });
      norms.push_back(distance::packed_norm(metric, norm, scale, slack));
      scales.push_back(scale);
    }
    EXPECT_EQ(bits_of(download(view.shifted.data, kRows * kColumns)), bits_of(shifted));
    EXPECT_EQ(bits_of(download(view.norms, kRows)), bits_of(norms));
    if (view.scales == nullptr) continue;
    const std::vector<double> found = download(view.scales, kRows);
    for (size_t i = 0; i < scales.size(); ++i) EXPECT_TRUE(found[i] == scales[i] || (std::isnan(found[i]) && std::isnan(scales[i]))) << "row " << i;
  }
}

TEST_P(ShiftedRowsOnDevice, KeepACopyWhereTheyMustStay) {
  const Rows rows = random_rows(20, 3, 1);
  DeviceBuffer<float> searched(exec(), rows.values.data(), 60);
  DeviceBuffer<float> shift(exec(), 3);
  shift.fill_zero(exec());
  const gpu::ShiftedRows kept(exec(), Metric::l2, {searched.data(), 20, 3, 3}, shift.data(), 0, true);
  const gpu::ShiftedRows used(exec(), Metric::l2, {searched.data(), 20, 3, 3}, shift.data(), 0, false);
  EXPECT_EQ(used.view().rows.data, searched.data());
  searched.fill_zero(exec());
  EXPECT_EQ(download(kept.view().rows.data, 60), rows.values);
}

TEST_P(ShiftedRowsOnDevice, ShiftByTheMeanOfWhatIsFinite) {
  Rows rows{{1, 5, 0, 2, INFINITY, 0, 6, 7, NAN}, 3, 3};
  for (size_t i : {2, 5}) rows.values[i] = NAN;  // a column without a number
  EXPECT_EQ(download(gpu::middle_on_device(exec(), rows.view()).data(), 3), (std::vector<float>{3, 6, 0}));
  Rows many{std::vector<float>(3 * 4096), 3 * 4096, 1};  // every third row is looked at
  for (size_t i = 0; i < many.values.size(); ++i) many.values[i] = i % 3 == 0 ? 2.0f : 99.0f;
  EXPECT_EQ(download(gpu::middle_on_device(exec(), many.view()).data(), 1), std::vector<float>{2});
}

}  // namespace
}  // namespace crisp
