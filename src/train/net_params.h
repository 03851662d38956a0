/// The parameters that all nets share, by the names that users of PyTorch and scikit-learn know.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/net_plan.h"

namespace crisp {

/// `own` first, then optimiser, schedule, early stopping, regularisation, some with other defaults than the usual ones.
ParamTable with_training_params(std::vector<Param> own, const std::map<std::string, ParamValue>& defaults = {});

/// The plan that resolved parameters mean. Class weights and automatic sizes follow from the rows to train on.
/// Code::config naming the parameter for numbers that do not go together.
NetTraining training_plan(const Params& params, const FitData& data, const NetShape& shape, uint64_t seed);

/// "256, 128" -> {256, 128}; "" -> none. Code::config for anything else.
std::vector<int64_t> parse_sizes(const std::string& text, const std::string& parameter);

}  // namespace crisp
