#include "cuda/buffer.h"

#include <algorithm>
#include <numeric>

#include "cuda/staging.h"
#include "tests/engine.h"

namespace crisp {
namespace {

class Buffers : public EngineTest {};
CRISP_TEST_DEVICES(Buffers);

TEST_P(Buffers, CarryValuesThereAndBack) {
  std::vector<double> values(1000), back(1000);
  std::iota(values.begin(), values.end(), 0.5);
  DeviceBuffer<double> buffer(exec(), values.data(), 1000);
  DeviceBuffer<double> moved = std::move(buffer);
  moved.download(exec(), back.data(), 1000);
  EXPECT_EQ(values, back);
  moved.fill_zero(exec());
  moved.download(exec(), back.data(), 10);
  EXPECT_EQ(std::count(back.begin(), back.begin() + 10, 0.0), 10);
  EXPECT_EQ(back[10], 10.5);
}

TEST_P(Buffers, MayOutliveTheirExec) {
  DeviceBuffer<int> kept;
  {
    Exec brief(exec().device());
    const std::vector<int> values = {1, 2, 3};
    kept = DeviceBuffer<int>(brief, values.data(), 3);
    brief.synchronize();
  }
  std::vector<int> back(3);
  kept.download(exec(), back.data(), 3);
  EXPECT_EQ(back, (std::vector<int>{1, 2, 3}));
}

TEST_P(Buffers, OfSizeZeroNeedNoMemory) {
  const DeviceBuffer<int> empty(exec(), 0);
  EXPECT_EQ(empty.data(), nullptr);
  empty.download(exec(), nullptr, 0);
}

TEST_P(Buffers, RefuseSizesThatOverflow) {
  EXPECT_THROW(DeviceBuffer<double>(exec(), int64_t{1} << 62), Error);
  EXPECT_THROW(DeviceBuffer<double>(exec(), -1), Error);
}

TEST_P(Buffers, StagingUsesDeviceDataInPlaceAndMovesHostData) {
  const std::vector<int> values = {1, 2, 3};
  const DeviceInput<int> staged(exec(), ArrayView<const int>{values.data(), 3});
  EXPECT_NE(staged.data(), values.data());
  EXPECT_TRUE(is_device_pointer(staged.data()));
  const DeviceInput<int> again(exec(), staged.view());
  EXPECT_EQ(again.data(), staged.data());
  EXPECT_FALSE(is_device_pointer(values.data()));
}

TEST_P(Buffers, StagedMatricesKeepPaddingOfTheTargetUntouched) {
  std::vector<float> in(3 * 16), out(3 * 8, -1.0f);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i);
  const DeviceMatrixInput<float> input(exec(), MatrixView<const float>{in.data(), 3, 5, 16});
  EXPECT_EQ(input.view().ld, 16);
  DeviceMatrixOutput<float> output(exec(), MatrixView<float>{out.data(), 3, 5, 8});
  copy_rows(exec(), output.view().data, 5 * 4, input.view().data, 16 * 4, 5 * 4, 3);
  output.finish(exec());
  for (size_t row = 0; row < 3; ++row) {
    for (size_t j = 0; j < 8; ++j) EXPECT_EQ(out[row * 8 + j], j < 5 ? in[row * 16 + j] : -1.0f);
  }
}

TEST(Devices, AreListedWithTheirLimits) {
  for (const DeviceInfo& device : cuda_devices()) {
    EXPECT_GT(device.multiprocessors, 0);
    EXPECT_GT(device.memory_bytes, 0);
    EXPECT_GE(device.shared_bytes_per_block, 48 * 1024);
  }
  EXPECT_EQ(cuda_devices().empty(), !cuda_absence_reason().empty());
}

TEST(Devices, NamesAreParsedOrRefused) {
  EXPECT_EQ(parse_device("cpu"), Device::cpu());
  EXPECT_EQ(Device::cuda(3).name(), "cuda:3");
  for (const char* wrong : {"", "gpu", "cuda:", "cuda:-1", "cuda:1x", "cuda:99999999999", "CPU"}) {
    try {
      parse_device(wrong);
      FAIL() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::usage) << wrong;
    }
  }
  try {
    parse_device("cuda:1000");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unavailable);
    EXPECT_FALSE(error.hint().empty());
  }
}

}  // namespace
}  // namespace crisp
