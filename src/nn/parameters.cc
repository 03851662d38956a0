#include "nn/parameters.h"

#include <algorithm>
#include <cmath>

#include "core/name_pattern.h"
#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp::nn {
namespace {

constexpr int64_t kAlign = 16;  // floats: a cache line
constexpr uint64_t kInitialStream = 0x696e6974'00000000u;

bool fits(const Slot& slot, const Tensors& arrays) {
  return arrays.has(slot.name) && arrays.at(slot.name).shape == slot.shape && arrays.at(slot.name).dtype == DType::f32;
}

void put_values(const Slot& slot, const Tensors& arrays, std::vector<float>& values) {
  const std::vector<float> part = arrays.get<float>(slot.name);
  CRISP_REQUIRE(std::all_of(part.begin(), part.end(), [](float v) { return std::isfinite(v); }), Code::data, "the net's array ",
                slot.name, " holds something else than finite numbers");
  std::copy(part.begin(), part.end(), values.begin() + slot.begin);
}

/// The weights that a bias or a norm belongs to, beside others of which it means nothing; "" for anything else.
std::string weights_beside(const std::string& name) {
  const size_t first = name.find('.'), second = name.find('.', first + 1);
  const bool norm = name.starts_with("norms.");
  if (second == std::string::npos || !(norm || name.ends_with(".bias"))) return "";
  return concat(norm ? "layers" : name.substr(0, first), name.substr(first, second - first), ".weight");
}

/// "64 x 29".
std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t extent : shape) text += concat(text.empty() ? "" : " x ", extent);
  return text;
}

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

void ParameterLayout::freeze(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    bool found = false;
    std::string names;
    for (Slot& slot : slots_) {
      names += concat(names.empty() ? "" : ", ", slot.name);
      if (!name_matches(slot.name, pattern)) continue;
      slot.frozen = found = true;
    }
    if (!found) throw Error(Code::config, concat("freeze: the net has no array '", pattern, "'"), concat("its arrays are ", names));
  }
  const bool any = std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return !slot.frozen; });
  CRISP_REQUIRE(any, Code::config, "freeze: nothing is left to learn");
}

void ParameterLayout::place() {
  total_ = 0;
  const auto put = [&](const auto& wanted) {
    for (Slot& slot : slots_) {
      if (!wanted(slot)) continue;
      slot.begin = total_;
      total_ += (slot.size() + kAlign - 1) / kAlign * kAlign;
    }
    return total_;
  };
  decayed_ = put([](const Slot& slot) { return !slot.frozen && slot.decayed; });
  trained_ = put([](const Slot& slot) { return !slot.frozen && !slot.decayed; });
  put([](const Slot& slot) { return slot.frozen; });
}

bool ParameterLayout::takes(const Slot& slot, const Tensors& start) const {
  const std::string weights = weights_beside(slot.name);
  const auto beside = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& other) { return other.name == weights; });
  return fits(slot, start) && (beside == slots_.end() || fits(*beside, start));
}

std::vector<float> ParameterLayout::initial(uint64_t seed, const Tensors& start) const {
  std::vector<float> values(static_cast<size_t>(total_));
  for (size_t k = 0; k < slots_.size(); ++k) {
    const Slot& slot = slots_[k];
    if (takes(slot, start)) {
      put_values(slot, start, values);
      continue;
    }
    for (int64_t i = 0; i < slot.size(); ++i) {
      const double draw = 2 * random_uniform(seed, kInitialStream + k, static_cast<uint64_t>(i)) - 1;
      values[static_cast<size_t>(slot.begin + i)] = slot.bound > 0 ? static_cast<float>(draw * slot.bound) : slot.start;
    }
  }
  return values;
}

Json ParameterLayout::compare(const Tensors& start) const {
  Json taken = Json::array(), anew = Json::array();
  for (const Slot& slot : slots_) {
    if (takes(slot, start)) {
      taken.push_back(slot.name);
      continue;
    }
    const std::string there = start.has(slot.name) ? shape_text(start.at(slot.name).shape) : "not";
    anew.push_back(concat(slot.name, " (", shape_text(slot.shape), ", ", there, " there)"));
  }
  if (!taken.empty()) return {{"taken", std::move(taken)}, {"anew", std::move(anew)}};
  std::string differences;
  for (size_t i = 0; i < std::min<size_t>(anew.size(), 4); ++i) differences += concat(i ? "; " : "", anew[i].get<std::string>());
  throw Error(Code::data, concat("none of the arrays to begin from fits the net: ", differences),
              "give the net the hidden_layers of the one that they come from");
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
    put_values(slot, arrays, values);
  }
  return values;
}

}  // namespace crisp::nn
