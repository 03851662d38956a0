#include "nn/parameters.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp::nn {
namespace {

constexpr int64_t kAlign = 16;  // floats: a cache line
constexpr uint64_t kInitialStream = 0x696e6974'00000000u;

}  // namespace

int64_t Slot::size() const {
  int64_t size = 1;
  for (const int64_t extent : shape) size *= extent;
  return size;
}

size_t ParameterLayout::add(Slot slot) {
  slots_.push_back(std::move(slot));
  return slots_.size() - 1;
}

void ParameterLayout::place() {
  total_ = 0;
  for (const bool decayed : {true, false}) {
    for (Slot& slot : slots_) {
      if (slot.decayed != decayed) continue;
      slot.begin = total_;
      total_ += (slot.size() + kAlign - 1) / kAlign * kAlign;
    }
    if (decayed) decayed_ = total_;
  }
}

std::vector<float> ParameterLayout::initial(uint64_t seed) const {
  std::vector<float> values(static_cast<size_t>(total_));
  for (size_t k = 0; k < slots_.size(); ++k) {
    const Slot& slot = slots_[k];
    for (int64_t i = 0; i < slot.size(); ++i) {
      const double draw = 2 * random_uniform(seed, kInitialStream + k, static_cast<uint64_t>(i)) - 1;
      values[static_cast<size_t>(slot.begin + i)] = slot.bound > 0 ? static_cast<float>(draw * slot.bound) : slot.start;
    }
  }
  return values;
}

void ParameterLayout::save(const std::vector<float>& values, Tensors& arrays) const {
  for (const Slot& slot : slots_) {
    arrays.put<float>(slot.name, std::span(values).subspan(static_cast<size_t>(slot.begin), static_cast<size_t>(slot.size())),
                      slot.shape);
  }
}

std::vector<float> ParameterLayout::load(const Tensors& arrays) const {
  std::vector<float> values(static_cast<size_t>(total_));
  for (const Slot& slot : slots_) {
    CRISP_REQUIRE(arrays.at(slot.name).shape == slot.shape, Code::data, "the net's array ", slot.name, " has another shape");
    const std::vector<float> part = arrays.get<float>(slot.name);
    std::copy(part.begin(), part.end(), values.begin() + slot.begin);
    CRISP_REQUIRE(std::all_of(part.begin(), part.end(), [](float v) { return std::isfinite(v); }), Code::data, "the net's array ",
                  slot.name, " holds something else than finite numbers");
  }
  return values;
}

}  // namespace crisp::nn
