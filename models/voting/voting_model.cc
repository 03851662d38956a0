#include "models/voting/voting_model.h"

#include <algorithm>
#include <cmath>

#include "core/torch_script.h"
#include "cuda/error.h"
#include "models/voting/members.h"
#include "train/manifest.h"

namespace crisp {
namespace {

std::string prefix(size_t member) { return concat("member_", member, "."); }

class VotingScorer : public Scorer {
 public:
  VotingScorer(Exec& exec, std::shared_ptr<const VotingParts> parts, int64_t outputs) : parts_(std::move(parts)), outputs_(outputs) {
    for (const VotingParts::Voter& voter : parts_->voters) {
      scorers_.push_back(voter.fitted->scorer(exec));
      total_ += voter.weight;
    }
  }

  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override {
    CRISP_ASSERT(scores.size() == static_cast<size_t>(rows.rows * outputs_));
    std::fill(scores.begin(), scores.end(), 0.0);
    std::vector<double> own(scores.size());
    for (size_t k = 0; k < scorers_.size(); ++k) {
      scorers_[k]->score(exec, rows, own);
      if (parts_->hard) choose(own);
      const double share = parts_->voters[k].weight / total_;
      for (size_t i = 0; i < own.size(); ++i) scores[i] += share * own[i];
    }
  }

 private:
  /// 1 for the most probable class of each row, the first of equals; 0 for the others.
  void choose(std::vector<double>& probabilities) const {
    for (auto row = probabilities.begin(); row != probabilities.end(); row += outputs_) {
      const auto chosen = std::max_element(row, row + outputs_) - row;
      std::fill(row, row + outputs_, 0.0);
      row[chosen] = 1;
    }
  }

  std::shared_ptr<const VotingParts> parts_;
  int64_t outputs_;
  std::vector<std::unique_ptr<Scorer>> scorers_;
  double total_ = 0;
};

class VotingModel : public Model {
 public:
  explicit VotingModel(VotingParts parts) : parts_(std::make_shared<const VotingParts>(std::move(parts))) {}

  int64_t columns() const override { return parts_->voters[0].fitted->columns(); }
  int64_t outputs() const override { return parts_->voters[0].fitted->outputs(); }

  void save(Tensors& weights, Json& about) const override {
    Json list = Json::array();
    for (size_t k = 0; k < parts_->voters.size(); ++k) {
      const VotingParts::Voter& voter = parts_->voters[k];
      Tensors arrays;
      Json learned = Json::object();
      voter.fitted->save(arrays, learned);
      weights.merge(prefix(k), arrays);
      list.push_back({{"model", voter.model}, {"weight", voter.weight}, {"learned", std::move(learned)}});
    }
    about["members"] = std::move(list);
    about["voting"] = parts_->hard ? "hard" : "soft";
  }

  std::unique_ptr<Scorer> scorer(Exec& exec) const override { return std::make_unique<VotingScorer>(exec, parts_, outputs()); }

  std::string script(TorchScript& script, const std::string& rows) const override {
    double total = 0;
    for (const VotingParts::Voter& voter : parts_->voters) total += voter.weight;
    std::string sum;
    for (const VotingParts::Voter& voter : parts_->voters) {
      std::string own = script.let(concat("(", voter.fitted->script(script, rows), ").to(7)"));
      if (parts_->hard) own = script.let(concat("torch.zeros_like(", own, ").scatter(1, ", own, ".argmax(1, True), 1.0)"));
      sum = script.let(concat(sum, sum.empty() ? "" : " + ", script_number(voter.weight / total), " * ", own));
    }
    return sum;
  }

 private:
  std::shared_ptr<const VotingParts> parts_;
};

}  // namespace

std::unique_ptr<Model> make_voting_model(VotingParts parts) { return std::make_unique<VotingModel>(std::move(parts)); }

std::unique_ptr<Model> load_voting_model(const Registry& models, const Tensors& weights, const Json& about) {
  VotingParts parts;
  const Json& list = manifest_member(about, "members", &Json::is_array);
  CRISP_REQUIRE(!list.empty() && list.size() <= kMostMembers, Code::data, "voting: ", list.size(), " members");
  const std::string kind = manifest_member(about, "voting", &Json::is_string).get<std::string>();
  CRISP_REQUIRE(kind == "hard" || kind == "soft", Code::data, "voting: there is no kind '", kind, "'");
  parts.hard = kind == "hard";
  double total = 0;
  for (size_t k = 0; k < list.size(); ++k) {
    const Learner& learner = models.at(manifest_member(list[k], "model", &Json::is_string).get<std::string>());
    const double weight = manifest_member(list[k], "weight", &Json::is_number).get<double>();
    CRISP_REQUIRE(std::isfinite(weight) && weight >= 0, Code::data, "voting: a weight is not a number from 0 up");
    total += weight;
    parts.voters.push_back({learner.name(), learner.load(weights.with_prefix(prefix(k)), manifest_member(list[k], "learned", &Json::is_object)), weight});
    const Model &first = *parts.voters[0].fitted, &last = *parts.voters[k].fitted;
    CRISP_REQUIRE(first.columns() == last.columns() && first.outputs() == last.outputs(), Code::data,
                  "voting: the members read or answer different numbers of columns");
  }
  CRISP_REQUIRE(total > 0, Code::data, "voting: all weights are 0");
  CRISP_REQUIRE(!parts.hard || parts.voters[0].fitted->outputs() > 1, Code::data, "voting: a hard vote on numbers");
  return make_voting_model(std::move(parts));
}

}  // namespace crisp
