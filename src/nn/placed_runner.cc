#include "nn/placed_runner.h"

#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "nn/product_scope.h"

namespace crisp::nn {
namespace {

constexpr int64_t kChecked = 64;  // rows

MatrixView<float> part_of(MatrixView<float> matrix, int64_t begin, int64_t end) {
  return {matrix.row(begin), end - begin, matrix.columns, matrix.ld};
}
MatrixView<const float> part_of(MatrixView<const float> matrix, int64_t begin, int64_t end) {
  return {matrix.row(begin), end - begin, matrix.columns, matrix.ld};
}

bool near(float a, float b) { return std::abs(a - b) <= 1e-3f * std::max(1.0f, std::abs(b)) || (a != a && b != b) || a == b; }

}  // namespace

void PlacedRunner::fetch(Exec& exec, MatrixView<const float> from, MatrixView<float> to) {
  if (!exec.is_cuda()) {
    for (int64_t i = 0; i < to.rows; ++i) std::copy_n(from.row(i), to.columns, to.row(i));
    return;
  }
  const auto bytes = [](int64_t values) { return static_cast<size_t>(values) * sizeof(float); };
  if (from.ld >= from.columns) return copy_rows(exec, to.data, bytes(to.ld), from.data, bytes(from.ld), bytes(to.columns), to.rows);
  // Windows overlap, which CUDA's copies do not know: all of it goes there once, then a step of every window after the other.
  const DeviceBuffer<float> series(exec, from.data, (from.rows - 1) * from.ld + from.columns);
  for (int64_t begin = 0; begin < to.columns; begin += from.ld) {
    const int64_t width = std::min(from.ld, to.columns - begin);
    copy_rows(exec, to.data + begin, bytes(to.ld), series.data() + begin, bytes(from.ld), bytes(width), to.rows);
  }
}

void PlacedRunner::run_on_cpu(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) const {
  exec.threads().for_ranges(rows.rows, cpu_rows_, [&](int64_t begin, int64_t end) {
    const ProductScope scope;
    answer(exec, part_of(rows, begin, end), part_of(out, begin, end));
  });
}

/// Of the first rows that are asked for; a line says what is wrong.
bool PlacedRunner::agrees(Exec& exec, MatrixView<const float> rows) const {
  std::call_once(checked_, [&] {
    const int64_t count = std::min(kChecked, rows.rows), width = outputs();
    std::vector<float> here(static_cast<size_t>(count * width)), there = here;
    try {
      Exec host(Device::cpu(), 1);
      run_on_cpu(host, part_of(rows, 0, count), {here.data(), count, width, width});
      answer(exec, part_of(rows, 0, count), {there.data(), count, width, width});
      exec.synchronize();
      agrees_ = std::equal(here.begin(), here.end(), there.begin(), near);
      if (!agrees_) warn("the net answers on the CPU: the GPU's answers differ");
    } catch (const Error& error) {
      warn("the net answers on the CPU: ", error.what());
    }
  });
  return agrees_;
}

void PlacedRunner::run(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) const {
  if (!exec.is_cuda()) return run_on_cpu(exec, rows, out);
  if (rows.rows == 0) return;
  if (!on_gpu() || !agrees(exec, rows)) {
    Exec host(Device::cpu(), exec.threads().threads());
    return run_on_cpu(host, rows, out);
  }
  for (int64_t begin = 0; begin < rows.rows; begin += gpu_rows_) {
    const int64_t end = std::min(begin + gpu_rows_, rows.rows);
    answer(exec, part_of(rows, begin, end), part_of(out, begin, end));
  }
  exec.synchronize();
}

}  // namespace crisp::nn
