/// Everything between a raw table and a score: the fitted preparation, the models, and where normal ends. What a bundle
/// holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "train/cross_fit.h"
#include "train/pipeline_plan.h"
#include "train/reference.h"

namespace crisp {

struct Scored {
  Table rows;                        ///< as people read them: after the stateless steps, before scaling
  std::vector<std::string> groups;   ///< each row's group; empty where there is one model for all
  Matrix features;                   ///< what the models saw
  std::vector<double> scores;
  std::vector<uint8_t> anomalous;    ///< score above the cutoff
};

class Pipeline {
 public:
  /// `train` has gone through the recipe's stateless steps. `log` takes what the fitted steps did to it. `run`: where the model for
  /// all rows leaves its checkpoints; nullptr: nowhere.
  static Pipeline fit(Exec& exec, const PipelinePlan& plan, const Table& train, StepLog& log, TrainingRun* run = nullptr);

  /// Scores raw rows: all of the recipe, then the models.
  Scored score(Exec& exec, const Table& raw, StepLog& log) const;
  /// Scores rows that have gone through the stateless steps already.
  Scored score_prepared(Exec& exec, const Table& rows, StepLog& log) const;

  const FittedRecipe& recipe() const { return *recipe_; }
  const std::vector<std::string>& features() const { return features_; }
  const std::string& per() const { return per_; }
  const LabelPlan& label() const { return label_; }
  const ModelSet& models() const { return models_; }
  const Reference& reference() const { return reference_; }
  double cutoff() const { return cutoff_; }
  /// The training rows, and the features and scores that the cutoff came from: where there are folds, each row as the
  /// pipeline of its fold prepared and scored it.
  /// Empty in a pipeline that was loaded.
  const Scored& training() const { return training_; }
  /// Parts of the scores of some rows, by the models that gave those scores; `scored` is training() or score()'s.
  std::vector<double> attribute(Exec& exec, const Scored& scored, std::span<const int64_t> rows) const;

  /// What it is, without what it learned.
  Json about() const;
  /// The arrays, and the manifest's part of it: about() and the models.
  Json save(Tensors& weights) const;
  /// From what save() gave, and the recipe's and the reference's JSON; Code::data or Code::config for anything else.
  static Pipeline load(const Registry& registry, const Json& manifest, const Tensors& weights, const Json& recipe,
                       const Json& reference);

 private:
  std::vector<std::string> groups_of(const Table& rows) const;

  const Learner* learner_ = nullptr;
  std::optional<FittedRecipe> recipe_;
  std::vector<std::string> features_;
  std::string per_;
  LabelPlan label_;
  Json params_;
  uint64_t seed_ = 0;
  ModelSet models_;
  ThresholdRule rule_;
  double cutoff_ = 0;
  int folds_ = 0;
  Reference reference_;
  Scored training_;
  CrossFit cross_fit_;
};

}  // namespace crisp
