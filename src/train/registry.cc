#include <algorithm>

#include "cuda/error.h"
#include "train/model.h"

namespace crisp {
namespace {

std::vector<std::string> names_of(const Learner& learner) {
  std::vector<std::string> names = learner.aliases();
  names.insert(names.begin(), learner.name());
  return names;
}

}  // namespace

void Registry::add(std::unique_ptr<Learner> learner) {
  for (const std::string& name : names_of(*learner)) {
    for (const auto& known : learners_) {
      const std::vector<std::string> taken = names_of(*known);
      CRISP_ASSERT(std::find(taken.begin(), taken.end(), name) == taken.end());
    }
  }
  learners_.push_back(std::move(learner));
}

const Learner& Registry::at(const std::string& name) const {
  std::vector<std::string> all_names;
  for (const auto& learner : learners_) {
    const std::vector<std::string> names = names_of(*learner);
    if (std::find(names.begin(), names.end(), name) != names.end()) return *learner;
    all_names.insert(all_names.end(), names.begin(), names.end());
  }
  const std::string nearest = nearest_name(name, all_names);
  throw Error(Code::config, concat("there is no model '", name, "'"),
              nearest.empty() ? "crisp models lists them" : concat("did you mean '", nearest, "'?"));
}

void require_task(const Registry& registry, const Learner& learner, Task task) {
  if (learner.does(task)) return;
  std::string others;
  for (const auto& other : registry.all()) {
    if (other->does(task)) others += concat(others.empty() ? "" : ", ", other->name());
  }
  if (learner.tasks().empty()) throw Error(Code::config, concat(learner.name(), " are not trained"), concat("models for ", task_name(task), ": ", others));
  throw Error(Code::config, concat(learner.name(), " is for ", task_names(learner.tasks()), ", not for ", task_name(task)),
              concat("models for ", task_name(task), ": ", others));
}

}  // namespace crisp
