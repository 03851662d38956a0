/// All parameters of a net lie in one array, so that an optimiser's step is one loop and a checkpoint a few arrays.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/tensors.h"

namespace crisp::nn {

/// One named array among them.
struct Slot {
  std::string name;
  std::vector<int64_t> shape;
  double bound = 0;    ///< starts uniform in [-bound, bound]; 0: all `start`
  float start = 0;
  bool decayed = true; ///< weight decay holds for it
  bool frozen = false; ///< stays as it starts
  int64_t begin = 0;   ///< its place, a multiple of 16

  int64_t size() const;
};

class ParameterLayout {
 public:
  /// Gives the slot's number.
  size_t add(Slot slot);
  /// Keeps those that match one of the patterns as they start. Code::config for a pattern that matches none.
  void freeze(const std::vector<std::string>& patterns);
  /// Call when all slots are there: places the decayed ones first, and the frozen ones last.
  void place();

  const std::vector<Slot>& slots() const { return slots_; }
  int64_t total() const { return total_; }
  int64_t decayed() const { return decayed_; }
  int64_t trained() const { return trained_; }  ///< a step changes [0, trained())

  /// Starting values: those of `start` where an array has a slot's name and shape (a bias: beside its weights), else drawn; a draw depends on the seed, the
  /// slot's number and the element alone.
  std::vector<float> initial(uint64_t seed, const Tensors& start = {}) const;
  /// {"taken": names, "anew": names with both shapes} of arrays to start from. Code::data naming what differs where none fits.
  Json compare(const Tensors& start) const;
  /// As named tensors, and back; Code::data where one is absent or of another shape.
  void save(const std::vector<float>& values, Tensors& arrays) const;
  std::vector<float> load(const Tensors& arrays) const;

 private:
  bool takes(const Slot& slot, const Tensors& start) const;

  std::vector<Slot> slots_;
  int64_t total_ = 0, decayed_ = 0, trained_ = 0;
};

}  // namespace crisp::nn
