/// Binned rows, and what hangs on them, where an engine wants them: on the host, or a copy on its device.
#pragma once

#include "cuda/buffer.h"
#include "tests/kernels_histogram/binned_sample.h"

namespace crisp {

/// A sample's rows for `exec`.
class ResidentRows {
 public:
  ResidentRows(Exec& exec, BinnedSample& sample) : binned_(sample.view()) {
    if (!exec.is_cuda()) return;
    records_ = DeviceBuffer<uint8_t>(exec, sample.records.data(), static_cast<int64_t>(sample.records.size()));
    columns_ = DeviceBuffer<uint8_t>(exec, sample.columns.data(), static_cast<int64_t>(sample.columns.size()));
    codes_ = DeviceBuffer<int32_t>(exec, sample.codes.data(), static_cast<int64_t>(sample.codes.size()));
    binned_.records.data = records_.data();
    binned_.columns.data = columns_.data();
    places_ = DeviceBuffer<ColumnPlace>(exec, sample.layout.places.data(), sample.layout.columns());
    binned_.codes.data = codes_.data();
    first_ = DeviceBuffer<int32_t>(exec, sample.layout.first.data(), static_cast<int64_t>(sample.layout.first.size()));
    binned_.places.data = places_.data();
    binned_.first.data = first_.data();
  }
  const BinnedRows& view() const { return binned_; }

 private:
  DeviceBuffer<uint8_t> records_, columns_;
  DeviceBuffer<int32_t> codes_, first_;
  DeviceBuffer<ColumnPlace> places_;
  BinnedRows binned_;
};

/// A histogram on a device.
class DeviceHistogram {
 public:
  DeviceHistogram(Exec& exec, int64_t width, bool is_wide)
      : exec_(&exec), packed_(exec, is_wide ? 0 : width), wide_(exec, is_wide ? width : 0),
        view_{is_wide ? nullptr : packed_.data(), is_wide ? wide_.data() : nullptr, width} {}
  /// A copy of one on the host.
  DeviceHistogram(Exec& exec, const HistogramView& host) : DeviceHistogram(exec, host.width, host.is_wide()) {
    if (host.is_wide()) copy_bytes(exec, view_.wide, host.wide, static_cast<size_t>(host.width) * sizeof(Sums));
    if (!host.is_wide()) copy_bytes(exec, view_.packed, host.packed, static_cast<size_t>(host.width) * sizeof(uint64_t));
  }

  HistogramView view() const { return view_; }
  OwnedHistogram download() const {
    OwnedHistogram host(view_.width, view_.is_wide());
    if (view_.is_wide()) wide_.download(*exec_, host.wide.data(), view_.width);
    if (!view_.is_wide()) packed_.download(*exec_, host.packed.data(), view_.width);
    return host;
  }

 private:
  Exec* exec_;
  DeviceBuffer<uint64_t> packed_;
  DeviceBuffer<Sums> wide_;
  HistogramView view_;
};

}  // namespace crisp
