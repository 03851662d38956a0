/// Trees that answer: what gradient boosting, forests and single trees become, and what other libraries' models are imported as.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/forest/trees.h"
#include "train/model.h"

namespace crisp {

/// What the sums mean.
enum class TreeLink {
  identity,          ///< numbers; probabilities where leaves hold those
  logistic,          ///< of two classes: one sum, the log-odds of the second
  softmax,           ///< of two or more: one sum a class
  exponential,       ///< the logarithm of a number (Poisson)
  sigmoid,           ///< the log-odds of a number between 0 and 1 (cross entropy)
  one_against_rest,  ///< of two or more: one sum a class, its log-odds against all others; their shares add up to 1
  signed_square,     ///< the root of a number, with its sign
};

struct TreeParts {
  Trees trees;
  std::vector<double> base;  ///< one an output, added to a row's sum
  double scale = 1;          ///< what the leaves' sum is multiplied by: 1 / trees where they are averaged
  TreeLink link = TreeLink::identity;

  /// Of a row: base + scale * (sum of its leaves), for each output.
  double margin(int64_t output, double leaves) const { return base[static_cast<size_t>(output)] + scale * leaves; }
  int64_t sums() const { return static_cast<int64_t>(base.size()); }
  /// Numbers that a row is answered with.
  int64_t answers() const { return link == TreeLink::logistic ? 2 : sums(); }
};

/// What a row's sums mean, to out[0 ... answers): `sums` are overwritten, and may lie in the last places of `out`.
void answer_of_sums(TreeLink link, double* sums, int64_t count, double* out);

/// What a model of trees has beside Model: for explanations and rules.
class TreeModel : public Model {
 public:
  virtual const TreeParts& parts() const = 0;
};

/// `parts` must hold to check_trees.
std::unique_ptr<TreeModel> make_tree_model(TreeParts parts);
/// Code::data for anything that save() did not write, naming the tree and the node: cyclic, shared child, out of range, not finite ...
std::unique_ptr<TreeModel> load_tree_model(const Tensors& weights, const Json& about);

/// Throws Code::data naming tree and node where `parts` are not trees that can be walked. `whose`: "the model", "model.json".
void check_trees(const TreeParts& parts, const std::string& whose);

}  // namespace crisp
