#include <algorithm>

#include "cuda/error.h"
#include "prepare/column_pattern.h"
#include "prepare/encodings.h"
#include "prepare/fitted_state.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

class Encode : public Step {
 public:
  Encode(std::vector<std::string> columns, EncodeRule rule) : columns_(std::move(columns)), rule_(std::move(rule)) {}

  std::string title() const override {
    return concat("encode ", listed(columns_), " by ", rule_.method, rule_.target.empty() ? "" : " " + rule_.target);
  }
  bool fitted() const override { return true; }

  std::unique_ptr<FittedPart> fit(Exec& exec, const Table& train) const override {
    const std::vector<std::string> columns = chosen(train);
    if (rule_.method == "one_hot") return learn_one_hot(train, columns, rule_);
    if (rule_.method == "target") return learn_target_means(exec, train, columns, rule_);
    if (rule_.method == "frequency") return learn_shares(train, columns, rule_);
    return learn_ordinal(train, columns, rule_);
  }

  bool tells_target() const override { return rule_.method == "target"; }
  Table training_rows(StepRun& run, const FittedPart& part, const Table& train) const override {
    return rule_.method == "target" ? cross_fitted(run, train, chosen(train), rule_) : part.apply(run, train);
  }

  std::unique_ptr<FittedPart> load(const Json& state) const override {
    if (state_text(state_field(state, "method")) != rule_.method) fail(Code::data, "the fitted state is of another method");
    if (rule_.method == "ordinal") return load_ordinal(state, rule_);
    return rule_.method == "one_hot" ? load_one_hot(state, rule_) : load_numbers(state, rule_);
  }

 private:
  /// A pattern may match the target too, which is not to be touched.
  std::vector<std::string> chosen(const Table& train) const {
    std::vector<std::string> columns = columns_like(train, columns_);
    std::erase(columns, rule_.target);
    if (columns.empty()) fail(Code::data, "there is no column to encode beside the target");
    return columns;
  }

  std::vector<std::string> columns_;
  EncodeRule rule_;
};

void read_target_keys(StepOptions& options, EncodeRule& rule) {
  rule.target = options.text("target");
  const std::string task = options.choice("task", {"auto", "classification", "regression"}, "auto");
  if (task != "auto") rule.classes = task == "classification";
  if (options.has("smooth") && options.raw("smooth") != "auto") rule.smoothing.rows = options.number("smooth", 0.0, 1e12);
  rule.folds = static_cast<int>(options.integer("folds", 2, 100, rule.folds));
  rule.seed = static_cast<uint64_t>(options.integer("seed", 0, int64_t{1} << 53, 0));
}

}  // namespace

StepPtr make_encode(StepOptions& options) {
  constexpr int64_t kMostColumns = 1000, kUsualColumns = 100;
  std::vector<std::string> columns = options.names("columns");
  EncodeRule rule;
  rule.method = options.choice("method", {"ordinal", "one_hot", "target", "frequency"}, "ordinal");
  const bool one_hot = rule.method == "one_hot";
  rule.unseen = parse_unseen(options.choice("unseen", {"other", "error", "missing"}, "other"));
  rule.categories.min_count = options.integer("min_count", 1, int64_t{1} << 40, 1);
  rule.categories.max_categories = options.integer("max_categories", 1, one_hot ? kMostColumns : kMaxCategories,
                                                   one_hot ? kUsualColumns : kMaxCategories);
  if (rule.unseen == Unseen::error && rule.categories.min_count > 1)
    fail(Code::config, "unseen = \"error\" refuses what min_count leaves out; give one of the two");
  if (rule.method == "target") read_target_keys(options, rule);
  options.finish();
  return std::make_unique<Encode>(std::move(columns), std::move(rule));
}

}  // namespace crisp
