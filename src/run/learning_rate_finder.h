/// crisp train --find-rate: which learning rate suits a net and a table, before it is trained.
#pragma once

#include <string>

#include "run/prediction_run.h"

namespace crisp {

struct FoundRate {
  std::string name;  ///< of the project
  Json sweep;        ///< RateSweep::to_json()
};

/// Reads, prepares and splits as run_prediction() does, then sweeps rates instead of training. Code::config for a learner without one.
FoundRate find_learning_rate(Exec& exec, const PredictionProject& project, const Registry& registry, PhaseClock& clock);

/// The document of --json: schema "crisp.rate_sweep/1".
Json found_rate_json(const FoundRate& found);
/// What a person reads on stdout: the curve as bars, and what to give.
std::string found_rate_text(const FoundRate& found);

}  // namespace crisp
