/// The folder that a run leaves: bundle, report, scored rows, and what is known of the run itself.
#pragma once

#include <string>

#include "core/output_directory.h"
#include "core/run_info.h"
#include "run/run_project.h"
#include "train/bundle_parts.h"

namespace crisp {

/// The path of the run's log; the log of an earlier run that --force overwrites is removed.
std::string fresh_log(const OutputDirectory& directory);

/// run.json: the document of --json, with the machine, the device, threads, and the time of each phase; `timings` of a training.
Json run_record(Exec& exec, const Json& document, const PhaseClock& clock, const Json& timings = Json::object());

/// What the bundle says of a run, whether it detects or predicts.
template <class Result>
BundleFacts bundle_facts(const Result& result) {
  return {.input = result.input, .reading = result.project.data.csv, .metrics = result.evaluation ? result.evaluation->to_json() : Json::object(),
          .data_fingerprint = result.data_fingerprint, .name = result.project.name};
}

/// Writes report.html, predictions.parquet, run.json, and the bundle with its manifest last.
void write_run(Exec& exec, OutputDirectory& directory, const RunResult& result, const Json& document,
               const PhaseClock& clock);

}  // namespace crisp
