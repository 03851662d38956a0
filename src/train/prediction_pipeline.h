/// Everything between a raw table and a prediction: the fitted preparation, the model, and the names of the classes. What a
/// bundle of a predicting model holds.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "train/calibrator.h"
#include "train/prediction_plan.h"
#include "train/reference.h"

namespace crisp {

struct Predictions {
  /// As they came, or after the stateless steps where those drop, order or join rows; of a forecast those that have a whole
  /// window behind them.
  Table rows;
  int64_t outputs = 1;          ///< 1, the number of classes, or the horizon
  std::vector<double> values;   ///< rows x outputs: the number, the probability of each class, or the next values
  std::vector<double> answers = {};  ///< of a forecast: what came, like values; NaN where it is not known

  int64_t size() const { return rows.rows(); }
  MatrixView<const double> view() const { return {values.data(), size(), outputs, outputs}; }
};

class PredictionPipeline {
 public:
  /// Fits the recipe's tail and the model on `train`. `validation` may have no rows. `target` must have the classes of the
  /// training rows and no others. `log` takes the tail's steps, `run` what the model tells.
  static PredictionPipeline fit(Exec& exec, const PredictionPlan& plan, const Target& target, const TargetRows& train,
                                const TargetRows& validation, TrainingRun& run, StepLog& log);

  /// Raw rows: all of the recipe, then the model. The target's column need not be there, but for a forecast.
  Predictions predict(Exec& exec, const Table& raw, StepLog& log) const;
  /// Rows that have gone through the stateless steps already.
  Predictions predict_prepared(Exec& exec, const Table& rows, StepLog& log) const;

  /// Answers of prepared rows, features() columns each: what predict_prepared() gives of them.
  std::vector<double> answer(Exec& exec, MatrixView<const float> features) const;
  /// The same as TorchScript, see Model::script.
  std::string script(TorchScript& script, const std::string& rows) const;
  /// From now on what the model answers goes through it.
  void calibrate(Calibrator calibrator) { calibrator_ = std::move(calibrator); }

  const FittedRecipe& recipe() const { return *recipe_; }
  const Learner& learner() const { return *learner_; }
  const Model& model() const { return *model_; }
  const Target& target() const { return target_; }
  const std::vector<std::string>& features() const { return features_; }
  const Reference& reference() const { return reference_; }
  const ForecastPlan& forecast() const { return forecast_; }
  const Calibrator& calibrator() const { return calibrator_; }
  /// The truths of what was predicted, like its values (of classes: one a row); empty where the rows have no target.
  std::vector<double> truths(const Predictions& predictions) const;

  /// What it is, without what it learned.
  Json about() const;
  /// The arrays, and the manifest's part of it.
  Json save(Tensors& weights) const;
  /// From what save() gave, and the recipe's and the reference's JSON; Code::data or Code::config for anything else.
  static PredictionPipeline load(const Registry& registry, const Json& manifest, const Tensors& weights, const Json& recipe,
                                 const Json& reference);

 private:
  struct Samples;
  Matrix features_of(const Table& prepared) const;
  /// Rows as a learner reads them: one by one, or in windows.
  Samples samples(const TargetRows& rows, const Table& prepared) const;
  bool orders(const Table& raw, const Table& ready) const;
  Predictions forecast_prepared(Exec& exec, const Table& rows, const Matrix& features) const;
  int64_t outputs() const;
  std::shared_ptr<const Scorer> scorer(Exec& exec) const;

  const Learner* learner_ = nullptr;
  std::optional<FittedRecipe> recipe_;
  std::vector<std::string> features_;
  Target target_;
  ForecastPlan forecast_;
  Json params_, start_;
  uint64_t seed_ = 0;
  std::shared_ptr<const Model> model_;
  Calibrator calibrator_;
  Reference reference_;
  /// The scorer stays where it was made, for the next rows.
  struct Resident {
    std::mutex mutex;
    uint64_t exec = 0;
    std::shared_ptr<const Scorer> scorer;
  };
  std::shared_ptr<Resident> resident_ = std::make_shared<Resident>();
};

}  // namespace crisp
