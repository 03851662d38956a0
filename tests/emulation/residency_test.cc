// What a scorer needs lies on the device once: later calls bring their rows and nothing else.
#include <gtest/gtest.h>

#include "kernels/anomaly/random_cut_forest.h"
#include "tests/emulation/control.h"
#include "tests/kernels_anomaly/forest_reference.h"

namespace crisp {
namespace {

constexpr int64_t kRows = 40, kColumns = 5;

TEST(Residency, AForestIsUploadedOnce) {
  Exec exec(Device::cuda(0), 1);
  const ForestRows rows = heavy_tailed(kRows, kColumns, 1);
  const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {4, 30}, 1);
  const auto uploaded_by = [](auto work) {
    const uint64_t before = emulation::statistics().uploaded_bytes;
    work();
    return emulation::statistics().uploaded_bytes - before;
  };
  ForestTables tables;
  std::vector<double> scores(kRows), parts(kRows * 2 * kColumns);
  const uint64_t once = uploaded_by([&] { tables = derive_tables(exec, forest); });
  const uint64_t scoring = uploaded_by([&] { score_random_cut_forest(exec, forest, tables, rows.view(), scores); });
  const uint64_t explaining = uploaded_by([&] {
    attribute_random_cut_forest(exec, forest, tables, rows.view(), {parts.data(), kRows, 2 * kColumns, 2 * kColumns});
  });
  EXPECT_GT(once, tables.points.size() * sizeof(float) / 2);
  EXPECT_EQ(scoring, kRows * kColumns * sizeof(float));
  EXPECT_EQ(explaining, kRows * kColumns * sizeof(float));
}

}  // namespace
}  // namespace crisp
