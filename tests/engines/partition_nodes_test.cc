// Rows of many nodes parted at once on a device: in the order of the CPU's engine.
#include "kernels/histogram/partition.h"
#include "tests/engine.h"
#include "tests/engines/node_rows.h"
#include "tests/engines/resident_rows.h"

namespace crisp {
namespace {

class PartitionNodes : public EngineTest {};
CRISP_TEST_DEVICES(PartitionNodes);

TEST_P(PartitionNodes, PartRowsInTheCpusOrder) {
  const int64_t count = GetParam() == "emulated" ? 9000 : 300'000;
  BinnedSample sample(count, {2, 37, 256});
  const ResidentRows rows(exec(), sample);
  std::vector<uint32_t> index = shuffled(count, 6), room(index.size());
  const DeviceBuffer<uint32_t> on_device(exec(), index.data(), count), free(exec(), count);
  std::vector<gpu::PartitionJob> jobs;
  for (const gpu::NodeRows& part : parts_of(count, {1, 31, 32, 0, 4095, 4097})) {
    gpu::PartitionJob job{part, static_cast<int32_t>(jobs.size() % 3), {}};
    for (size_t code = 0; code < 256; ++code) job.left[code] = jobs.size() == 2 || random_below(9, jobs.size(), code, 3) == 0;
    jobs.push_back(job);
  }
  std::vector<int64_t> lefts(jobs.size(), -1), want;
  gpu::partition_nodes(exec(), rows.view().columns, on_device.data(), free.data(), jobs, lefts);
  for (const gpu::PartitionJob& job : jobs) {
    const ArrayView<uint32_t> own{index.data() + job.rows.begin, job.rows.rows};
    want.push_back(partition_rows(cpu(), sample.view().columns.row(job.byte), job.left, own, {room.data(), job.rows.rows}));
  }
  EXPECT_EQ(lefts, want);
  std::vector<uint32_t> got(index.size());
  on_device.download(exec(), got.data(), count);
  EXPECT_EQ(got, index);
}

}  // namespace
}  // namespace crisp
