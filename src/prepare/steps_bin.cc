#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "prepare/categories.h"
#include "prepare/column_pattern.h"
#include "prepare/fitted_state.h"
#include "prepare/quantiles.h"
#include "prepare/script_columns.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

constexpr int64_t kMaxBins = 10'000;

struct BinRule {
  bool right_closed = false;      ///< an inner edge belongs to the bin below it
  bool missing_bin = false;       ///< missing values have the bin after the last
  std::vector<std::string> labels;  ///< instead of codes; empty: codes
};

/// The inner edges of one column, ascending: one less than there are bins. What lies beyond belongs to the outer bins.
struct ColumnBins {
  std::string column;
  std::vector<double> edges;

  int64_t bins() const { return static_cast<int64_t>(edges.size()) + 1; }
  int64_t bin_of(double value, bool right_closed) const {
    const auto at = right_closed ? std::lower_bound(edges.begin(), edges.end(), value)
                                 : std::upper_bound(edges.begin(), edges.end(), value);
    return at - edges.begin();
  }
};

class Bins : public FittedPart {
 public:
  Bins(std::vector<ColumnBins> columns, BinRule rule) : columns_(std::move(columns)), rule_(std::move(rule)) {}

  Table apply(StepRun&, const Table& table) const override {
    Table out = table;
    for (const ColumnBins& column : columns_) {
      std::vector<int64_t> codes;
      codes.reserve(static_cast<size_t>(table.rows()));
      for (const double value : table.numbers(column.column)) {
        const int64_t none = rule_.missing_bin ? column.bins() : -1;
        codes.push_back(std::isnan(value) ? none : column.bin_of(value, rule_.right_closed));
      }
      out = rule_.labels.empty() ? with_codes(out, column.column, codes) : with_labels(out, column.column, codes, rule_.labels);
    }
    return out;
  }

  Json save() const override {
    Json columns = Json::array(), edges = Json::array();
    for (const ColumnBins& column : columns_) {
      columns.push_back(column.column);
      edges.push_back(column.edges);
    }
    return {{"columns", columns}, {"edges", edges}};
  }

  void update_categories(CategoryCounts& counts) const override {
    for (const ColumnBins& column : columns_) {
      counts.erase(column.column);
      if (rule_.labels.empty()) counts[column.column] = column.bins() + rule_.missing_bin;
    }
  }

  void script(ScriptColumns& columns, const Table&) const override {
    for (const ColumnBins& column : columns_) {
      const std::string code = columns.at(column.column).code;
      const std::string bin = column.edges.empty()
          ? "nought"
          : concat("torch.bucketize(", code, ", ", columns.script().constant<double>(column.edges), ", right=",
                   rule_.right_closed ? "False" : "True", ").to(7)");
      const double none = rule_.missing_bin ? static_cast<double>(column.bins()) : std::nan("");
      const std::string binned = columns.set(column.column, ColumnType::integer,
                                             concat("torch.where(torch.isnan(", code, "), ", script_number(none), ", ", bin, ")"));
      if (rule_.labels.empty()) continue;
      const auto words = std::make_shared<ScriptWords>();
      ScriptAnswers labels{{}, std::nan(""), std::nan("")};
      for (const std::string& label : rule_.labels) labels.of_key.push_back(static_cast<double>(words->code(label)));
      columns.set(column.column, {ColumnType::text, columns.answer(binned, labels), words});
    }
  }

 private:
  std::vector<ColumnBins> columns_;
  BinRule rule_;
};

class Bin : public Step {
 public:
  Bin(std::vector<std::string> columns, std::string method, int64_t bins, std::vector<double> edges, BinRule rule)
      : columns_(std::move(columns)), method_(std::move(method)), bins_(bins), edges_(std::move(edges)), rule_(std::move(rule)) {}

  std::string title() const override {
    return concat("bin ", listed(columns_), " by ", method_, method_ == "edges" ? "" : concat(" into ", bins_));
  }
  bool fitted() const override { return true; }

  std::unique_ptr<FittedPart> fit(Exec& exec, const Table& train) const override {
    std::vector<ColumnBins> columns;
    for (const std::string& name : columns_like(train, columns_)) {
      columns.push_back({name, method_ == "edges" ? edges_ : learned_edges(exec, train, name)});
      check_labels(columns.back());
    }
    return std::make_unique<Bins>(std::move(columns), rule_);
  }

  std::unique_ptr<FittedPart> load(const Json& state) const override {
    const std::vector<std::string> names = state_names(state_field(state, "columns"));
    const Json& edges = state_field(state, "edges");
    if (!edges.is_array() || edges.size() != names.size()) fail(Code::data, "the fitted state has not one list of edges a column");
    std::vector<ColumnBins> columns;
    for (size_t i = 0; i < names.size(); ++i) {
      ColumnBins column{names[i], {}};
      if (!edges[i].is_array() || edges[i].size() >= static_cast<size_t>(kMaxBins)) fail(Code::data, "the fitted state has no list of edges");
      for (const Json& edge : edges[i]) column.edges.push_back(state_number(edge));
      if (!std::is_sorted(column.edges.begin(), column.edges.end())) fail(Code::data, "the fitted state has edges that do not ascend");
      check_labels(column);
      columns.push_back(std::move(column));
    }
    return std::make_unique<Bins>(std::move(columns), rule_);
  }

 private:
  std::vector<double> learned_edges(Exec& exec, const Table& train, const std::string& name) const {
    std::vector<double> shares;
    for (int64_t i = 0; i <= bins_; ++i) shares.push_back(static_cast<double>(i) / static_cast<double>(bins_));
    std::vector<double> edges = training_quantiles(exec, train, name, method_ == "quantile" ? shares : std::vector<double>{0.0, 1.0});
    if (method_ == "width") {
      const double low = edges[0], high = edges[1];
      edges.clear();
      for (const double share : shares) edges.push_back(low + share * (high - low));
    }
    // Where one value is frequent, several quantiles are equal: bins between them would stay empty.
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    if (edges.size() <= 2) return {};
    return {edges.begin() + 1, edges.end() - 1};
  }

  void check_labels(const ColumnBins& column) const {
    const size_t wanted = static_cast<size_t>(column.bins()) + rule_.missing_bin;
    if (!rule_.labels.empty() && rule_.labels.size() != wanted)
      fail(Code::data, "column '", column.column, "' has ", wanted, " bins, and there are ", rule_.labels.size(), " labels");
  }

  std::vector<std::string> columns_;
  std::string method_;
  int64_t bins_;
  std::vector<double> edges_;
  BinRule rule_;
};

std::vector<double> read_edges(StepOptions& options) {
  const Json& list = options.raw("edges");
  std::vector<double> edges;
  for (const Json& edge : list) edges.push_back(edge.is_number() ? edge.get<double>() : std::nan(""));
  const bool ascending = std::is_sorted(edges.begin(), edges.end(), std::less_equal<>());
  const bool finite = std::all_of(edges.begin(), edges.end(), [](double edge) { return std::isfinite(edge); });
  if (!list.is_array() || edges.empty() || edges.size() >= static_cast<size_t>(kMaxBins) || !ascending || !finite)
    throw Error(Code::config, "key 'edges' must be a list of ascending numbers", "edges = [18, 65] makes three bins");
  return edges;
}

}  // namespace

StepPtr make_bin(StepOptions& options) {
  std::vector<std::string> columns = options.names("columns");
  std::string method = options.choice("method", {"quantile", "width", "edges"}, "quantile");
  std::vector<double> edges;
  int64_t bins = 0;
  if (method == "edges") {
    edges = read_edges(options);
  } else {
    bins = options.integer("bins", 2, kMaxBins, 10);
  }
  BinRule rule;
  rule.right_closed = options.choice("closed", {"left", "right"}, "left") == "right";
  rule.missing_bin = options.choice("missing", {"keep", "bin"}, "keep") == "bin";
  rule.labels = options.names_or_none("labels");
  return std::make_unique<Bin>(std::move(columns), std::move(method), bins, std::move(edges), std::move(rule));
}

}  // namespace crisp
