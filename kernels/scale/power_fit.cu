// GPU engine of power fits: the lanes, chunks and order of additions of the CPU engine, so the same bits.
#include "cuda/block.h"
#include "cuda/staging.h"
#include "kernels/scale/power_fit.h"

namespace crisp::gpu {
namespace {

/// The logarithms, column after column: neighbouring threads write neighbouring rows.
template <class T, PowerFamily family>
struct LogValue {
  MatrixView<const T> rows;
  double* logs;
  CRISP_HD void operator()(int64_t k) const {
    const int64_t column = k / rows.rows, row = k - column * rows.rows;
    logs[k] = power_log<family>(static_cast<double>(rows.at(row, column)));
  }
};

/// block_reduce in the order of the contract: every thread brings the sums of its lane.
__device__ PowerMoments fold(PowerMoments lane) {
  __shared__ double scratch[kMaxWarps];
  static_assert(kPowerGroup == kWarp);
  PowerMoments total;
  total.sum = block_reduce(lane.sum, Sum{}, scratch);
  total.squares = block_reduce(lane.squares, Sum{}, scratch);
  return total;
}

/// partial[trial * chunks + chunk] = moments of 4,096 values of the trial's column; logs: columns x rows.
/// Owner: a block takes a chunk of one trial (grid: chunks x trials), thread l its virtual lane l.
/// Shared (static): 256 bytes for the fold.
/// Memory: a column's logarithms lie in a row: coalesced, read once. 50 double operations a value bound it on cards with
/// few double units (T4, A10G, L4); elsewhere it is about even with memory.
/// Regime: columns of many chunks, or many columns: else few blocks work.
template <PowerFamily family, bool kLogs>
__global__ void __launch_bounds__(kPowerLanes) power_moments(const double* logs, int64_t rows, const PowerTrial* trials,
                                                             PowerMoments* partial) {
  const PowerTrial trial = trials[blockIdx.y];
  const int64_t begin = static_cast<int64_t>(blockIdx.x) * kPowerChunk;
  const int64_t end = begin + kPowerChunk < rows ? begin + kPowerChunk : rows;
  const double* column = logs + trial.column * rows;
  PowerMoments lane;
  for (int64_t i = begin + threadIdx.x; i < end; i += kPowerLanes) {
    const double log = __ldg(&column[i]);
    if (log == log) lane.add(kLogs ? log - trial.pivot.log : power_distance<family>(log, trial.pivot));
  }
  const PowerMoments total = fold(lane);
  if (threadIdx.x == 0) partial[static_cast<int64_t>(blockIdx.y) * gridDim.x + blockIdx.x] = total;
}

/// total[trial] = the chunks' sums, folded like values. One block a trial.
__global__ void __launch_bounds__(kPowerLanes) join_power_moments(const PowerMoments* partial, int64_t chunks,
                                                                  PowerMoments* total) {
  PowerMoments lane;
  for (int64_t chunk = threadIdx.x; chunk < chunks; chunk += kPowerLanes) {
    lane = lane + partial[blockIdx.x * chunks + chunk];
  }
  const PowerMoments sum = fold(lane);
  if (threadIdx.x == 0) total[blockIdx.x] = sum;
}

template <PowerFamily family>
class DeviceColumns : public PowerColumns {
 public:
  template <class T>
  DeviceColumns(Exec& exec, MatrixView<const T> rows)
      : exec_(exec), rows_(rows.rows), chunks_(blocks_for(rows.rows, kPowerChunk, int64_t{1} << 31)),
        logs_(exec, rows.rows * rows.columns), trials_(exec, rows.columns), partial_(exec, rows.columns * chunks_),
        total_(exec, rows.columns) {
    const DeviceMatrixInput<T> in(exec, rows);
    launch_rows(exec, logs_.size(), LogValue<T, family>{in.view(), logs_.data()});
  }

  std::vector<PowerMoments> moments(std::span<const PowerTrial> trials) override {
    return run(power_moments<family, false>, trials);
  }
  std::vector<PowerMoments> log_moments(std::span<const PowerTrial> trials) override {
    return run(power_moments<family, true>, trials);
  }

 private:
  using Kernel = void (*)(const double*, int64_t, const PowerTrial*, PowerMoments*);

  std::vector<PowerMoments> run(Kernel kernel, std::span<const PowerTrial> trials) {
    const auto count = static_cast<unsigned>(trials.size());
    std::vector<PowerMoments> out(count);
    copy_bytes(exec_, trials_.data(), trials.data(), trials.size_bytes());
    launch(exec_, {dim3(static_cast<unsigned>(chunks_), count), dim3(kPowerLanes)}, kernel, logs_.data(), rows_,
           trials_.data(), partial_.data());
    launch(exec_, {dim3(count), dim3(kPowerLanes)}, join_power_moments, partial_.data(), chunks_, total_.data());
    total_.download(exec_, out.data(), count);
    return out;
  }

  Exec& exec_;
  int64_t rows_, chunks_;
  DeviceBuffer<double> logs_;
  DeviceBuffer<PowerTrial> trials_;
  DeviceBuffer<PowerMoments> partial_, total_;
};

template <class T>
std::unique_ptr<PowerColumns> columns_of(Exec& exec, PowerFamily family, MatrixView<const T> rows) {
  if (family == PowerFamily::box_cox) return std::make_unique<DeviceColumns<PowerFamily::box_cox>>(exec, rows);
  return std::make_unique<DeviceColumns<PowerFamily::yeo_johnson>>(exec, rows);
}

}  // namespace

std::unique_ptr<PowerColumns> power_columns(Exec& exec, PowerFamily family, MatrixView<const float> rows) {
  return columns_of(exec, family, rows);
}

std::unique_ptr<PowerColumns> power_columns(Exec& exec, PowerFamily family, MatrixView<const double> rows) {
  return columns_of(exec, family, rows);
}

}  // namespace crisp::gpu
