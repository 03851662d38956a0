/// A TreeModel for fuzzing the readers alone: it keeps its trees, and needs no kernels.
#include "cuda/error.h"
#include "models/trees/tree_model.h"

namespace crisp {
namespace {

class KeptTrees : public TreeModel {
 public:
  explicit KeptTrees(TreeParts parts) : parts_(std::move(parts)) {}
  int64_t columns() const override { return parts_.trees.columns; }
  int64_t outputs() const override { return parts_.answers(); }
  const TreeParts& parts() const override { return parts_; }
  void save(Tensors&, Json&) const override { fail(Code::bug, "not saved here"); }
  std::unique_ptr<Scorer> scorer(Exec&) const override { fail(Code::bug, "not scored here"); }
  std::string script(TorchScript&, const std::string&) const override { fail(Code::bug, "not written here"); }

 private:
  TreeParts parts_;
};

}  // namespace

std::unique_ptr<TreeModel> make_tree_model(TreeParts parts) { return std::make_unique<KeptTrees>(std::move(parts)); }
std::string Model::script(TorchScript&, const std::string&) const { return {}; }

}  // namespace crisp
