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

namespace crisp {

/// Immutable, resident on one device, safe to use from many threads at once.
class Scorer {
 public:
  virtual ~Scorer() = default;
  /// One score a row, higher = more anomalous (detectors). `scores` has rows.rows elements.
  virtual void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const = 0;
  /// Attribution of every row's score to its columns: out(row, 2 * j) is the part due to column j being high,
  /// out(row, 2 * j + 1) to its being low; a row's parts add up to its score. `out` is rows x (2 * columns).
  virtual void attribute(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const = 0;
};

/// What was learned: arrays and JSON, nothing else.
class Model {
 public:
  virtual ~Model() = default;
  virtual int64_t columns() const = 0;
  /// Writes every array; what is not an array (the parameters) goes to `about`.
  virtual void save(Tensors& weights, Json& about) const = 0;
  virtual std::unique_ptr<Scorer> scorer(Exec& exec) const = 0;
};

/// How to fit. One per model kind, without state.
class Learner {
 public:
  virtual ~Learner() = default;
  virtual std::string name() const = 0;        ///< "random_cut_forest"
  virtual std::string title() const = 0;       ///< "Random Cut Forest"
  virtual std::string about() const = 0;       ///< two sentences for `crisp models`
  virtual std::vector<std::string> aliases() const { return {}; }
  virtual std::string task() const = 0;        ///< "anomaly"
  virtual const ParamTable& params() const = 0;
  /// Fits on all rows (finite values). The same seed gives the same model, bit for bit, on every device and thread count.
  virtual std::unique_ptr<Model> fit(Exec& exec, MatrixView<const float> rows, const Params& params,
                                     uint64_t seed) const = 0;
  /// Inverse of Model::save; checks everything before use (Code::data).
  virtual std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const = 0;
};

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
