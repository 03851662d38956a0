// Histograms of many nodes at once on a device: each as the CPU's engine has it, bit for bit.
#include <array>

#include "tests/engine.h"
#include "tests/engines/node_rows.h"
#include "tests/engines/resident_rows.h"

namespace crisp {
namespace {

class HistogramNodes : public EngineTest {};
CRISP_TEST_DEVICES(HistogramNodes);

void expect_equal(const OwnedHistogram& got, const OwnedHistogram& want, const char* what) {
  ASSERT_EQ(got.view.is_wide(), want.view.is_wide());
  for (int64_t k = 0; k < want.view.width; ++k) ASSERT_EQ(got.view.at(k), want.view.at(k)) << what << ", cell " << k;
}

TEST_P(HistogramNodes, BuildTheCpusHistograms) {
  struct Shape {
    int columns, codes;
    int64_t rows;
  };
  const int64_t many = kPackedRows + 40;
  for (const Shape& shape : {Shape{1, 2, 90}, Shape{3, 16, 700}, Shape{5, 33, many}, Shape{17, 256, 900}, Shape{28, 250, 1100}, Shape{33, 40, 300},
                             Shape{70, 7, 200}}) {
    SCOPED_TRACE(testing::Message() << shape.columns << " columns of " << shape.codes << " codes, " << shape.rows << " rows");
    std::vector<int32_t> codes(static_cast<size_t>(shape.columns), shape.codes);
    codes[0] = 2;
    BinnedSample sample(shape.rows, codes);
    const ResidentRows rows(exec(), sample);
    const std::vector<uint32_t> index = shuffled(shape.rows, 5);
    const DeviceBuffer<uint32_t> on_device(exec(), index.data(), shape.rows);
    const auto parts = shape.rows == many ? parts_of(many, {many}) : parts_of(shape.rows, {1, 0, 33, 40});
    std::vector<DeviceHistogram> out;
    std::vector<gpu::BuildJob> jobs;
    for (const gpu::NodeRows& part : parts) {
      out.emplace_back(exec(), sample.view().width(), part.rows > kPackedRows);
      jobs.push_back({part, out.back().view()});
    }
    gpu::build_histograms(exec(), rows.view(), on_device.data(), jobs);
    for (size_t k = 0; k < parts.size(); ++k) {
      OwnedHistogram want(sample.view().width(), parts[k].rows > kPackedRows);
      build_histogram(cpu(), sample.view(), {index.data() + parts[k].begin, parts[k].rows}, want.view);
      expect_equal(out[k].download(), want, "histogram");
      EXPECT_EQ(gpu::total_of(exec(), rows.view(), out[k].view()), total_of(sample.view(), want.view));
    }
  }
}

void expect_room(Exec& exec, int64_t count, int quanta) {
  BinnedSample sample(count, {2});
  for (int64_t i = 0; i < count; ++i) {
    sample.records[static_cast<size_t>(i * sample.stride)] = 1;
    sample.view().word(i) = gradient_word(-quanta, quanta);
  }
  const ResidentRows rows(exec, sample);
  std::vector<uint32_t> index(static_cast<size_t>(count));
  std::iota(index.begin(), index.end(), 0u);
  const DeviceBuffer<uint32_t> on_device(exec, index.data(), count);
  const DeviceHistogram out(exec, sample.view().width(), false);
  const gpu::BuildJob job{{0, count}, out.view()};
  gpu::build_histograms(exec, rows.view(), on_device.data(), {&job, 1});
  EXPECT_EQ(out.download().view.at(1), (Sums{-quanta * count, quanta * count, count}));
}

TEST_P(HistogramNodes, HoldTheLargestWordsOfAllTheirRows) {
  expect_room(exec(), kPackedRows, kMostQuanta);
  expect_room(exec(), 1024, kFinestQuanta);
  expect_room(exec(), 8192, quanta_for(8192));
}

TEST_P(HistogramNodes, SubtractInAllLayouts) {
  const int64_t width = 700;
  const auto invented = [&](bool wide, int64_t most, uint64_t seed) {
    OwnedHistogram out(width, wide);
    for (int64_t k = 0; k < width; ++k) {
      const auto draw = [&](uint64_t stream) { return static_cast<int64_t>(random_below(seed, stream, static_cast<uint64_t>(k), static_cast<uint64_t>(most))); };
      const Sums sums{draw(1) - draw(2), draw(3), draw(4)};
      if (wide) out.wide[static_cast<size_t>(k)] = sums;
      if (!wide) out.packed[static_cast<size_t>(k)] = pack(sums);
    }
    return out;
  };
  for (const auto& [parent_wide, child_wide, out_wide] : {std::array{true, true, true}, std::array{true, false, true}, std::array{false, false, false}}) {
    const OwnedHistogram parent = invented(parent_wide, 9000, 1), child = invented(child_wide, 4000, 2);
    OwnedHistogram want(width, out_wide);
    subtract_histogram(parent.view, child.view, want.view);
    const DeviceHistogram on_parent(exec(), parent.view), on_child(exec(), child.view), out(exec(), width, out_wide);
    const std::vector<gpu::SubtractJob> jobs{{on_parent.view(), on_child.view(), out.view()}, {on_parent.view(), on_child.view(), on_parent.view()}};
    gpu::subtract_histograms(exec(), {jobs.data(), 1});
    gpu::subtract_histograms(exec(), {jobs.data() + 1, 1});
    expect_equal(out.download(), want, "elsewhere");
    expect_equal(on_parent.download(), want, "in place");
  }
}

}  // namespace
}  // namespace crisp
