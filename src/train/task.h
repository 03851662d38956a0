/// What a model is trained for.
#pragma once

#include <string>
#include <vector>

namespace crisp {

enum class Task {
  anomaly,         ///< a score a row, without labels
  regression,      ///< a number
  classification,  ///< one of two or more classes
  forecast,        ///< the next values of a series, from the rows up to now
};

const char* task_name(Task task);
/// "classification"; "binary" and "multiclass" mean the same. Code::config naming the nearest one.
Task parse_task(const std::string& name);
/// "anomaly, regression".
std::string task_names(const std::vector<Task>& tasks);

}  // namespace crisp
