// Times of the operations on data that stay on the device: perf_gpu [DEVICE] [ROWS], by default cuda:0 and 10,000,000.
// One JSON line an operation: name, milliseconds (best of rounds), gigabytes that must move, gigabytes a second.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "cuda/buffer.h"
#include "cuda/random.h"
#include "kernels/anomaly/random_cut_forest.h"
#include "kernels/geo/great_circle.h"
#include "kernels/scale/scale.h"
#include "kernels/segments/segment_statistics.h"
#include "kernels/statistics/column_statistics.h"
#include "kernels/statistics/percentiles.h"

namespace {

using namespace crisp;

constexpr int kRounds = 7;
constexpr int64_t kColumns = 29, kStride = 32;  // rows padded to 64 bytes, as a Matrix is
constexpr int64_t kForestRows = 177'840, kTripEvents = 100;

/// A column or matrix where the operations run: on the GPU, or on the host for --device cpu.
template <class T>
class Resident {
 public:
  Resident(Exec& exec, std::vector<T> values) : host_(std::move(values)) {
    if (exec.is_cuda()) device_ = DeviceBuffer<T>(exec, host_.data(), size());
  }
  T* data() { return device_.data() ? device_.data() : host_.data(); }
  int64_t size() const { return static_cast<int64_t>(host_.size()); }
  ArrayView<T> view() { return {data(), size()}; }
  std::vector<T>& host() { return host_; }

 private:
  std::vector<T> host_;
  DeviceBuffer<T> device_;
};

void report(Exec& exec, const char* name, double bytes, const std::function<void()>& body) {
  double best = 1e30;
  for (int round = 0; round < kRounds; ++round) {
    exec.synchronize();
    const auto start = std::chrono::steady_clock::now();
    body();
    exec.synchronize();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::printf("{\"operation\": \"%s\", \"milliseconds\": %.4f, \"gigabytes\": %.4f, \"gigabytes_per_second\": %.1f}\n", name,
              best * 1e3, bytes * 1e-9, bytes * 1e-9 / best);
  std::fflush(stdout);
}

std::vector<float> random_floats(Exec& exec, int64_t size) {
  std::vector<float> out(static_cast<size_t>(size));
  exec.threads().for_ranges(size, 1 << 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double u = random_uniform(1, 0, static_cast<uint64_t>(i));
      out[static_cast<size_t>(i)] = static_cast<float>(u * u * u * 100);  // heavy to one side, as real features are
    }
  });
  return out;
}

std::vector<double> random_doubles(int64_t size, uint64_t stream, double scale) {
  std::vector<double> out(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) out[static_cast<size_t>(i)] = scale * random_uniform(2, stream, static_cast<uint64_t>(i));
  return out;
}

void time_matrix(Exec& exec, int64_t rows) {
  Resident<float> in(exec, random_floats(exec, rows * kStride)), out(exec, std::vector<float>(in.host().size()));
  const MatrixView<float> from{in.data(), rows, kColumns, kStride}, to{out.data(), rows, kColumns, kStride};
  const double bytes = static_cast<double>(rows) * kColumns * sizeof(float);
  const double all = static_cast<double>(rows) * kStride * sizeof(float);
  if (exec.is_cuda()) {
    report(exec, "copy", 2 * all, [&] { copy_bytes(exec, out.data(), in.data(), in.host().size() * sizeof(float)); });
  }
  const auto fitted = fit_scale(exec, ScaleMethod::standard, from);
  report(exec, "standardise", 2 * bytes, [&] { apply_scale(exec, ScaleMethod::standard, fitted, from, to); });
  const auto power = std::vector<ScaleColumn>(kColumns, ScaleColumn{1.0, 2.0, 0.3});
  report(exec, "yeo_johnson", 2 * bytes, [&] { apply_scale(exec, ScaleMethod::yeo_johnson, power, from, to); });
  report(exec, "column_statistics", bytes, [&] { column_statistics(exec, from); });
  constexpr double kPercents[] = {10, 25, 50, 75, 90};
  report(exec, "column_percentiles", 3 * bytes, [&] { column_percentiles(exec, from, kPercents); });
}

void time_columns(Exec& exec, int64_t rows) {
  Resident<double> lat1(exec, random_doubles(rows, 1, 80)), lon1(exec, random_doubles(rows, 2, 170));
  Resident<double> lat2(exec, random_doubles(rows, 3, 80)), lon2(exec, random_doubles(rows, 4, 170));
  Resident<double> out(exec, std::vector<double>(static_cast<size_t>(rows)));
  const PointPairs pairs{lat1.view(), lon1.view(), lat2.view(), lon2.view()};
  report(exec, "haversine", 40.0 * static_cast<double>(rows), [&] { haversine(exec, pairs, 1.0, out.view()); });
  std::vector<int64_t> bounds;
  for (int64_t i = 0; i <= rows; i += kTripEvents) bounds.push_back(i);
  if (bounds.back() != rows) bounds.push_back(rows);
  Resident<int64_t> offsets(exec, bounds);
  constexpr SegmentRequest kSums[] = {{SegmentStatistic::mean}, {SegmentStatistic::deviation}, {SegmentStatistic::high}};
  constexpr SegmentRequest kSorted[] = {{SegmentStatistic::percentile, 10}, {SegmentStatistic::percentile, 90}};
  const int64_t segments = offsets.size() - 1;
  Resident<double> answers(exec, std::vector<double>(static_cast<size_t>(3 * segments)));
  const double bytes = 8.0 * static_cast<double>(rows);
  report(exec, "segments.sums", bytes,
         [&] { segment_statistics(exec, lat1.view(), offsets.view(), kSums, {answers.data(), segments, 3, 3}); });
  report(exec, "segments.percentiles", bytes,
         [&] { segment_statistics(exec, lat1.view(), offsets.view(), kSorted, {answers.data(), segments, 2, 2}); });
}

void time_forest(Exec& exec, int64_t rows) {
  Resident<float> values(exec, random_floats(exec, rows * kStride));
  const MatrixView<const float> view{values.data(), rows, kColumns, kStride};
  const RandomCutParams params{50, 200};
  RandomCutForest forest;
  report(exec, "random_cut_forest.build", 50.0 * 200 * kColumns * 4,
         [&] { forest = build_random_cut_forest(exec, view, params, 1); });
  const ForestTables tables = derive_tables(exec, forest);
  std::vector<double> scores(static_cast<size_t>(rows));
  report(exec, "random_cut_forest.score", static_cast<double>(rows) * (kColumns * 4 + 8),
         [&] { score_random_cut_forest(exec, forest, tables, view, scores); });
}

}  // namespace

int main(int argc, char** argv) {
  try {
    int64_t rows = 10'000'000;
    if (argc > 2) {
      const std::string text = argv[2];
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), rows);
      CRISP_REQUIRE(parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && rows > 0, Code::usage,
                    "ROWS '", text, "' is not a positive number");
    }
    Exec exec(parse_device(argc > 1 ? argv[1] : "cuda:0"));
    time_matrix(exec, rows);
    time_columns(exec, rows);
    time_forest(exec, std::min(rows, kForestRows));
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "perf_gpu: %s\n  %s\n", error.what(), error.hint().c_str());
    return static_cast<int>(error.code());
  }
}
