#include "train/model.h"

#include <algorithm>

#include "cuda/error.h"
#include "train/row_stream.h"

namespace crisp {

void Scorer::attribute(Exec&, MatrixView<const float>, MatrixView<double>) const {
  fail(Code::unavailable, "this model does not say which columns its answers come from");
}

int64_t FitData::train_rows() const { return stream ? stream->rows() : train.rows.rows; }

std::unique_ptr<Model> Learner::fit_detector(Exec& exec, MatrixView<const float> rows, const Params& params,
                                             uint64_t seed, TrainingRun* run) const {
  FitData data;
  data.train.rows = rows;
  TrainingRun nowhere;
  return fit(exec, data, params, seed, run ? *run : nowhere);
}

std::string Model::script(TorchScript&, const std::string&) const {
  fail(Code::unavailable, "this kind of model has no TorchScript form");
}

Json Learner::refit_params(const Json&) const { return Json::object(); }

bool Learner::does(Task task) const {
  const std::vector<Task> all = tasks();
  return std::find(all.begin(), all.end(), task) != all.end();
}

}  // namespace crisp
