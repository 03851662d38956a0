#include "models/imported/imported.h"

#include "cuda/error.h"
#include "models/trees/tree_model.h"

namespace crisp {
namespace {

class ImportedLearner : public Learner {
 public:
  std::string name() const override { return "imported_trees"; }
  std::string title() const override { return "Imported trees"; }
  std::string about() const override {
    return "Trees that XGBoost or LightGBM grew, as crisp import read them. They answer what that library answers; crisp does not train them.";
  }
  std::vector<Task> tasks() const override { return {}; }
  FeatureNeeds needs() const override { return {.codes = true, .scaled = false, .missing = true}; }

  const ParamTable& params() const override {
    static const ParamTable table({
        {.name = "library", .fallback = std::string(), .help = "which library grew them"},
        {.name = "objective", .fallback = std::string(), .help = "what they were grown for"},
        {.name = "sha256", .fallback = std::string(), .help = "of the file that was imported"},
    });
    return table;
  }

  std::unique_ptr<Model> fit(Exec&, const FitData&, const Params&, uint64_t, TrainingRun&) const override {
    throw Error(Code::config, "imported_trees are not trained", "crisp import MODEL brings trees of XGBoost or LightGBM here");
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override { return load_tree_model(weights, about); }
};

}  // namespace

std::unique_ptr<Learner> make_imported_trees() { return std::make_unique<ImportedLearner>(); }

}  // namespace crisp
