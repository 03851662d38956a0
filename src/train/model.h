/// What a model is to the rest of crisp: a Learner fits, a Model is what was learned, a Scorer answers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/params.h"
#include "core/tensors.h"
#include "cuda/exec.h"
#include "table/matrix.h"
#include "train/task.h"
#include "train/training_run.h"

namespace crisp {

class Explainable;
class Peers;
class RowStream;
class TorchScript;
struct TrainingStart;

/// One column of the rows that a model reads.
struct FeatureInfo {
  std::string name;
  int64_t categories = 0;  ///< 0: a number; else a code 0 ... categories - 1 stands in it
};

struct LabelledRows {
  MatrixView<const float> rows;
  std::span<const float> target;   ///< `answers` a row: the number, or the class's index; empty for detectors
  std::span<const float> weights;  ///< one a row, >= 0; empty: all 1
  int64_t answers = 1;
};

/// How the columns of a forecast's rows lie: each row is a window of `steps` rows of a series, one after the other.
struct WindowLayout {
  int64_t steps = 1;
  int64_t target = 0;  ///< the place of the target's own past among a step's columns
  int64_t season = 1;  ///< steps after which the series comes again
};

/// What a model is fitted on.
struct FitData {
  Task task = Task::anomaly;
  int64_t classes = 0;                ///< classification: how many
  std::vector<FeatureInfo> features;  ///< one a column (of a step); empty: numbers without names
  LabelledRows train;
  LabelledRows validation;            ///< not learned from: says when to stop; may have no rows
  const TrainingStart* start = nullptr;  ///< where a learner that takes_start() begins
  WindowLayout window = {};           ///< of a forecast
  /// The rows to learn from, where they do not fit into memory: `train` is then a sample of them, for what is found from rows
  /// beforehand. Learners that stream() only.
  const RowStream* stream = nullptr;

  int64_t train_rows() const;
};

/// What rows must look like before a model reads them; what crisp prepares by itself where no recipe is given.
struct FeatureNeeds {
  bool codes = false;    ///< a category may stay one column of codes; else it becomes columns of 0 and 1
  bool scaled = true;    ///< columns of one scale
  bool missing = false;  ///< NaN may stay
  /// Of a detector: the method of the step `scale`. robust_arcsinh draws long tails in, which helps a model that looks at
  /// columns one by one, and hides rows from one that measures distances.
  const char* detector_scale = "robust_arcsinh";
};

/// Immutable, resident on one device, safe to use from many threads at once.
class Scorer {
 public:
  virtual ~Scorer() = default;
  /// rows.rows x outputs() numbers, row-major. A detector: one score a row, higher = more anomalous. Regression: the number.
  /// Classification: the probability of each class. Forecast: the next values.
  virtual void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const = 0;
  /// Detectors: attribution of every row's score to its columns: out(row, 2 * j) is the part due to column j being high,
  /// out(row, 2 * j + 1) to its being low; a row's parts add up to its score. `out` is rows x (2 * columns). Others:
  /// Code::unavailable.
  virtual void attribute(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const;
};

/// What was learned: arrays and JSON, nothing else.
class Model {
 public:
  virtual ~Model() = default;
  virtual int64_t columns() const = 0;
  /// Numbers that a Scorer gives for each row.
  virtual int64_t outputs() const { return 1; }
  /// Writes every array; what is not an array (the parameters) goes to `about`.
  virtual void save(Tensors& weights, Json& about) const = 0;
  virtual std::unique_ptr<Scorer> scorer(Exec& exec) const = 0;
  /// What the scorer does as TorchScript: an expression of a Tensor[N, outputs()] of doubles, of `rows`, the name of a
  /// Tensor[N, columns()] of finite 32-bit numbers (where the learner needs them finite). Code::unavailable where there is none.
  virtual std::string script(TorchScript& script, const std::string& rows) const;
  /// What it can say of itself, as long as it lives; nullptr: nothing beyond its answers.
  virtual const Explainable* explainable() const { return nullptr; }
};

/// How to fit. One per model kind, without state.
class Learner {
 public:
  virtual ~Learner() = default;
  virtual std::string name() const = 0;        ///< "random_cut_forest"
  virtual std::string title() const = 0;       ///< "Random Cut Forest"
  virtual std::string about() const = 0;       ///< two sentences for `crisp models`
  virtual std::vector<std::string> aliases() const { return {}; }
  virtual std::vector<Task> tasks() const = 0; ///< what it can be trained for, the usual one first
  virtual FeatureNeeds needs() const { return {}; }
  /// Whether validation rows say when to stop: a learner that does not is given none.
  virtual bool stops_early() const { return false; }
  /// Whether several processes can fit one model together (TrainingRun::peers).
  virtual bool in_processes() const { return false; }
  /// Whether it learns from FitData::stream; where in_processes(), each from its part of it.
  virtual bool streams() const { return false; }
  /// The same as stops_early() where it depends on the parameters.
  virtual bool needs_validation(const Params&) const { return stops_early(); }
  /// Finds what is wrong with parameters of the table's types before any data is touched: Code::config.
  virtual void check(const Params&) const {}
  /// Parameters for fitting once more on all rows, without validation rows, from the facts that a fit told (TrainingRun): as
  /// many epochs or rounds as were best.
  virtual Json refit_params(const Json& facts) const;
  /// Whether it honours LabelledRows::weights; one that does not is given none.
  virtual bool weighs_rows() const { return false; }
  /// Whether it can begin from FitData::start.
  virtual bool takes_start() const { return false; }
  virtual const ParamTable& params() const = 0;
  /// Fits on all training rows (finite values). Trees, forests and closed forms: the same seed gives the same model, bit for
  /// bit, on every device and thread count. Nets: on the same kind of device.
  virtual std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed,
                                     TrainingRun& run) const = 0;
  /// Inverse of Model::save; checks everything before use (Code::data).
  virtual std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const = 0;

  /// A detector, on rows alone. `run`: where it leaves its checkpoints; nullptr: nowhere.
  std::unique_ptr<Model> fit_detector(Exec& exec, MatrixView<const float> rows, const Params& params, uint64_t seed,
                                      TrainingRun* run = nullptr) const;
  bool does(Task task) const;
};

class Registry;

/// Code::config naming the models that do the task where `learner` does not.
void require_task(const Registry& registry, const Learner& learner, Task task);

/// All learners, filled by explicit calls (models/registry.cc).
class Registry {
 public:
  void add(std::unique_ptr<Learner> learner);
  /// By name or alias; Code::config naming the nearest one where there is none.
  const Learner& at(const std::string& name) const;
  const std::vector<std::unique_ptr<Learner>>& all() const { return learners_; }

 private:
  std::vector<std::unique_ptr<Learner>> learners_;
};

}  // namespace crisp
