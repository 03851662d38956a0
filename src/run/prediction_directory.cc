#include "run/prediction_directory.h"

#include "core/atomic_file.h"
#include "read/write.h"
#include "run/run_directory.h"
#include "train/prediction_bundle.h"

namespace crisp {

void write_prediction_run(Exec& exec, OutputDirectory& directory, const PredictionResult& result, const Json& document,
                          const PhaseClock& clock) {
  const JudgedRows& judged = result.judged;
  Table answer = prediction_table(judged.target, judged.predictions, judged.truth, true);
  if (!judged.folds.empty()) answer = answer.with_integers("fold", judged.folds);
  write_table(answer, directory.file("predictions.parquet"));
  write_file_atomically(directory.file("report.html"), prediction_report(result, clock));
  write_file_atomically(directory.file("run.json"), to_text(run_record(exec, document, clock, result.training.timings), 1) + "\n");
  write_prediction_pipeline(directory.path(), *result.pipeline, bundle_facts(result), result.fitted_on);
  directory.keep();
}

}  // namespace crisp
