/// What the parity tests of the training kernels share: random rows with padding, and one comparison over all engines.
#pragma once

#include <cstring>
#include <vector>

#include "cuda/buffer.h"
#include "cuda/cpu_isa.h"
#include "cuda/random.h"
#include "cuda/view.h"
#include "tests/engine.h"

namespace crisp {

/// rows x columns with ld - columns padding, which no kernel may touch.
struct TestRows {
  std::vector<float> values;
  int64_t rows, columns, ld;

  TestRows(int64_t rows_, int64_t columns_, int64_t ld_, uint64_t stream, double size = 2)
      : values(static_cast<size_t>(rows_ * ld_)), rows(rows_), columns(columns_), ld(ld_) {
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((random_uniform(7, stream, i) - 0.5) * 2 * size);
  }
  MatrixView<float> view() { return {values.data(), rows, columns, ld}; }
  MatrixView<const float> view() const { return {values.data(), rows, columns, ld}; }
  ArrayView<float> all() { return {values.data(), static_cast<int64_t>(values.size())}; }
};

struct Shape {
  int64_t rows, columns, ld;
};
/// One row, one column, odd and even widths, with and without padding, more and fewer rows than a chunk, nothing at all.
inline const std::vector<Shape> kShapes{{1, 1, 1}, {1, 7, 9}, {5, 1, 3}, {64, 8, 8}, {65, 33, 33}, {200, 29, 32}, {130, 64, 68}, {0, 5, 5}};

class TrainingTest : public EngineTest {
 protected:
  /// run(exec) gives what a kernel left behind; it must be the same bits on every engine, and on every instruction set of the
  /// CPU.
  template <class Run>
  void expect_same_bits(const Run& run) {
    isa_limit() = CpuIsa::baseline;
    const std::vector<float> expected = run(cpu());
    for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512}) {
      isa_limit() = isa;
      const std::vector<float> mine = run(exec());
      ASSERT_EQ(mine.size(), expected.size());
      for (size_t i = 0; i < mine.size(); ++i) {
        ASSERT_EQ(std::memcmp(&mine[i], &expected[i], sizeof(float)), 0)
            << "value " << i << ": " << mine[i] << ", not " << expected[i] << ", at instruction set " << static_cast<int>(isa);
      }
      if (exec().is_cuda()) break;
    }
    isa_limit() = CpuIsa::avx512;
  }
};

/// A value where `exec` computes: what a step that does not wait asks of the kernels.
template <class T>
class Placed {
 public:
  Placed(Exec& exec, const T& value) : exec_(exec), host_(value) {
    if (exec.is_cuda()) device_ = DeviceBuffer<T>(exec, &host_, 1);
  }
  T* at() { return exec_.is_cuda() ? device_.data() : &host_; }
  T get() {
    if (exec_.is_cuda()) device_.download(exec_, &host_, 1);
    return host_;
  }

 private:
  Exec& exec_;
  T host_;
  DeviceBuffer<T> device_;
};

inline void append(std::vector<float>& all, const std::vector<float>& values) { all.insert(all.end(), values.begin(), values.end()); }

/// A double as two floats' worth of bits.
inline void append(std::vector<float>& all, double value) {
  float halves[2];
  std::memcpy(halves, &value, sizeof halves);
  all.insert(all.end(), halves, halves + 2);
}

}  // namespace crisp
