#include "include/crisp/predictor.h"

#include <mutex>

#include "cuda/exec.h"
#include "detect/answer.h"
#include "models/registry.h"
#include "read/read_columns.h"
#include "table/table.h"
#include "train/pipeline_bundle.h"

namespace crisp {

namespace {

/// The table with one more column, made by one of Table's with_...().
template <class T>
std::shared_ptr<const Table> added(const Table& table, const std::string& name, std::span<const T> values,
                                   Table (Table::*with)(const std::string&, const std::vector<T>&) const) {
  CRISP_REQUIRE(table.columns() == 0 || table.rows() == static_cast<int64_t>(values.size()), Code::data, "column '", name,
                "' has ", values.size(), " values; the columns before it have ", table.rows());
  return std::make_shared<const Table>((table.*with)(name, {values.begin(), values.end()}));
}

Registry all_models() {
  Registry registry;
  register_models(registry);
  return registry;
}

}  // namespace

Rows::Rows() : table_(std::make_shared<const Table>()) {}
Rows::Rows(std::shared_ptr<const Table> table) : table_(std::move(table)) {}

Rows Rows::read(const std::string& path) {
  ReadRequest request;
  request.path = path;
  return Rows(std::make_shared<const Table>(read_table(request)));
}

Rows& Rows::add_numbers(const std::string& name, std::span<const double> values) {
  table_ = added(*table_, name, values, &Table::with_numbers);
  return *this;
}

Rows& Rows::add_integers(const std::string& name, std::span<const int64_t> values) {
  table_ = added(*table_, name, values, &Table::with_integers);
  return *this;
}

Rows& Rows::add_texts(const std::string& name, std::span<const std::string> values) {
  table_ = added(*table_, name, values, &Table::with_texts);
  return *this;
}

Rows& Rows::add_times(const std::string& name, std::span<const int64_t> microseconds) {
  table_ = added(*table_, name, microseconds, &Table::with_timestamps);
  return *this;
}

int64_t Rows::size() const { return table_->rows(); }
std::vector<std::string> Rows::names() const { return table_->names(); }
std::vector<double> Rows::numbers(const std::string& name) const { return table_->numbers(name); }
std::vector<std::string> Rows::texts(const std::string& name) const { return table_->texts(name); }

struct Predictor::State {
  State(const std::string& bundle, const std::string& device, int threads)
      : registry(all_models()), saved(open_pipeline(bundle, registry)), exec(parse_device(device), threads) {}

  Registry registry;
  SavedPipeline saved;
  mutable std::mutex turn;
  mutable Exec exec;
};

Predictor::Predictor(const std::string& bundle, const std::string& device, int threads)
    : state_(std::make_shared<const State>(bundle, device, threads)) {}

double Predictor::cutoff() const { return state_->saved.pipeline.cutoff(); }

std::vector<std::string> Predictor::inputs() const {
  std::vector<std::string> names;
  for (const ColumnInfo& column : state_->saved.input.columns) names.push_back(column.name);
  return names;
}

Verdicts Predictor::predict(const Rows& rows) const {
  const Pipeline& pipeline = state_->saved.pipeline;
  const ReadRequest request = state_->saved.request("");
  const Table raw = with_types(*rows.table_, request);
  const std::lock_guard guard(state_->turn);
  StepLog ignored;
  const Scored scored = state_->saved.score(state_->exec, raw, ignored);
  Verdicts verdicts;
  verdicts.rows = Rows(std::make_shared<const Table>(scored.rows));
  verdicts.scores = scored.scores;
  verdicts.anomalous.assign(scored.anomalous.begin(), scored.anomalous.end());
  verdicts.reasons = anomaly_reasons(state_->exec, pipeline, scored);
  return verdicts;
}

}  // namespace crisp
