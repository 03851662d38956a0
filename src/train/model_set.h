/// One model for all rows, or one per group of rows with a shared fallback for small and unseen groups.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "train/model.h"

namespace crisp {

struct FitPlan {
  const Learner* learner = nullptr;
  Params params;
  uint64_t seed = 0;
  /// Groups with fewer training rows than this get no model of their own.
  int64_t min_rows = 1;
};

class ModelSet {
 public:
  ModelSet();
  /// Fits on `rows` (finite). `groups` names each row's group, or is empty: one model for all. A group's model depends
  /// on its own rows, its name and the seed alone, so that a new group does not change the others. `run`: of the model for all.
  static ModelSet fit(Exec& exec, const FitPlan& plan, const Matrix& rows, std::span<const std::string> groups,
                      TrainingRun* run = nullptr);

  int64_t columns() const;
  bool grouped() const { return !own_.empty(); }
  /// Groups that have a model of their own, in the order of their names.
  std::vector<std::string> group_names() const;
  bool has_own(const std::string& group) const { return own_.count(group) != 0; }

  std::vector<double> score(Exec& exec, const Matrix& rows, std::span<const std::string> groups) const;
  /// rows x (2 * columns) parts of the scores, see Scorer::attribute; row-major.
  std::vector<double> attribute(Exec& exec, const Matrix& rows, std::span<const std::string> groups) const;

  /// See Model::script: scores as a Tensor[N, 1]. `group`: the place of each row's group in group_names(), anything else where it
  /// is none of them.
  std::string script(TorchScript& script, const std::string& rows, const std::string& group) const;

  void save(Tensors& weights, Json& about) const;
  static ModelSet load(const Learner& learner, const Tensors& weights, const Json& about);

 private:
  const Model& model_of(const std::string& group) const;
  struct Residents;
  std::shared_ptr<const Scorer> scorer_of(const Model& model, Exec& exec) const;
  template <class Use>
  void for_each_model(const Matrix& rows, std::span<const std::string> groups, Use use) const;

  std::shared_ptr<const Model> shared_;
  std::map<std::string, std::shared_ptr<const Model>> own_;
  std::shared_ptr<Residents> residents_;  // scorers stay where they were made, for the next rows
};

}  // namespace crisp
