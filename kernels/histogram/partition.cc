#include "kernels/histogram/partition.h"

#include <algorithm>
#include <vector>

#include "cuda/error.h"
#include "cuda/nvtx.h"

namespace crisp {
namespace {

constexpr int64_t kBlock = 16384;
constexpr int64_t kAhead = 32;  // rows whose codes are fetched before they are needed

/// Left ones move to the front, right ones to `rest`; returns how many went left. No branch depends on a row.
int64_t part(const uint8_t* codes, const CodeSides& left, ArrayView<uint32_t> index, uint32_t* rest) {
  int64_t lefts = 0, rights = 0;
  for (int64_t i = 0; i < index.size; ++i) {
    __builtin_prefetch(codes + index[std::min(i + kAhead, index.size - 1)]);
    const uint32_t row = index[i];
    const uint8_t goes_left = left[codes[row]];
    index[lefts] = row;
    rest[rights] = row;
    lefts += goes_left;
    rights += 1 - goes_left;
  }
  return lefts;
}

}  // namespace

int64_t partition_rows(Exec& exec, const uint8_t* codes, const CodeSides& left, ArrayView<uint32_t> index, ArrayView<uint32_t> room) {
  CRISP_ASSERT(room.size >= index.size);
  const NvtxRange range("partition_rows");
  const int64_t blocks = (index.size + kBlock - 1) / kBlock;
  std::vector<int64_t> lefts(static_cast<size_t>(blocks + 1));
  const auto block = [&](int64_t k) {
    return ArrayView<uint32_t>{index.data + k * kBlock, std::min(kBlock, index.size - k * kBlock)};
  };
  exec.threads().run(blocks, [&](int64_t k) {
    lefts[static_cast<size_t>(k)] = part(codes, left, block(k), room.data + k * kBlock);
  });
  // Each block's two ends are where it was: together by moving left ends down, then the right ends, kept in `room`, behind them.
  std::vector<int64_t> rights(lefts.size());
  int64_t all_left = 0;
  for (int64_t k = 0; k < blocks; ++k) {
    const ArrayView<uint32_t> rows = block(k);
    const int64_t count = lefts[static_cast<size_t>(k)];
    if (rows.data != index.data + all_left) std::copy_n(rows.data, count, index.data + all_left);
    rights[static_cast<size_t>(k + 1)] = rights[static_cast<size_t>(k)] + rows.size - count;
    all_left += count;
  }
  exec.threads().run(blocks, [&](int64_t k) {
    const int64_t count = block(k).size - lefts[static_cast<size_t>(k)];
    std::copy_n(room.data + k * kBlock, count, index.data + all_left + rights[static_cast<size_t>(k)]);
  });
  return all_left;
}

}  // namespace crisp
