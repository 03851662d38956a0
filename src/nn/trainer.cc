#include "nn/trainer.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/json_number.h"
#include "core/log.h"
#include "core/stable_hash.h"
#include "core/terminal.h"
#include "cuda/error.h"
#include "train/manifest.h"
#include "train/rate_sweep.h"
#include "train/shared_training.h"

namespace crisp::nn {
namespace {

constexpr int64_t kMostRollbacks = 3;

/// Within the memory that views point to.
void copy(const Learned& from, Learned& to) {
  std::copy(from.parameters.begin(), from.parameters.end(), to.parameters.begin());
  std::copy(from.first.begin(), from.first.end(), to.first.begin());
  std::copy(from.second.begin(), from.second.end(), to.second.begin());
}

void put(Tensors& arrays, const std::string& name, const std::vector<float>& values) {
  if (!values.empty()) arrays.put<float>(name, std::span<const float>(values), {static_cast<int64_t>(values.size())});
}

void put(Tensors& arrays, const std::string& prefix, const Learned& learned) {
  put(arrays, prefix + "parameters", learned.parameters);
  put(arrays, prefix + "first", learned.first);
  put(arrays, prefix + "second", learned.second);
}

void take(const Tensors& arrays, const std::string& name, std::vector<float>& to) {
  if (to.empty()) return;
  const std::vector<float> values = arrays.get<float>(name);
  CRISP_REQUIRE(values.size() == to.size(), Code::data, "the checkpoint's ", name, " has another size");
  std::copy(values.begin(), values.end(), to.begin());
}

void take(const Tensors& arrays, const std::string& prefix, Learned& learned) {
  take(arrays, prefix + "parameters", learned.parameters);
  take(arrays, prefix + "first", learned.first);
  take(arrays, prefix + "second", learned.second);
}

}  // namespace

Trainer::Trainer(Exec& exec, BatchStep& step, const NetTraining& training, const FitData& data, TrainingRun& run)
    : exec_(exec),
      step_(step),
      training_(training),
      data_(data),
      run_(run),
      feed_(data, training.seed, step.cut(), training.batch * training.accumulate),
      schedule_(training.rate),
      stopping_(training.stopping),
      start_(Clock::now()),
      saved_at_(start_) {
  const auto size = static_cast<size_t>(step.layout().total());
  const int moments = moments_of(training.optimiser);
  now_.first.resize(moments >= 1 ? size : 0);
  now_.second.resize(moments >= 2 ? size : 0);
  if (training.judge) outputs_ = Matrix(data.validation.rows.rows, step.outputs());
  if (!run.directory.empty()) store_.emplace(run.directory + "/" + run.folder, run.checkpoints.keep);
}

std::vector<float> Trainer::train(const Tensors& start) {
  now_.parameters = step_.layout().initial(training_.seed, start);
  best_ = now_.parameters;
  good_ = now_;
  step_.bind(now_);
  if (run_.find_rate) {
    sweep_rates();
    return best_;
  }
  begin();
  try {
    while (!finished()) {
      run_epoch();
      end_epoch();
    }
  } catch (const LostPeer& lost) {
    give_up(lost);
  }
  if (store_ && saved_step_ != at_.step) save_checkpoint();
  finish_saving();
  show_bar("");
  remember();
  return training_.restore_best ? best_ : now_.parameters;
}

void Trainer::begin() {
  if (run_.peers) require_alike(*run_.peers, fingerprint());
  if (store_ && !run_.resume) store_->clear();
  if (const auto saved = newest_checkpoint(store_, run_)) restore(*saved);
  first_step_ = at_.step;
  if (store_ && run_.curves) events_.emplace(run_.directory, first_step_);
}

uint64_t Trainer::fingerprint() const {
  const std::string_view parameters(reinterpret_cast<const char*>(now_.parameters.data()), now_.parameters.size() * sizeof(float));
  return stable_hash(concat(identity().dump(), " ", stable_hash(parameters), " ", rows_hash(data_)));
}

/// Without one of the processes there is no next step: what is done so far is made durable.
void Trainer::give_up(const LostPeer& lost) {
  show_bar("");
  if (store_ && saved_step_ != at_.step) save_checkpoint();
  finish_saving();
  fail_lost(*run_.peers, lost, concat("step ", format_count(at_.step)), store_.has_value());
}

bool Trainer::finished() const { return at_.epoch >= training_.epochs || stopping_.should_stop(); }

double Trainer::rate() const { return schedule_.at(training_.rate_by_step ? at_.step : at_.epoch) * at_.rate_factor; }

/// What the next step learns from.
std::span<const uint32_t> Trainer::next_rows() {
  fetch_rows();
  return feed_.next(at_.place);
}

/// Has the rows of the next step there. Where they cannot be read, what is done so far is made durable.
void Trainer::fetch_rows() {
  // Of several processes none may stop alone: they agree on it in a step.
  const auto waiting = [&] {
    if (!step_.exchange().several()) stop_if_asked();
  };
  try {
    if (feed_.go_to(at_.epoch, at_.place, waiting)) step_.take_rows(feed_.window());
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    show_bar("");
    if (!store_ || at_.step == 0) throw;
    if (saved_step_ != at_.step) save_checkpoint();
    finish_saving();
    throw Error(error.code(), error.what(), "a checkpoint is there: once the rows are as they were, the same command with --resume goes on from it");
  }
}

void Trainer::run_epoch() {
  do {
    while (at_.place < feed_.rows()) {
      const std::span<const uint32_t> rows = next_rows();
      one_step(rows);
      at_.place += static_cast<int64_t>(rows.size());
      learned_rows_ += static_cast<int64_t>(rows.size());
      ++at_.step;
      if (!count_losses(false)) continue;
      if (run_.after_step) run_.after_step(at_.step);
      stop_if_asked();
      save_if_due(false);
      show();
    }
  } while (!settle());
}

/// A step that ends half way, because a process was lost, leaves no trace.
void Trainer::one_step(std::span<const uint32_t> index) {
  const bool fragile = step_.exchange().several() && step_.learns_statistics();
  if (fragile) step_.pull();
  if (fragile) whole_ = now_.parameters;
  try {
    step_.take_step(index, rate(), at_.step + 1);
  } catch (const LostPeer&) {
    if (fragile) std::copy(whole_.begin(), whole_.end(), now_.parameters.begin());
    if (fragile) step_.push();
    throw;
  }
}

/// Those that are known by now, or `all`. False where one was no number: the epoch begins anew.
bool Trainer::count_losses(bool all) {
  while (const auto loss = step_.next_loss(all)) {
    if (!std::isfinite(loss->sum.loss)) {
      roll_back(loss->step - 1 - (at_.step - feed_.steps_before(at_.epoch, at_.place)));
      return false;
    }
    at_.loss += loss->sum.loss;
    at_.weight += loss->sum.weight;
  }
  return true;
}

/// Waits for the steps on their way; what they have learned is in now_ then. As count_losses().
bool Trainer::settle() {
  const bool good = count_losses(true);
  step_.pull();
  return good;
}

void Trainer::sweep_rates() {
  RateSweep sweep;
  for (; !sweep.finished(); ++at_.step) {
    check_interrupt();
    const std::span<const uint32_t> rows = next_rows();
    const LossSum sum = step_.gradient(rows, at_.step + 1);
    sweep.observe(sum.loss / sum.weight);
    step_.apply(sweep.rate(), at_.step + 1);
    at_.place += static_cast<int64_t>(rows.size());
    if (at_.place < feed_.rows()) continue;
    at_.place = 0;
    ++at_.epoch;
  }
  run_.facts["rate_sweep"] = sweep.to_json();
}

/// From batch (step) `batch` of the epoch, and those behind it, back to its start, with half the rate.
void Trainer::roll_back(int64_t batch) {
  const std::string where = concat("epoch ", at_.epoch + 1, ", batch ", batch + 1);
  if (at_.rollbacks >= kMostRollbacks) {
    throw Error(Code::data, concat("the loss is not a finite number in ", where, ", also with the rate halved ", kMostRollbacks, " times"),
                "set a smaller learning_rate or clip_norm, and look at the columns' ranges (crisp profile)");
  }
  copy(good_, now_);
  step_.forget_steps();
  step_.push();
  at_.step -= feed_.steps_before(at_.epoch, at_.place);
  at_.place = 0;
  at_.loss = at_.weight = 0;
  ++at_.rollbacks;
  at_.rate_factor /= 2;
  warn("the loss is not a finite number in ", where, ": back to the epoch's start with ", at_.rate_factor, " of the learning rate");
}

void Trainer::end_epoch() {
  const double train_loss = at_.weight > 0 ? at_.loss / at_.weight : 0;
  double loss = train_loss, watched = train_loss;
  Json record{{"epoch", at_.epoch + 1}, {"step", at_.step}, {"train_loss", train_loss}, {"rate", rate()}};
  if (data_.validation.rows.rows > 0) {
    const LossSum sum = step_.evaluate(data_.validation, outputs_.view());
    loss = watched = sum.loss / sum.weight;
    record["validation_loss"] = number_or_null(loss);
    const std::vector<double> figures = training_.judge ? training_.judge(outputs_.view()) : std::vector<double>();
    for (size_t i = 0; i < figures.size(); ++i) record["validation_" + training_.figures[i]] = number_or_null(figures[i]);
    if (training_.watches_figure) watched = figures.at(0);
  }
  tell_curves(record);
  run_.history.push_back(std::move(record));
  schedule_.observe(loss);
  best_is_new_ = stopping_.observe(watched);
  if (best_is_new_) best_ = now_.parameters;
  ++at_.epoch;
  at_.place = 0;
  at_.loss = at_.weight = 0;
  if (finished()) return;
  copy(now_, good_);
  save_if_due(true);
}

Json Trainer::identity() const {
  Json identity = training_.to_json();
  identity["data"] = run_.data_fingerprint;
  identity["rows"] = feed_.rows();
  if (data_.stream) identity["stream"] = data_.stream->identity();
  identity["validation_rows"] = data_.validation.rows.rows;
  identity["net"] = step_.identity();
  identity["device"] = exec_.is_cuda() ? "cuda" : "cpu";
  return identity;
}

Checkpoint Trainer::checkpoint() const {
  Checkpoint point;
  point.step = at_.step;
  put(point.arrays, "", now_);
  if (at_.place > 0) put(point.arrays, "epoch.", good_);
  if (best_ != now_.parameters) put(point.arrays, "best", best_);
  point.state = {{"identity", identity()},
                 {"place", {{"epoch", at_.epoch}, {"rows", at_.place}, {"loss", at_.loss}, {"weight", at_.weight},
                            {"rate_factor", at_.rate_factor}, {"rollbacks", at_.rollbacks}}},
                 {"schedule", schedule_.state()},
                 {"stopping", stopping_.state()},
                 {"history", run_.history}};
  return point;
}

/// Until the checkpoint that is being written is durable; throws what went wrong with it.
void Trainer::finish_saving() {
  if (saving_.valid()) saving_.get();
}

/// What it holds is copied now, and reaches the disk while the training goes on.
void Trainer::save_checkpoint() {
  const auto begin = Clock::now();
  settle();
  finish_saving();
  saving_ = std::async(std::launch::async, [this, point = checkpoint(), best = best_is_new_] { store_->save(point, best); });
  best_is_new_ = false;
  saved_step_ = at_.step;
  saved_at_ = Clock::now();
  saving_seconds_ += std::chrono::duration<double>(saved_at_ - begin).count();
}

void Trainer::save_if_due(bool epoch_ended) {
  if (!store_) return;
  const CheckpointPlan& plan = run_.checkpoints;
  const bool by_epoch = epoch_ended && plan.epochs > 0 && at_.epoch % plan.epochs == 0;
  const bool by_step = !epoch_ended && plan.steps > 0 && at_.step % plan.steps == 0;
  const bool by_time = plan.seconds > 0 && std::chrono::duration<double>(Clock::now() - saved_at_).count() >= plan.seconds;
  if (by_epoch || by_step || by_time) save_checkpoint();
}

void Trainer::stop_if_asked() {
  const int signal = step_.exchange().stop_signal();
  if (signal == 0) return;
  if (store_) save_checkpoint();
  finish_saving();
  show_bar("");
  throw Interrupted(signal, store_.has_value() || !step_.exchange().first());  // what the first one leaves is for all
}

void Trainer::take_place(const Checkpoint& from) {
  const Json& place = manifest_member(from.state, "place", &Json::is_object);
  at_.step = from.step;
  at_.epoch = manifest_member(place, "epoch", &Json::is_number_integer).get<int64_t>();
  at_.place = manifest_member(place, "rows", &Json::is_number_integer).get<int64_t>();
  at_.loss = manifest_member(place, "loss", &Json::is_number).get<double>();
  at_.weight = manifest_member(place, "weight", &Json::is_number).get<double>();
  at_.rate_factor = manifest_member(place, "rate_factor", &Json::is_number).get<double>();
  at_.rollbacks = manifest_member(place, "rollbacks", &Json::is_number_integer).get<int64_t>();
  CRISP_REQUIRE(at_.epoch >= 0 && at_.place >= 0 && at_.place <= feed_.rows() && at_.step >= 0, Code::data,
                "the checkpoint's place is outside of the run");
}

void Trainer::restore(const Checkpoint& saved) {
  require_same_run(manifest_member(saved.state, "identity", &Json::is_object), identity());
  take(saved.arrays, "", now_);
  take_place(saved);
  copy(now_, good_);
  if (at_.place > 0) take(saved.arrays, "epoch.", good_);
  step_.push();
  best_ = now_.parameters;
  if (saved.arrays.has("best")) take(saved.arrays, "best", best_);
  schedule_.restore(manifest_member(saved.state, "schedule", &Json::is_object));
  stopping_.restore(manifest_member(saved.state, "stopping", &Json::is_object));
  run_.history = manifest_member(saved.state, "history", &Json::is_array);
  saved_step_ = at_.step;
  note("going on from step ", format_count(at_.step), ", epoch ", at_.epoch + 1);
}

void Trainer::show() {
  if (!run_.show) return;
  const auto now = Clock::now();
  if (now - shown_at_ < std::chrono::milliseconds(100)) return;
  shown_at_ = now;
  const auto rows = static_cast<double>(feed_.rows());
  const double done = static_cast<double>(at_.epoch) + static_cast<double>(at_.place) / rows;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  std::string line = concat("epoch ", at_.epoch + 1, "/", training_.epochs, "  ",
                            format_percent(static_cast<double>(at_.place) / rows, 0), "  loss ",
                            format_number(at_.loss / std::max(at_.weight, 1e-300), 4));
  if (!stopping_.history().empty()) line += concat("  best ", format_number(stopping_.best(), 4));
  line += concat("  rate ", format_number(rate(), 3), "  ",
                 format_short(static_cast<double>(learned_rows_) / elapsed), " rows/s");
  const double left = elapsed / std::max(done, 1e-9) * (static_cast<double>(training_.epochs) - done);
  line += concat("  at most ", format_seconds(left), " left");
  show_bar(line.substr(0, terminal_width(STDERR_FILENO) - 1));
}

void Trainer::tell_curves(const Json& record) {
  if (!events_) return;
  tell_record(*events_, at_.step, record);
}

void Trainer::remember() {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const bool early = at_.epoch < training_.epochs;
  run_.facts = {{"epochs", at_.epoch}, {"steps", at_.step}, {"best_epoch", stopping_.best_tick() + 1},
                {training_.watches_figure ? "best_" + training_.figures[0] : "best_loss", stopping_.best()},
                {"stopped_early", early}, {"parameters", step_.layout().total()}, {"flops_per_row", step_.flops()}, {"rollbacks", at_.rollbacks}};
  run_.timings = {{"seconds", seconds}, {"checkpoint_seconds", saving_seconds_},
                  {"rows_per_second", static_cast<double>(learned_rows_) / seconds}};
}

}  // namespace crisp::nn
