#include "models/gbdt/boosting_run.h"

#include <algorithm>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/json_number.h"
#include "core/log.h"
#include "core/terminal.h"
#include "cuda/error.h"
#include "train/manifest.h"
#include "train/shared_training.h"

namespace crisp {
namespace {

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

}  // namespace

BoostingRun::BoostingRun(Booster& booster, const BoostingPlan& plan, Json identity, TrainingRun& run)
    : booster_(booster), plan_(plan), identity_(std::move(identity)), run_(run), stopping_(plan.stopping), start_(Clock::now()), saved_at_(start_) {
  identity_["data"] = run.data_fingerprint;
  if (!run.directory.empty()) store_.emplace(run.directory + "/" + run.folder, run.checkpoints.keep);
}

TreeParts BoostingRun::train() {
  begin();
  try {
    while (!finished()) {
      const bool parted = booster_.boost();
      judge();
      exhausted_ = !parted;
      stop_if_asked();
      if (!finished()) save_if_due();
      show();
    }
  } catch (const LostPeer& lost) {
    give_up(lost);
  }
  if (store_ && saved_round_ != done_) save();
  show_bar("");
  remember();
  return booster_.parts(plan_.restore_best && stopping_.best_tick() >= 0 ? stopping_.best_tick() + 1 : booster_.rounds());
}

void BoostingRun::begin() {
  if (store_ && !run_.resume) store_->clear();
  if (const auto saved = newest_checkpoint(store_, run_)) restore(*saved);
  first_round_ = booster_.rounds();
  if (store_ && run_.curves) events_.emplace(run_.directory, first_round_);
}

bool BoostingRun::finished() const { return booster_.rounds() >= plan_.rounds || exhausted_ || (booster_.validates() && stopping_.should_stop()); }

/// Of rows that were not learned from where there are some: early stopping goes by it.
void BoostingRun::judge() {
  Json record{{"epoch", booster_.rounds()}, {"step", booster_.rounds()}, {"train_loss", number_or_null(booster_.train_loss())}};
  double watched = record["train_loss"].is_number() ? record["train_loss"].get<double>() : std::nan("");
  if (booster_.validates()) {
    watched = booster_.validation_loss();
    record["validation_loss"] = number_or_null(watched);
    const std::vector<double> figures = validation_figures();
    for (size_t i = 0; i < figures.size(); ++i) record["validation_" + run_.figures.names[i]] = number_or_null(figures[i]);
    if (run_.figures.watched) watched = figures.at(0);
    best_is_new_ = stopping_.observe(watched);
  }
  if (events_) tell_record(*events_, booster_.rounds(), record);
  run_.history.push_back(std::move(record));
  done_ = booster_.rounds();
}

std::vector<double> BoostingRun::validation_figures() const {
  if (run_.figures.names.empty()) return {};
  const MatrixView<const float> scores = booster_.validation_scores();
  const TreeParts about = booster_.parts(0);
  std::vector<double> sums(static_cast<size_t>(scores.columns)), answers(static_cast<size_t>(scores.rows * about.answers()));
  for (int64_t i = 0; i < scores.rows; ++i) {
    std::copy_n(scores.row(i), scores.columns, sums.begin());
    answer_of_sums(about.link, sums.data(), scores.columns, answers.data() + i * about.answers());
  }
  return run_.figures.of(answers);
}

void BoostingRun::save() {
  const auto begin = Clock::now();
  Checkpoint point;
  point.step = done_;
  Json about = Json::object();
  make_tree_model(booster_.parts(done_))->save(point.arrays, about);
  point.state = {{"identity", identity_}, {"about", about}, {"stopping", stopping_.state()}, {"history", run_.history}, {"exhausted", exhausted_}};
  store_->save(point, best_is_new_);
  best_is_new_ = false;
  saved_round_ = done_;
  saved_at_ = Clock::now();
  saving_seconds_ += std::chrono::duration<double>(saved_at_ - begin).count();
}

void BoostingRun::save_if_due() {
  if (!store_) return;
  const CheckpointPlan& plan = run_.checkpoints;
  const int64_t every = plan.epochs > 0 ? plan.epochs : plan.steps;
  const bool by_round = every > 0 && booster_.rounds() % every == 0;
  if (by_round || (plan.seconds > 0 && seconds_since(saved_at_) >= plan.seconds)) save();
}

void BoostingRun::stop_if_asked() {
  const int signal = agreed_signal(run_.peers);  // all stop after the same round
  if (signal == 0) return;
  if (store_) save();
  show_bar("");
  throw Interrupted(signal, store_.has_value() || (run_.peers && run_.peers->rank() > 0));  // what the first one leaves is for all
}

/// A round that was cut off leaves no trace.
void BoostingRun::give_up(const LostPeer& lost) {
  show_bar("");
  if (store_ && done_ > 0 && saved_round_ != done_) save();
  fail_lost(*run_.peers, lost, concat("round ", format_count(done_)), store_ && done_ > 0);
}

void BoostingRun::restore(const Checkpoint& saved) {
  require_same_run(manifest_member(saved.state, "identity", &Json::is_object), identity_);
  const auto model = load_tree_model(saved.arrays, manifest_member(saved.state, "about", &Json::is_object));
  const Trees& trees = model->parts().trees;
  CRISP_REQUIRE(trees.columns == booster_.trees().columns && trees.outputs == plan_.outputs(), Code::data,
                "the checkpoint's trees are of another shape");
  booster_.restore(trees);
  stopping_.restore(manifest_member(saved.state, "stopping", &Json::is_object));
  run_.history = manifest_member(saved.state, "history", &Json::is_array);
  exhausted_ = manifest_member(saved.state, "exhausted", &Json::is_boolean).get<bool>();
  saved_round_ = done_ = booster_.rounds();
  note("going on from round ", format_count(saved_round_));
}

void BoostingRun::show() const {
  if (!run_.show) return;
  const double rate = static_cast<double>(booster_.rounds() - first_round_) / std::max(seconds_since(start_), 1e-9);
  std::string line = concat("round ", booster_.rounds(), "/", plan_.rounds);
  const Json& record = run_.history.back();
  for (const auto& [key, title] : {std::pair{"train_loss", "  loss "}, {"validation_loss", "  validation "}}) {
    if (record.contains(key) && record[key].is_number()) line += title + format_number(record[key].get<double>(), 4);
  }
  line += concat("  ", format_number(rate, 3), " rounds/s  at most ", format_seconds(static_cast<double>(plan_.rounds - booster_.rounds()) / rate), " left");
  show_bar(line.substr(0, terminal_width(STDERR_FILENO) - 1));
}

void BoostingRun::remember() {
  const double seconds = seconds_since(start_);
  const int64_t rounds = booster_.rounds(), best = stopping_.best_tick() >= 0 ? stopping_.best_tick() + 1 : rounds;
  run_.facts = {{"epochs", rounds}, {"steps", rounds}, {"best_epoch", best}, {"stopped_early", rounds < plan_.rounds},
                {"trees", booster_.trees().view().trees()}, {"leaves", (booster_.trees().view().nodes() + booster_.trees().view().trees()) / 2}};
  if (stopping_.best_tick() >= 0) run_.facts[run_.figures.watched ? "best_" + run_.figures.names[0] : "best_loss"] = stopping_.best();
  run_.timings = {{"seconds", seconds}, {"checkpoint_seconds", saving_seconds_},
                  {"rows_per_second", static_cast<double>((rounds - first_round_) * booster_.rows()) / std::max(seconds, 1e-9)}};
}

}  // namespace crisp
