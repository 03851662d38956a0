// Eight rows through one tree, compiled once per instruction set.
#include "kernels/forest/shap_engine.h"

namespace crisp::forest {
namespace {

#if defined(__AVX512F__)
constexpr int kRegisterBytes = 64;
#elif defined(__AVX2__)
constexpr int kRegisterBytes = 32;
#else
constexpr int kRegisterBytes = 16;
#endif
// Vectors of GCC and Clang: on all machines plain operators.
typedef double DoubleRegister __attribute__((vector_size(kRegisterBytes)));
typedef int64_t MaskRegister __attribute__((vector_size(kRegisterBytes)));
constexpr int kRegisters = kShapLanes * static_cast<int>(sizeof(double)) / kRegisterBytes;

/// Eight lanes. Copied register by register: GCC copies arrays by 16 bytes, and a wider load right after that waits for all of them.
template <class Register>
struct Eight {
  Register part[kRegisters];

  Eight() = default;
  Eight(const Eight& other) { *this = other; }
  Eight& operator=(const Eight& other) {
    for (int i = 0; i < kRegisters; ++i) part[i] = other.part[i];
    return *this;
  }
};
using Doubles = Eight<DoubleRegister>;
using Mask = Eight<MaskRegister>;  // all bits of a lane, or none

inline Doubles operator+(const Doubles& a, const Doubles& b) {
  Doubles out;
  for (int i = 0; i < kRegisters; ++i) out.part[i] = a.part[i] + b.part[i];
  return out;
}
inline Doubles operator*(const Doubles& a, const Doubles& b) {
  Doubles out;
  for (int i = 0; i < kRegisters; ++i) out.part[i] = a.part[i] * b.part[i];
  return out;
}

/// What shap_tree wants of its lanes.
struct RowLanes {
  using Number = Doubles;
  using Mask = forest::Mask;

  const double* x;
  SetTable sets;
  int32_t points;
  Doubles *products, *sums;
  Mask *mets, *rights;
  Doubles* moved;

  Mask right(const Node& node) const {
    const double* column = x + static_cast<int64_t>(node.split & kFeature) * kShapLanes;
    Mask out;
    if ((node.split & kHasSet) != 0) {
      alignas(64) int64_t lanes[kShapLanes];
      for (int i = 0; i < kShapLanes; ++i) lanes[i] = -int64_t{forest::goes_right<true, true>(node, static_cast<float>(column[i]), sets)};
      return *reinterpret_cast<const Mask*>(lanes);
    }
    const Doubles value = *reinterpret_cast<const Doubles*>(column);
    const Doubles bound = all(node.threshold);
    for (int i = 0; i < kRegisters; ++i) {
      out.part[i] = value.part[i] > bound.part[i];
      if ((node.split & kMissingLeft) == 0) out.part[i] |= value.part[i] != value.part[i];
    }
    return out;
  }
  Mask both(const Mask& a, const Mask& b) const {
    Mask out;
    for (int i = 0; i < kRegisters; ++i) out.part[i] = a.part[i] & b.part[i];
    return out;
  }
  Mask left_of(const Mask& right) const {
    Mask out;
    for (int i = 0; i < kRegisters; ++i) out.part[i] = ~right.part[i];
    return out;
  }
  Number select(const Mask& mask, const Number& one, const Number& zero) const {
    Number out;
    for (int i = 0; i < kRegisters; ++i) out.part[i] = mask.part[i] < 0 ? one.part[i] : zero.part[i];  // the sign alone: what a blend looks at
    return out;
  }
  Number all(double value) const {
    Number out;
    for (int i = 0; i < kRegisters; ++i) out.part[i] = value - DoubleRegister{};  // the same in every lane
    return out;
  }
  Number& product(int32_t depth, int32_t q) const { return products[static_cast<int64_t>(depth) * points + q]; }
  Number& sum(int32_t depth, int32_t q) const { return sums[static_cast<int64_t>(depth) * points + q]; }
  Mask& met(int32_t depth) const { return mets[depth]; }
  Mask& goes_right(int32_t depth) const { return rights[depth]; }
  void add(int64_t feature, const Number& number) const { moved[feature] = moved[feature] + number; }
};

inline void shap_rows(const ShapTreeView& tree, const double* x, const ShapMemory& memory, double* moved) {
  RowLanes lanes{x, tree.sets, tree.points, reinterpret_cast<Doubles*>(memory.product), reinterpret_cast<Doubles*>(memory.sum),
                 reinterpret_cast<Mask*>(memory.met), reinterpret_cast<Mask*>(memory.goes_right), reinterpret_cast<Doubles*>(moved)};
  shap_tree(lanes, tree.step, tree.last, tree.table, tree.value, tree.points);
}

}  // namespace
}  // namespace crisp::forest
