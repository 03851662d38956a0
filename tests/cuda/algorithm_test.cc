#include "cuda/algorithm.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "cuda/buffer.h"
#include "cuda/random.h"
#include "tests/engine.h"

namespace crisp {
namespace {

class Algorithm : public EngineTest {};
CRISP_TEST_ENGINES(Algorithm);

constexpr int64_t kSizes[] = {0, 1, 2, 31, 1000, 20011};

std::vector<int64_t> integers(int64_t size, uint64_t bound) {
  std::vector<int64_t> out(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) out[i] = static_cast<int64_t>(random_below(3, 1, i, bound)) - static_cast<int64_t>(bound / 2);
  return out;
}

template <class T>
ArrayView<T> view(std::vector<T>& values) {
  return {values.data(), static_cast<int64_t>(values.size())};
}

TEST_P(Algorithm, SortsIntegersAndDoubles) {
  for (const int64_t size : kSizes) {
    std::vector<int64_t> values = integers(size, 1000), expected = values;
    std::vector<double> doubles(values.begin(), values.end());
    for (double& value : doubles) value *= 0.37;
    std::vector<double> expected_doubles = doubles;
    sort(exec(), view(values));
    std::ranges::sort(expected);
    EXPECT_EQ(values, expected);
    sort(exec(), view(doubles));
    std::ranges::sort(expected_doubles);
    EXPECT_EQ(doubles, expected_doubles);
  }
}

TEST_P(Algorithm, SortsInsideOfSegments) {
  std::vector<int64_t> offsets = {0, 0, 1, 40, 40, 40, 1000, 1000};
  std::vector<double> values, expected;
  for (const int64_t value : integers(1000, 100)) values.push_back(static_cast<double>(value));
  expected = values;
  sort_segments(exec(), view(values), {offsets.data(), static_cast<int64_t>(offsets.size())});
  for (size_t s = 0; s + 1 < offsets.size(); ++s) std::sort(expected.begin() + offsets[s], expected.begin() + offsets[s + 1]);
  EXPECT_EQ(values, expected);
}

TEST_P(Algorithm, SortsByKeyAndKeepsTheOrderOfEqualKeys) {
  std::vector<uint32_t> keys;
  std::vector<double> values;
  for (const int64_t key : integers(5000, 10)) {
    keys.push_back(static_cast<uint32_t>(key + 5) * 0x19999999u);  // up to the highest bit
    values.push_back(static_cast<double>(values.size()));
  }
  const std::vector<uint32_t> before = keys;
  sort_by_key(exec(), view(keys), view(values));
  for (size_t i = 0; i < keys.size(); ++i) {
    ASSERT_EQ(keys[i], before[static_cast<size_t>(values[i])]);
    if (i == 0) continue;
    ASSERT_TRUE(keys[i - 1] < keys[i] || (keys[i - 1] == keys[i] && values[i - 1] < values[i])) << i;
  }
}

TEST_P(Algorithm, ScansSumsAndDropsRepeats) {
  for (const int64_t size : kSizes) {
    std::vector<int64_t> values = integers(size, 5), scanned(values.size(), -1), expected(values.size());
    const int64_t total = std::accumulate(values.begin(), values.end(), int64_t{0});
    std::exclusive_scan(values.begin(), values.end(), expected.begin(), int64_t{0});
    EXPECT_EQ(sum(exec(), view(values)), total);
    EXPECT_EQ(exclusive_scan(exec(), view(values), view(scanned)), total);
    EXPECT_EQ(scanned, expected);
    std::vector<int64_t> left = values;
    left.erase(std::unique(left.begin(), left.end()), left.end());
    const int64_t count = unique(exec(), view(values));
    ASSERT_EQ(count, static_cast<int64_t>(left.size()));
    values.resize(left.size());
    EXPECT_EQ(values, left);
    EXPECT_EQ(exclusive_scan(exec(), view(left), view(left)), std::accumulate(values.begin(), values.end(), int64_t{0}));
  }
}

TEST_P(Algorithm, WorksOnDeviceMemoryInPlace) {
  if (!exec().is_cuda()) GTEST_SKIP() << "no device memory";
  std::vector<int64_t> values = integers(3000, 50);
  const DeviceBuffer<int64_t> device(exec(), values.data(), 3000);
  sort(exec(), device.view());
  std::ranges::sort(values);
  std::vector<int64_t> back(3000);
  device.download(exec(), back.data(), 3000);
  EXPECT_EQ(back, values);
}

}  // namespace
}  // namespace crisp
