#include "run/forecast_run.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "cuda/error.h"
#include "run/prediction_slices.h"
#include "run/run_project.h"
#include "table/fingerprint.h"
#include "train/peers.h"

namespace crisp {
namespace {

using Values = std::vector<double>;

/// The values of `rows`, and nothing elsewhere.
Values only(const Values& values, const RowList& rows) {
  Values out(values.size(), NAN);
  for (const int64_t row : rows) out[static_cast<size_t>(row)] = values[static_cast<size_t>(row)];
  return out;
}

RowList joined(const RowList& first, const RowList& second) {
  RowList both;
  std::merge(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(both));
  return both;
}

class ForecastCarrier {
 public:
  ForecastCarrier(Exec& exec, const PredictionProject& project, const Registry& registry, PhaseClock& clock)
      : exec_(exec), registry_(registry), clock_(clock) {
    result_.project = project;
  }

  void fit_once(TrainingRun& run) {
    read_and_split();
    timed("train", [&] { fit(part(cut_.train, cut_.train), validation(), run, false); });
  }

  PredictionResult run(TrainingRun run) {
    peers_ = run.peers;
    read_and_split();
    run.data_fingerprint = result_.data_fingerprint;
    note("training ", project().learner->title(), " on ", counted(result_.train_rows, "window"), " of ", counted(plan().lookback, "row"));
    result_.training = std::move(run);
    const TargetRows train = part(cut_.train, cut_.train);
    timed("train", [&] { result_.pipeline = fit(train, validation(), result_.training, true); });
    result_.fitted_on = "training rows";
    if (!peers_ || peers_->rank() == 0) {  // of several processes the first one alone judges
      timed("predict", [&] { forecast(); });
      timed("judge", [&] { judge(train); });
    }
    if (project().refit == Refit::all) timed("refit", [&] { refit(); });
    result_.forecast = std::move(figures_);
    return std::move(result_);
  }

 private:
  const PredictionProject& project() const { return result_.project; }
  const ForecastPlan& plan() const { return project().forecast; }

  template <class Body>
  void timed(const char* phase, Body body) {
    check_interrupt();
    const PhaseClock::Phase running(clock_, phase);
    body();
  }

  void read_and_split() {
    timed("read", [&] { read(); });
    timed("fingerprint", [&] { result_.data_fingerprint = table_fingerprint(table_); });
    timed("prepare", [&] { prepare(); });
    timed("split", [&] { split(); });
  }

  void read() {
    note("reading ", project().data.path);
    table_ = read_table(project().data, &result_.reading);
    for (const std::string& remark : result_.reading.notes) note(remark);
    require_rows(table_, project().data.path);
    result_.input = table_.schema();
  }

  void prepare() {
    if (project().recipe) table_ = project().recipe->run_stateless(exec_, table_, result_.steps);
    if (!project().split.group.empty()) table_.index_of(project().split.group);
    result_.target = Target::learn(table_, project().target);
    require_task(registry_, *project().learner, result_.target.task());
    values_ = result_.target.values(table_);
    complete_plan();
  }

  /// The column that orders rows, where none was named: the only one of times.
  std::string time_column() const {
    if (!project().split.time.empty()) {
      table_.index_of(project().split.time);
      return project().split.time;
    }
    std::vector<std::string> times;
    for (const ColumnInfo& column : table_.schema()) {
      if (column.type == ColumnType::timestamp) times.push_back(column.name);
    }
    if (times.size() == 1) return times[0];
    throw Error(Code::data, times.empty() ? std::string("a forecast needs the order of the rows, and no column holds times")
                                          : concat("a forecast needs the order of the rows, and ", times.size(), " columns hold times"),
                "name the column: --time COLUMN (times, or numbers that rise)");
  }

  void complete_plan() {
    ForecastPlan& plan = result_.project.forecast;
    plan.time = result_.project.split.time = time_column();
    plan.group = project().split.group;
    const SeriesOrder order = order_series(table_, plan);
    const bool times = table_.type(plan.time) == ColumnType::timestamp;
    const TimeStep step = time_step(table_, plan.time, order);
    if (plan.season == 0) plan.season = times ? usual_season(step.usual) : 1;
    if (plan.lookback == 0) plan.lookback = usual_lookback(plan.season, plan.horizon);
    if (order.longest() < plan.lookback + plan.horizon) {
      throw Error(Code::data, concat(order.count() == 1 ? "the series has " : "the longest series has ", counted(order.longest(), "row"),
                                     ", and a window of ", plan.lookback, " with its answer of ", plan.horizon, " takes ",
                                     plan.lookback + plan.horizon),
                  "set a shorter --lookback or --horizon");
    }
    const auto together = [&](int64_t count, const char* what) { return concat(counted(count, what), " ahead from the ", plan.lookback, " before"); };
    result_.notes.push_back(concat(together(plan.horizon, "value"), ", by ", plan.time,
                                   order.count() > 1 ? concat(", in ", order.count(), " series of ", plan.group) : ""));
    result_.notes.push_back(plan.season > 1 ? concat("a season of ", plan.season, " rows") : "no season is known: name one with --season ROWS");
    if (step.gaps > 0) {
      result_.notes.push_back(concat(counted(step.gaps, "gap"), " in ", plan.time, ": windows take the rows as they follow one another"));
    }
    figures_.plan = plan;
  }

  int64_t windows_of(const Values& values) const {
    const SeriesOrder order = order_series(table_, plan());
    return static_cast<int64_t>(answered_windows(order, plan(), ordered(values, order)).size());
  }

  static Values ordered(const Values& values, const SeriesOrder& order) {
    Values out;
    for (const int64_t row : order.rows) out.push_back(values[static_cast<size_t>(row)]);
    return out;
  }

  void split() {
    SplitPlan how = project().split;
    how.group.clear();  // a series stands on both sides, its later rows on the later one
    how.seed = project().seed;
    how.validation = project().learner->stops_early();
    cut_ = split_rows(table_, result_.target, values_, how);
    result_.notes.insert(result_.notes.end(), cut_.notes.begin(), cut_.notes.end());
    result_.train_rows = windows_of(only(values_, cut_.train));
    result_.validation_rows = windows_of(only(values_, cut_.validation));
    require_windows(result_.train_rows, cut_.train, "to learn from", "set a shorter --lookback or --horizon");
    require_windows(windows_of(only(values_, cut_.test)), cut_.test, "to test", "set a larger --test-share, or a shorter --horizon");
    if (!cut_.validation.empty() && result_.validation_rows == 0) {
      result_.notes.push_back("the rows to say when to stop are fewer than the horizon: the training loss says it");
    }
    const Values anything(values_.size(), 0.0);
    figures_.without_answer = windows_of(anything) - windows_of(values_);
    if (figures_.without_answer == 0) return;
    result_.notes.push_back(concat(counted(figures_.without_answer, "window"), " left out: one of the values after them is missing"));
  }

  void require_windows(int64_t windows, const RowList& rows, const char* what, const char* hint) const {
    if (windows > 0) return;
    throw Error(Code::data, concat(counted(static_cast<int64_t>(rows.size()), "row"), " ", what, " hold no window of ", plan().lookback,
                                   " rows with all of its next ", plan().horizon, " values"), hint);
  }

  /// `rows` of the table, of which those of `answered` may be answers.
  TargetRows part(const RowList& rows, const RowList& answered) const {
    const Values values = only(values_, answered);
    TargetRows part{table_.take(rows), {}, {}};
    for (const int64_t row : rows) part.target.push_back(values[static_cast<size_t>(row)]);
    return part;
  }

  TargetRows validation() const {
    if (result_.validation_rows == 0) return {table_.take({}), {}, {}};
    return part(joined(cut_.train, cut_.validation), cut_.validation);
  }

  PredictionPipeline fit(const TargetRows& train, const TargetRows& held, TrainingRun& run, bool told) {
    PredictionRecipe recipe = plan_recipe(exec_, project(), result_.target, train.rows);
    StepLog ignored;
    StepLog& log = told ? result_.steps : ignored;
    if (told) {
      result_.left_out = recipe.left_out;
      result_.preparation = recipe.notes;
    }
    const PredictionPlan plan{recipe.recipe, recipe.features, project().excluded(), project().learner, project().params, project().seed,
                              {}, {}, this->plan()};
    TargetRows ready = train, held_ready = held;
    StepLog repeated;
    ready.rows = recipe.added.run_stateless(exec_, train.rows, log);
    if (held.rows.rows() > 0) held_ready.rows = recipe.added.run_stateless(exec_, held.rows, repeated);
    return PredictionPipeline::fit(exec_, plan, result_.target, ready, held_ready, run, log);
  }

  /// The rows of the test, and so many before them in each series that the first of them is answered, too.
  void find_test_rows() {
    const SeriesOrder order = order_series(table_, plan());
    std::vector<uint8_t> tested(values_.size());
    for (const int64_t row : cut_.test) tested[static_cast<size_t>(row)] = 1;
    for (size_t s = 0; s < order.count(); ++s) {
      int64_t first = order.begins[s];
      while (first < order.begins[s + 1] && !tested[static_cast<size_t>(order.rows[static_cast<size_t>(first)])]) ++first;
      if (first == order.begins[s + 1]) continue;
      for (int64_t at = std::max(order.begins[s], first - plan().lookback); at < order.begins[s + 1]; ++at) {
        test_rows_.push_back(order.rows[static_cast<size_t>(at)]);
      }
    }
    std::sort(test_rows_.begin(), test_rows_.end());
  }

  /// The rows have gone through the project's own stateless steps, but not through those that were added.
  Predictions predict(const PredictionPipeline& pipeline, size_t own) {
    StepLog repeated;
    const FittedRecipe& recipe = pipeline.recipe();
    const Table rows = recipe.run_steps(exec_, table_.take(test_rows_), own, recipe.stateless_steps(), false, repeated);
    return pipeline.predict_prepared(exec_, rows, repeated);
  }

  void forecast() {
    find_test_rows();
    JudgedRows& judged = result_.judged;
    judged.target = result_.target;
    judged.predictions = predict(*result_.pipeline, project().recipe ? project().recipe->stateless_steps() : 0);
    judged.truth = judged.predictions.answers;
  }

  /// A forecast without a model, of the same windows: it reads the target as it is.
  Predictions naive(const TargetRows& train, const char* strategy) {
    const Learner& dummy = registry_.at("dummy");
    PredictionPlan plan{Recipe::parse(Json::array()), {result_.target.column()}, {}, &dummy,
                        dummy.params().resolve({{"strategy", strategy}}), 0, {}, {}, this->plan()};
    TrainingRun quiet;
    StepLog ignored;
    const TargetRows none{train.rows.take({}), {}, {}};
    return predict(PredictionPipeline::fit(exec_, plan, result_.target, train, none, quiet, ignored), 0);
  }

  void judge(const TargetRows& train) {
    const JudgedRows& judged = result_.judged;
    PredictionEvaluationPlan how;
    how.intervals.resamples = 0;  // windows overlap: rows drawn one by one would make intervals too narrow
    const auto scored = [&](const Predictions& predictions) { return score_forecasts(predictions.values, judged.truth, plan().horizon); };
    const Predictions seasonal = naive(train, "seasonal"), last = naive(train, "last");
    result_.evaluation = judge_predictions(exec_, result_.target, judged.predictions, judged.truth, how);
    result_.dummy = judge_predictions(exec_, result_.target, seasonal, judged.truth, how);
    for (const Criterion& criterion : project().criteria) {
      const std::string complaint = criterion.complaint(*result_.evaluation);
      if (!complaint.empty()) result_.unmet.push_back(complaint);
    }
    for (const std::string& column : project().slices) {
      result_.slices.push_back(slice_predictions(exec_, result_.target, judged.predictions, judged.truth, column));
    }
    figures_.model = scored(judged.predictions);
    figures_.seasonal = scored(seasonal);
    figures_.last = scored(last);
    find_examples();
  }

  /// Some origins, evenly out of those whose answer is whole.
  void find_examples() {
    constexpr size_t kExamples = 4;
    const auto width = static_cast<size_t>(plan().horizon);
    const JudgedRows& judged = result_.judged;
    std::vector<size_t> whole;
    for (size_t i = 0; i * width < judged.truth.size(); ++i) {
      const auto from = judged.truth.begin() + static_cast<std::ptrdiff_t>(i * width);
      if (std::none_of(from, from + plan().horizon, [](double value) { return std::isnan(value); })) whole.push_back(i);
    }
    if (whole.empty()) return;
    const Table rows = table_.take(test_rows_);
    const SeriesOrder order = order_series(rows, plan());
    const Values values = ordered(result_.target.values(rows), order);
    std::vector<int64_t> first = whole_windows(order, plan().lookback);
    const auto origin = [&](int64_t begin) { return order.rows[static_cast<size_t>(begin + plan().lookback - 1)]; };
    std::sort(first.begin(), first.end(), [&](int64_t a, int64_t b) { return origin(a) < origin(b); });
    const std::vector<std::string> names = rows.texts(plan().time);
    const size_t count = std::min(kExamples, whole.size());
    for (size_t k = 0; k < count; ++k) {
      const size_t i = whole[(2 * k + 1) * whole.size() / (2 * count)];
      const auto cut = [&](const Values& from, size_t begin, size_t size) {
        return Values(from.begin() + static_cast<std::ptrdiff_t>(begin), from.begin() + static_cast<std::ptrdiff_t>(begin + size));
      };
      figures_.examples.push_back({names[static_cast<size_t>(origin(first[i]))],
                                   cut(values, static_cast<size_t>(first[i]), static_cast<size_t>(plan().lookback)),
                                   cut(judged.truth, i * width, width), cut(judged.predictions.values, i * width, width)});
    }
  }

  /// Once more on every row, as long as the judged fit needed.
  void refit() {
    PredictionProject& project = result_.project;
    Json params = project.params.to_json();
    params.update(project.learner->refit_params(result_.training.facts));
    const Params judged = std::exchange(project.params, project.learner->params().resolve(params));
    TrainingRun again;
    again.peers = peers_;
    again.directory = result_.training.directory;
    again.folder = TrainingRun::kRefitCheckpoints;
    again.curves = false;
    again.resume = result_.training.resume;
    again.show = result_.training.show;
    again.checkpoints = result_.training.checkpoints;
    again.data_fingerprint = result_.training.data_fingerprint;
    RowList all(values_.size());
    std::iota(all.begin(), all.end(), int64_t{0});
    note("training once more on all ", counted(table_.rows(), "row"));
    result_.pipeline = fit(part(all, all), {table_.take({}), {}, {}}, again, false);
    project.params = judged;
    result_.fitted_on = "all rows";
  }

  Exec& exec_;
  const Registry& registry_;
  PhaseClock& clock_;
  Peers* peers_ = nullptr;
  PredictionResult result_;
  ForecastFigures figures_;
  Table table_;           // after the project's own stateless steps
  Values values_;         // the target's, one a row of it
  Split cut_;
  RowList test_rows_;     // with the rows before them that the first windows reach back to
};

}  // namespace

void fit_forecast(Exec& exec, const PredictionProject& project, const Registry& registry, TrainingRun& run, PhaseClock& clock) {
  ForecastCarrier(exec, project, registry, clock).fit_once(run);
}

PredictionResult run_forecast(Exec& exec, const PredictionProject& project, const Registry& registry, TrainingRun run,
                              PhaseClock& clock) {
  return ForecastCarrier(exec, project, registry, clock).run(std::move(run));
}

}  // namespace crisp
