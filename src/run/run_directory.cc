#include "run/run_directory.h"

#include <filesystem>

#include "core/atomic_file.h"
#include "detect/answer.h"
#include "read/write.h"
#include "train/pipeline_bundle.h"

namespace crisp {

std::string fresh_log(const OutputDirectory& directory) {
  const std::string path = directory.file("log.jsonl");
  std::error_code ignored;  // opening it will tell what is wrong
  std::filesystem::remove(path, ignored);
  return path;
}

Json run_record(Exec& exec, const Json& document, const PhaseClock& clock, const Json& timings) {
  Json run = document;
  run["machine"] = machine_facts();
  run["device"] = exec.device().name();
  run["threads"] = exec.threads().threads();
  run["phases"] = clock.to_json();
  if (!timings.empty()) run["timings"] = timings;
  return run;
}

void write_run(Exec& exec, OutputDirectory& directory, const RunResult& result, const Json& document,
               const PhaseClock& clock) {
  write_table(answer_table(exec, *result.pipeline, result.scored), directory.file("predictions.parquet"));
  write_file_atomically(directory.file("report.html"), run_report(result, clock));
  write_file_atomically(directory.file("run.json"), to_text(run_record(exec, document, clock, result.training.timings), 1) + "\n");
  write_pipeline(directory.path(), *result.pipeline, bundle_facts(result));
  directory.keep();
}

}  // namespace crisp
