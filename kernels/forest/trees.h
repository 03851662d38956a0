/// Decision trees as arrays of nodes: what is grown, saved, imported, scored and explained.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/view.h"

namespace crisp {

/// Without owning them. Tree t has the nodes [first[t], first[t + 1]), its root first; a node has one parent, which stands before it.
///
/// A row is at a node of feature f. NaN goes left where `missing_left`, else right. A number goes left where it is <= threshold. Where the
/// node has a set of categories the value is a code: codes in the set go left, all others right, also those that no set ever held.
///
/// What leaves add is summed up tree after tree, from 0 on and in 64 bits; where there is `single_start`, from that on, and the sum is
/// rounded to 32 bits after every tree: XGBoost's order and precision.
struct TreesView {
  int64_t columns = 0;                   ///< of the rows
  int64_t outputs = 1;
  bool vector_leaves = false;            ///< a leaf adds `outputs` values; else tree t adds one, to output t % outputs
  ArrayView<const int64_t> first;        ///< trees + 1
  ArrayView<const int32_t> feature;      ///< one a node; -1: a leaf
  ArrayView<const float> threshold;      ///< one a node
  ArrayView<const int32_t> left, right;  ///< one a node: places counted from the tree's first node; 0 at leaves
  ArrayView<const uint8_t> missing_left; ///< one a node
  ArrayView<const int32_t> set;          ///< one a node: number of its set; -1: a number is compared
  ArrayView<const int64_t> set_first;    ///< sets + 1: set s has the words [set_first[s], set_first[s + 1]) of set_bits
  ArrayView<const uint32_t> set_bits;    ///< code c is in the set where bit c % 32 of its word c / 32 is 1
  ArrayView<const double> value;         ///< one a node, or `outputs` a node; 0 at inner nodes
  ArrayView<const float> cover;          ///< one a node: weight (GBDT: hessian) of the training rows that came there
  ArrayView<const float> gain;           ///< one a node: what its split gained; 0 at leaves
  ArrayView<const double> single_start;  ///< one an output, numbers of 32 bits; or none

  int64_t trees() const { return first.size > 0 ? first.size - 1 : 0; }
  int64_t nodes() const { return feature.size; }
  int64_t values_of_node() const { return vector_leaves ? outputs : 1; }
};

/// The same, owned.
struct Trees {
  int64_t columns = 0, outputs = 1;
  bool vector_leaves = false;
  std::vector<int64_t> first{0};
  std::vector<int32_t> feature;
  std::vector<float> threshold;
  std::vector<int32_t> left, right;
  std::vector<uint8_t> missing_left;
  std::vector<int32_t> set;
  std::vector<int64_t> set_first{0};
  std::vector<uint32_t> set_bits;
  std::vector<double> value;
  std::vector<float> cover, gain;
  std::vector<double> single_start;

  TreesView view() const {
    const auto all = []<class T>(const std::vector<T>& values) { return ArrayView<const T>{values.data(), static_cast<int64_t>(values.size())}; };
    return {columns, outputs, vector_leaves, all(first), all(feature), all(threshold), all(left), all(right), all(missing_left),
            all(set), all(set_first), all(set_bits), all(value), all(cover), all(gain), all(single_start)};
  }
};

}  // namespace crisp
