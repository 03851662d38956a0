#include "train/task.h"

#include <algorithm>
#include <iterator>

#include "cuda/error.h"

namespace crisp {
namespace {

struct NamedTask {
  const char* name;
  Task task;
};
constexpr NamedTask kTasks[] = {{"anomaly", Task::anomaly},
                                {"regression", Task::regression},
                                {"classification", Task::classification},
                                {"binary", Task::classification},
                                {"multiclass", Task::classification},
                                {"forecast", Task::forecast},
                                {"forecasting", Task::forecast}};

}  // namespace

const char* task_name(Task task) {
  return std::find_if(std::begin(kTasks), std::end(kTasks), [&](const NamedTask& named) { return named.task == task; })->name;
}

Task parse_task(const std::string& name) {
  std::vector<std::string> names;
  for (const NamedTask& named : kTasks) {
    if (name == named.name) return named.task;
    names.emplace_back(named.name);
  }
  const std::string nearest = nearest_name(name, names);
  throw Error(Code::config, concat("there is no task '", name, "'"),
              nearest.empty() ? "anomaly, regression, classification or forecast" : concat("did you mean '", nearest, "'?"));
}

std::string task_names(const std::vector<Task>& tasks) {
  std::string names;
  for (const Task task : tasks) names += concat(names.empty() ? "" : ", ", task_name(task));
  return names;
}

}  // namespace crisp
