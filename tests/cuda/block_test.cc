#include <algorithm>
#include <functional>
#include <numeric>

#include "cuda/buffer.h"
#include "tests/cuda/block_test_kernels.h"
#include "tests/engine.h"

namespace crisp {
namespace {

class BlockPrimitives : public EngineTest {
 protected:
  template <class T>
  std::vector<T> download(const DeviceBuffer<T>& buffer) {
    std::vector<T> out(static_cast<size_t>(buffer.size()));
    buffer.download(exec(), out.data(), buffer.size());
    return out;
  }
};
CRISP_TEST_DEVICES(BlockPrimitives);

std::vector<int> some_integers(int count) {
  std::vector<int> values(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) values[static_cast<size_t>(i)] = static_cast<int>(random_below(7, 1, i, 100)) - 50;
  return values;
}

TEST_P(BlockPrimitives, EqualTheSerialResultForEveryBlockSize) {
  for (const int threads : {32, 64, 96, 256, 1024}) {
    const std::vector<int> in = some_integers(threads);
    const std::vector<float> floats(in.begin(), in.end());
    const DeviceBuffer<int> values(exec(), in.data(), threads);
    const DeviceBuffer<float> float_values(exec(), floats.data(), threads);
    const DeviceBuffer<int> sum(exec(), threads), minimum(exec(), threads), before(exec(), threads),
        total(exec(), threads), rank(exec(), threads), chosen(exec(), threads);
    const DeviceBuffer<float> float_sum(exec(), threads);
    run_block_primitives(exec(), values.view(), float_values.view(),
                         {sum.view(), minimum.view(), before.view(), total.view(), rank.view(), chosen.view(),
                          float_sum.view()});
    std::vector<int> befores(in.size()), ranks(in.size());
    std::exclusive_scan(in.begin(), in.end(), befores.begin(), 0);
    std::transform_exclusive_scan(in.begin(), in.end(), ranks.begin(), 0, std::plus<>(), [](int v) { return v > 0; });
    const int expected = std::accumulate(in.begin(), in.end(), 0);
    const auto everywhere = [&](auto value) { return std::vector(in.size(), value); };
    EXPECT_EQ(download(sum), everywhere(expected)) << threads << " threads";
    EXPECT_EQ(download(float_sum), everywhere(static_cast<float>(expected)));
    EXPECT_EQ(download(minimum), everywhere(*std::ranges::min_element(in)));
    EXPECT_EQ(download(before), befores);
    EXPECT_EQ(download(total), everywhere(expected));
    EXPECT_EQ(download(rank), ranks);
    EXPECT_EQ(download(chosen), everywhere(static_cast<int>(std::ranges::count_if(in, [](int v) { return v > 0; }))));
  }
}

TEST_P(BlockPrimitives, VectorAccessesMoveFourValues) {
  std::vector<float> in(4000);
  std::iota(in.begin(), in.end(), 0.0f);
  const DeviceBuffer<float> from(exec(), in.data(), 4000), to(exec(), 4000);
  run_vector_copy(exec(), from.view(), to.view());
  const auto out = download(to);
  for (size_t i = 0; i < in.size(); ++i) ASSERT_EQ(out[i], 2 * in[i]);
}

TEST_P(BlockPrimitives, DynamicSharedMemoryIsAsLargeAsAskedFor) {
  const std::vector<int> in = some_integers(1000);
  const DeviceBuffer<int> from(exec(), in.data(), 1000), to(exec(), 1000);
  run_reverse(exec(), from.view(), to.view());
  EXPECT_TRUE(std::ranges::equal(std::vector<int>(in.rbegin(), in.rend()), download(to)));
}

TEST_P(BlockPrimitives, PhiloxDrawsTheSameNumbersAsTheHost) {
  constexpr uint64_t kSeed = 0x123456789abcdef, kStream = 5;
  const DeviceBuffer<RandomBlock> drawn(exec(), 777);
  run_philox(exec(), kSeed, kStream, drawn.view());
  const auto device = download(drawn);
  for (uint64_t i = 0; i < device.size(); ++i) {
    const RandomBlock host = philox(kSeed, kStream, i);
    ASSERT_TRUE(std::ranges::equal(host.word, device[i].word)) << "index " << i;
  }
}

}  // namespace
}  // namespace crisp
