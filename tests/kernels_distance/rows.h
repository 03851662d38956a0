/// Rows for the tests of distances, and their answers by the definition.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "cuda/cpu_isa.h"
#include "cuda/random.h"
#include "cuda/view.h"
#include "kernels/distance/distance_row.h"

namespace crisp {

constexpr Metric kMetrics[] = {Metric::l2, Metric::l2_squared, Metric::l1, Metric::cosine};

struct Rows {
  std::vector<float> values;
  int64_t rows, columns;
  MatrixView<const float> view() const { return {values.data(), rows, columns, columns}; }
  float& at(int64_t i, int64_t j) { return values[static_cast<size_t>(i * columns + j)]; }
};

/// Uniform in [-1, 1) about `offset`.
inline Rows random_rows(int64_t rows, int64_t columns, uint64_t seed, double offset = 0.0) {
  Rows out{std::vector<float>(static_cast<size_t>(rows * columns)), rows, columns};
  for (size_t i = 0; i < out.values.size(); ++i) {
    out.values[i] = static_cast<float>(offset + 2 * random_uniform(seed, 7, i) - 1);
  }
  return out;
}

/// Rows with values that are missing, infinite, too large for their squares, and a row of zeros.
inline Rows odd_rows(int64_t rows, int64_t columns, uint64_t seed) {
  Rows out = random_rows(rows, columns, seed);
  if (rows < 20) return out;
  out.at(3, 0) = NAN;
  out.at(5, columns - 1) = INFINITY;
  out.at(6, 0) = -INFINITY;
  out.at(11, columns / 2) = -3e38f;
  out.at(13, columns / 2) = 1e-30f;
  for (int64_t j = 0; j < columns; ++j) out.at(17, j) = 0.0f;
  std::copy_n(&out.at(1, 0), columns, &out.at(19, 0));
  return out;
}

/// Rows close to one of two points that are far apart: estimates of their distances are wrong by more than the distances.
inline Rows rows_of_two_crowds(int64_t rows, int64_t columns, uint64_t seed) {
  Rows out = random_rows(rows, columns, seed);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      const double center = 1000 * random_uniform(99, static_cast<uint64_t>(i % 2), static_cast<uint64_t>(j)) + 1;
      out.at(i, j) = static_cast<float>(i % 2 == 0 ? center : -center) + 0.01f * out.at(i, j);
    }
  }
  return out;
}

[[gnu::noinline]] inline double measure(Metric metric, const float* a, const float* b, int64_t columns) {
  using namespace distance;
  if (metric == Metric::l1) return row_measure<Metric::l1>(a, 1, b, 1, columns);
  if (metric != Metric::cosine) return row_measure<Metric::l2>(a, 1, b, 1, columns);
  return row_measure<Metric::cosine>(a, direction_scale(a, columns), b, direction_scale(b, columns), columns);
}

/// Ids and distances of the k nearest rows, by sorting all.
struct Nearest {
  std::vector<int32_t> ids;
  std::vector<float> distances;

  Nearest(int64_t queries, int64_t k)
      : ids(static_cast<size_t>(queries * k), -7), distances(ids.size(), -7.0f), queries_(queries), k_(k) {}
  MatrixView<int32_t> id_view() { return {ids.data(), queries_, k_, k_}; }
  MatrixView<float> distance_view() { return {distances.data(), queries_, k_, k_}; }

 private:
  int64_t queries_, k_;
};

inline Nearest nearest_by_sorting(Metric metric, const Rows& rows, const Rows& queries, int64_t k) {
  Nearest out(queries.rows, k);
  std::vector<distance::Neighbour> all(static_cast<size_t>(rows.rows));
  for (int64_t q = 0; q < queries.rows; ++q) {
    for (int64_t i = 0; i < rows.rows; ++i) {
      const double found = measure(metric, queries.view().row(q), rows.view().row(i), rows.columns);
      all[static_cast<size_t>(i)] = {distance::measure_key(found), i};
    }
    std::sort(all.begin(), all.end(), distance::comes_before);
    for (int64_t j = 0; j < k; ++j) {
      out.id_view().at(q, j) = static_cast<int32_t>(all[static_cast<size_t>(j)].id);
      out.distance_view().at(q, j) =
          distance::distance_of(metric, double_from_bits(all[static_cast<size_t>(j)].key));
    }
  }
  return out;
}

/// Bits, so that NaN equals itself.
inline std::vector<uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<uint32_t> out(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    out[i] = std::isnan(values[i]) ? 0x7fc00000u : __builtin_bit_cast(uint32_t, values[i]);
  }
  return out;
}

/// Lowers the instruction set while it lives.
struct IsaLimit {
  explicit IsaLimit(CpuIsa isa) { isa_limit() = isa; }
  ~IsaLimit() { isa_limit() = CpuIsa::avx512; }
};
constexpr CpuIsa kIsas[] = {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512};

}  // namespace crisp
