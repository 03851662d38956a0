// Scaling and statistics as shares of what memory can do: a copy and a read of the same matrix in the same
// run. perf_columns [ROWS] [COLUMNS] [THREADS], by default 10,000,000 x 29 with 2 threads. Best of five
// rounds.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#include "cuda/random.h"
#include "kernels/scale/scale.h"
#include "kernels/statistics/column_statistics.h"
#include "kernels/statistics/percentiles.h"
#include "table/matrix.h"

namespace {

using namespace crisp;

constexpr int kRounds = 5;
constexpr int64_t kGrain = 4096;

double best_seconds(const std::function<void()>& body) {
  double best = 1e30;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    body();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

void fill(Exec& exec, MatrixView<float> view) {
  exec.threads().for_ranges(view.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j = 0; j < view.columns; ++j) {
        view.at(i, j) =
            static_cast<float>(random_uniform(1, static_cast<uint64_t>(j), static_cast<uint64_t>(i)));
      }
    }
  });
}

/// Reads every 8 bytes once, by integer sums: the fastest that a program can look at all of the matrix.
uint64_t read_all(Exec& exec, MatrixView<const float> view) {
  std::vector<uint64_t> sums(static_cast<size_t>((view.rows + kGrain - 1) / kGrain));
  exec.threads().for_ranges(view.rows, kGrain, [&](int64_t begin, int64_t end) {
    const auto* words = reinterpret_cast<const uint64_t*>(view.row(begin));
    const int64_t count = (end - begin) * view.ld / 2;
    uint64_t lanes[8] = {};
    for (int64_t k = 0; k + 8 <= count; k += 8) {
      for (int lane = 0; lane < 8; ++lane) lanes[lane] += words[k + lane];
    }
    for (const uint64_t lane : lanes) sums[static_cast<size_t>(begin / kGrain)] += lane;
  });
  uint64_t total = 0;
  for (const uint64_t sum : sums) total += sum;
  return total;
}

void copy_all(Exec& exec, MatrixView<const float> from, MatrixView<float> to) {
  // One piece a thread, so that memcpy writes past the caches as it does for large blocks.
  exec.threads().for_ranges(from.rows, (from.rows + exec.threads().threads() - 1) / exec.threads().threads(),
                            [&](int64_t begin, int64_t end) {
                              std::memcpy(to.row(begin), from.row(begin),
                                          static_cast<size_t>((end - begin) * from.ld * 4));
                            });
}

int64_t argument(int argc, char** argv, int index, int64_t fallback) {
  int64_t value = fallback;
  if (index < argc) std::from_chars(argv[index], argv[index] + std::strlen(argv[index]), value);
  return value;
}

void print(const char* what, double seconds, double bytes, double reference, const char* of) {
  std::printf("%-28s %8.3f s %7.1f GB/s", what, seconds, bytes / seconds / 1e9);
  if (reference > 0) std::printf("   %5.1f %% of a %s", 100 * reference / seconds, of);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t rows = argument(argc, argv, 1, 10'000'000), columns = argument(argc, argv, 2, 29);
  Exec exec(Device::cpu(), static_cast<int>(argument(argc, argv, 3, 2)));
  Matrix from(rows, columns), to(rows, columns);
  fill(exec, from.view());
  const MatrixView<const float> view = from.view();
  const double bytes = static_cast<double>(rows * view.ld * 4);
  std::printf("%lld x %lld float32 (%lld with padding), %d threads\n", static_cast<long long>(rows),
              static_cast<long long>(columns), static_cast<long long>(view.ld), exec.threads().threads());

  volatile uint64_t sink = 0;
  const double copy = best_seconds([&] { copy_all(exec, view, to.view()); });
  const double read = best_seconds([&] { sink = read_all(exec, view); });
  print("copy (memcpy)", copy, 2 * bytes, 0, "");
  print("read", read, bytes, 0, "");

  const std::vector<ScaleColumn> fitted = fit_scale(exec, ScaleMethod::standard, view);
  print("standardise, apply",
        best_seconds([&] { apply_scale(exec, ScaleMethod::standard, fitted, view, to.view()); }), 2 * bytes,
        copy, "copy");
  print("statistics, all in one pass", best_seconds([&] { column_statistics(exec, view); }), bytes, read,
        "read");
  const double percents[] = {25, 50, 75};
  print("exact quartiles, 3 passes", best_seconds([&] { column_percentiles(exec, view, percents); }),
        3 * bytes, 3 * read, "read");
  return 0;
}
