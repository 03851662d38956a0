#include "models/voting/voting.h"

#include <algorithm>
#include <optional>

#include "core/log.h"
#include "cuda/error.h"
#include "models/voting/members.h"
#include "models/voting/voting_model.h"

namespace crisp {
namespace {

/// Numbers, so that two nets of the same parameters do not become the same net.
uint64_t member_seed(uint64_t seed, size_t member) { return seed ^ (static_cast<uint64_t>(member) * 0x9E3779B97F4A7C15ull); }

/// The training rows, and behind them the validation rows: for members that do not stop by the latter.
struct AllRows {
  Matrix rows;
  std::vector<float> target, weights;

  explicit AllRows(const FitData& data) : rows(data.train.rows.rows + data.validation.rows.rows, data.train.rows.columns) {
    int64_t at = 0;
    for (const LabelledRows* part : {&data.train, &data.validation}) {
      for (int64_t i = 0; i < part->rows.rows; ++i) std::copy_n(part->rows.row(i), rows.columns(), rows.view().row(at++));
      target.insert(target.end(), part->target.begin(), part->target.end());
      weights.insert(weights.end(), part->weights.begin(), part->weights.end());
      if (!data.train.weights.empty()) weights.resize(target.size(), 1.0f);
    }
    if (data.train.weights.empty()) weights.clear();
  }

  FitData of(const FitData& data) const { return {data.task, data.classes, data.features, {rows.view(), target, weights}, {}}; }
};

class VotingLearner : public Learner {
 public:
  explicit VotingLearner(Registry models) : models_(std::move(models)) {}

  std::string name() const override { return "voting"; }
  std::string title() const override { return "Vote"; }
  std::string about() const override {
    return "Several models at once: the weighted mean of their answers, or of classes the one that most choose. Often better than the "
           "best of them where they err in different ways.";
  }
  std::vector<std::string> aliases() const override { return {"ensemble"}; }
  std::vector<Task> tasks() const override { return {Task::classification, Task::regression}; }
  /// What suits every member: columns of numbers, on one scale, none missing.
  FeatureNeeds needs() const override { return {}; }
  bool weighs_rows() const override { return true; }

  bool needs_validation(const Params& params) const override {
    const std::vector<Member> members = parse_members(params.text("members"));
    return std::any_of(members.begin(), members.end(), [&](const Member& member) { return resolved(member).first->needs_validation(resolved(member).second); });
  }

  void check(const Params& params) const override {
    const std::vector<Member> members = parse_members(params.text("members"));
    for (const Member& member : members) {
      const auto [learner, own] = resolved(member);
      CRISP_REQUIRE(learner->does(Task::regression) || learner->does(Task::classification), Code::config, "voting: ", learner->name(),
                    " predicts nothing");
      learner->check(own);
    }
    parse_member_weights(params.text("weights"), members.size());
  }

  /// The members with the parameters that their own fits suggest.
  Json refit_params(const Json& facts) const override {
    std::vector<Member> members;
    for (const Json& told : facts["members"]) {
      Member member{told["model"].get<std::string>(), told["parameters"]};
      member.params.update(models_.at(member.model).refit_params(told["facts"]));
      members.push_back(std::move(member));
    }
    return {{"members", members_text(members)}};
  }

  const ParamTable& params() const override {
    static const ParamTable table({
        {.name = "members", .fallback = std::string("linear, knn"),
         .help = "models, with their parameters in parentheses: \"ridge(alpha=3), knn, mlp\"", .aliases = {"estimators"}},
        {.name = "weights", .fallback = std::string(), .help = "how much each member counts, as in \"2, 1\"; empty: alike"},
        {.name = "voting", .fallback = std::string("soft"),
         .help = "of classes: soft, the mean of the probabilities, or hard, the shares of the members' first choices",
         .choices = {"soft", "hard"}},
    });
    return table;
  }

  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed, TrainingRun& run) const override {
    const std::vector<Member> members = parse_members(params.text("members"));
    const std::vector<double> weights = parse_member_weights(params.text("weights"), members.size());
    VotingParts parts;
    parts.hard = data.task == Task::classification && params.text("voting") == "hard";
    Json told = Json::array();
    std::optional<AllRows> all;
    for (size_t k = 0; k < members.size(); ++k) {
      const auto [learner, own] = resolved(members[k]);
      require_task(models_, *learner, data.task);
      if (!data.train.weights.empty() && !learner->weighs_rows()) fail(Code::config, "voting: ", learner->name(), " cannot weigh rows");
      note("member ", k + 1, " of ", members.size(), ": ", learner->title());
      TrainingRun part = run_of_member(run, k);
      const bool alone = learner->needs_validation(own) || data.validation.rows.rows == 0;
      if (!alone && !all) all.emplace(data);
      auto model = learner->fit(exec, alone ? data : all->of(data), own, member_seed(seed, k), part);
      parts.voters.push_back({learner->name(), std::move(model), weights[k]});
      told.push_back({{"model", learner->name()}, {"parameters", members[k].params}, {"facts", part.facts}});
      if (!part.history.empty()) run.history = part.history;
    }
    run.facts = {{"members", std::move(told)}};
    return make_voting_model(std::move(parts));
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override { return load_voting_model(models_, weights, about); }

 private:
  std::pair<const Learner*, Params> resolved(const Member& member) const {
    const Learner& learner = models_.at(member.model);
    try {
      return {&learner, learner.params().resolve(member.params)};
    } catch (Error& error) {
      error.add_context(concat("member ", member.model));
      throw;
    }
  }

  /// Checkpoints of its own: a net among the members goes on where it was stopped, and those before it are done quickly.
  static TrainingRun run_of_member(const TrainingRun& run, size_t member) {
    TrainingRun own = run;
    own.folder = concat(run.folder, "-member-", member + 1);
    own.curves = run.curves && member == 0;
    return own;
  }

  Registry models_;
};

}  // namespace

std::unique_ptr<Learner> make_voting(Registry models) { return std::make_unique<VotingLearner>(std::move(models)); }

}  // namespace crisp
