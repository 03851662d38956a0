#include "train/model_set.h"

#include <algorithm>
#include <mutex>

#include "core/stable_hash.h"
#include "core/torch_script.h"
#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp {
namespace {

using Rows = std::vector<int64_t>;

std::map<std::string, Rows> rows_by_group(std::span<const std::string> groups) {
  std::map<std::string, Rows> by_group;
  for (size_t i = 0; i < groups.size(); ++i) by_group[groups[i]].push_back(static_cast<int64_t>(i));
  return by_group;
}

/// A seed of a group's own: its name is the counter of a draw under the run's seed.
uint64_t group_seed(uint64_t seed, const std::string& group) {
  constexpr uint64_t kGroupStream = 0x67726f7570;
  return random_bits(seed, kGroupStream, stable_hash(group));
}

}  // namespace

ModelSet ModelSet::fit(Exec& exec, const FitPlan& plan, const Matrix& rows, std::span<const std::string> groups, TrainingRun* run) {
  ModelSet set;
  set.shared_ = plan.learner->fit_detector(exec, rows.view(), plan.params, plan.seed, run);
  if (groups.empty()) return set;
  std::vector<std::pair<std::string, Rows>> large;
  for (auto& [name, members] : rows_by_group(groups)) {
    if (static_cast<int64_t>(members.size()) >= plan.min_rows) large.emplace_back(name, std::move(members));
  }
  std::vector<std::shared_ptr<const Model>> models(large.size());
  exec.threads().run(static_cast<int64_t>(large.size()), [&](int64_t i) {
    const auto& [name, members] = large[static_cast<size_t>(i)];
    const Matrix part = rows.take(members);
    models[static_cast<size_t>(i)] =
        plan.learner->fit_detector(exec, part.view(), plan.params, group_seed(plan.seed, name));
  });
  for (size_t i = 0; i < large.size(); ++i) set.own_[large[i].first] = models[i];
  return set;
}

int64_t ModelSet::columns() const { return shared_->columns(); }

std::vector<std::string> ModelSet::group_names() const {
  std::vector<std::string> names;
  for (const auto& entry : own_) names.push_back(entry.first);
  return names;
}

const Model& ModelSet::model_of(const std::string& group) const {
  const auto found = own_.find(group);
  return found == own_.end() ? *shared_ : *found->second;
}

/// The scorers of the Exec that asked last.
struct ModelSet::Residents {
  std::mutex mutex;
  uint64_t exec = 0;
  std::map<const Model*, std::shared_ptr<const Scorer>> scorers;
};

ModelSet::ModelSet() : residents_(std::make_shared<Residents>()) {}

std::shared_ptr<const Scorer> ModelSet::scorer_of(const Model& model, Exec& exec) const {
  const std::lock_guard guard(residents_->mutex);
  if (residents_->exec != exec.id()) residents_->scorers.clear();
  residents_->exec = exec.id();
  std::shared_ptr<const Scorer>& scorer = residents_->scorers[&model];
  if (!scorer) scorer = model.scorer(exec);
  return scorer;
}

/// Calls use(scorer, part of the rows, their places) once per model that is needed.
template <class Use>
void ModelSet::for_each_model(const Matrix& rows, std::span<const std::string> groups, Use use) const {
  std::map<const Model*, Rows> by_model;
  for (int64_t i = 0; i < rows.rows(); ++i) {
    by_model[groups.empty() ? shared_.get() : &model_of(groups[static_cast<size_t>(i)])].push_back(i);
  }
  for (const auto& [model, members] : by_model) use(*model, rows.take(members), members);
}

std::vector<double> ModelSet::score(Exec& exec, const Matrix& rows,
                                    std::span<const std::string> groups) const {
  std::vector<double> scores(static_cast<size_t>(rows.rows()));
  if (!grouped()) {
    scorer_of(*shared_, exec)->score(exec, rows.view(), scores);
    return scores;
  }
  for_each_model(rows, groups, [&](const Model& model, const Matrix& part, const Rows& members) {
    std::vector<double> answers(members.size());
    scorer_of(model, exec)->score(exec, part.view(), answers);
    for (size_t i = 0; i < members.size(); ++i) scores[static_cast<size_t>(members[i])] = answers[i];
  });
  return scores;
}

std::vector<double> ModelSet::attribute(Exec& exec, const Matrix& rows,
                                        std::span<const std::string> groups) const {
  const int64_t width = 2 * columns();
  std::vector<double> parts(static_cast<size_t>(rows.rows() * width));
  for_each_model(rows, grouped() ? groups : std::span<const std::string>(),
                 [&](const Model& model, const Matrix& part, const Rows& members) {
    const auto count = static_cast<int64_t>(members.size());
    std::vector<double> answers(static_cast<size_t>(count * width));
    scorer_of(model, exec)->attribute(exec, part.view(), {answers.data(), count, width, width});
    for (int64_t i = 0; i < count; ++i) {
      std::copy_n(answers.begin() + i * width, width, parts.begin() + members[static_cast<size_t>(i)] * width);
    }
  });
  return parts;
}

std::string ModelSet::script(TorchScript& script, const std::string& rows, const std::string& group) const {
  constexpr size_t kMostGroups = 1000;
  if (!grouped()) return shared_->script(script, rows);
  CRISP_REQUIRE(own_.size() <= kMostGroups, Code::unavailable, "models of ", own_.size(), " groups make too large a TorchScript module; ",
                "the limit is ", kMostGroups);
  const std::string none = script.let(concat("torch.ones_like(", group, ").to(11)"));
  std::string left = none, scores = script.let(concat("torch.zeros([", rows, ".size(0), 1], dtype=7, device=", rows, ".device)"));
  double place = 0;
  const auto answer = [&](const Model& model, const std::string& chosen) {
    const std::string members = script.let(concat("torch.nonzero(", chosen, ").flatten()"));
    const std::string part = script.let(concat(rows, ".index_select(0, ", members, ")"));
    scores = script.let(concat(scores, ".index_copy(0, ", members, ", ", model.script(script, part), ")"));
  };
  for (const auto& [name, model] : own_) {
    const std::string chosen = script.let(concat(group, " == ", place++));
    left = script.let(concat(left, " & ~", chosen));
    answer(*model, chosen);
  }
  answer(*shared_, left);
  return scores;
}

void ModelSet::save(Tensors& weights, Json& about) const {
  Json shared_about = Json::object();
  Tensors shared_weights;
  shared_->save(shared_weights, shared_about);
  weights.merge("shared.", shared_weights);
  about["shared"] = shared_about;
  about["groups"] = Json::array();
  int64_t index = 0;
  for (const auto& [name, model] : own_) {
    Json group_about = Json::object();
    Tensors group_weights;
    model->save(group_weights, group_about);
    weights.merge(concat("group", index++, "."), group_weights);
    about["groups"].push_back({{"name", name}, {"about", group_about}});
  }
}

ModelSet ModelSet::load(const Learner& learner, const Tensors& weights, const Json& about) {
  CRISP_REQUIRE(about.is_object() && about.contains("shared") && about.contains("groups") && about["groups"].is_array(),
                Code::data, "the manifest's model has no shared part or no groups");
  ModelSet set;
  set.shared_ = learner.load(weights.with_prefix("shared."), about["shared"]);
  int64_t index = 0;
  for (const Json& group : about["groups"]) {
    CRISP_REQUIRE(group.is_object() && group.contains("name") && group["name"].is_string() && group.contains("about"),
                  Code::data, "the manifest's group ", index, " has no name");
    std::shared_ptr<const Model> model =
        learner.load(weights.with_prefix(concat("group", index, ".")), group["about"]);
    CRISP_REQUIRE(model->columns() == set.columns(), Code::data, "group ", index, " has ", model->columns(),
                  " columns, the shared model ", set.columns());
    const bool fresh = set.own_.emplace(group["name"].get<std::string>(), std::move(model)).second;
    CRISP_REQUIRE(fresh, Code::data, "the manifest names group ", index, " twice");
    ++index;
  }
  return set;
}

}  // namespace crisp
