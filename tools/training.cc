#include "tools/training.h"

#include <CLI/CLI.hpp>

#include <optional>

#include "core/interrupt.h"
#include "core/log.h"
#include "core/spot_watch.h"
#include "cuda/error.h"
#include "run/prediction_directory.h"
#include "run/resume.h"
#include "run/run_directory.h"
#include "tools/together.h"
#include "train/shared_training.h"

namespace crisp {
namespace {

/// The columns that the model does not see, and why.
void tell_left_out(const PredictionResult& result) {
  std::string names;
  for (const LeftOut& left : result.left_out) names += concat(names.empty() ? "" : ", ", left.column, " (", left.why, ")");
  if (!names.empty()) note("not learned from: ", names);
}

/// A folder with a checkpoint in it stays when the training fails or is stopped.
template <class Train>
auto run_kept(OutputDirectory& directory, Train train) {
  try {
    return train();
  } catch (const Interrupted& stopped) {
    if (!has_checkpoint(directory)) throw;
    directory.keep();
    throw Interrupted(stopped.signal(), true);
  } catch (const LostPeer& lost) {
    if (!has_checkpoint(directory)) throw;
    directory.keep();
    throw Error(Code::interrupted, lost.what(), kGoOnTogether);
  } catch (...) {
    if (has_checkpoint(directory)) directory.keep();
    throw;
  }
}

/// What is trained, and what tells whether its rows are still the same.
struct Order {
  Json request;
  std::function<std::string()> fingerprint;
};

/// What the first process, or the only one, has beside its part in the training.
struct Desk {
  std::optional<OutputDirectory> directory;
  std::optional<LogFile> log;
  std::optional<SpotWatch> spot;
  bool resume = false;
};

/// False where the run is finished already.
bool open_desk(Desk& desk, const TrainingFlags& flags, const Order& order, bool again) {
  // A launcher that begins anew gives the same command: what was begun with it goes on.
  desk.resume = flags.resume || (again && was_begun(flags.output, order.request));
  OutputDirectory& directory = desk.directory.emplace(flags.output, flags.force || desk.resume);
  note_request(directory, order.request, desk.resume);
  if (desk.resume && is_finished(directory, order.fingerprint)) {
    note("'", directory.path(), "' is finished already: nothing to do");
    return false;
  }
  desk.log.emplace(desk.resume ? directory.file("log.jsonl") : fresh_log(directory));
  if (flags.spot) desk.spot.emplace();
  return true;
}

/// Code::gate naming the criteria that are not met, where there are any.
void require_met(const std::vector<std::string>& unmet) {
  if (unmet.empty()) return;
  std::string all;
  for (const std::string& one : unmet) all += concat(all.empty() ? "" : "; ", one);
  throw Error(Code::gate, concat(unmet.size() == 1 ? "success criterion not met: " : "success criteria not met: ", all),
              "the run is complete and written; see its report");
}

/// fit(exec, run, clock) trains, on all processes; write(exec, result, directory, clock) leaves what came of it, on the first one,
/// and gives the criteria that are not met.
template <class Fit, class Write>
void train_for(const Program& program, const TrainingFlags& flags, const Order& order, Together& together, Fit fit, Write write) {
  TrainingRun run;
  run.checkpoints = CheckpointPlan::parse(flags.checkpoint_every);
  run.peers = together.peers();
  Desk desk;
  if (!together.begin([&] { return open_desk(desk, flags, order, together.again()); })) return;
  const auto exec = together.make_exec(program);
  PhaseClock clock;
  if (!together.first()) {
    fit(*exec, std::move(run), clock);
    return;
  }
  OutputDirectory& directory = *desk.directory;
  run.directory = directory.path();
  run.show = !program.json;
  run.resume = desk.resume;
  const auto result = run_kept(directory, [&] { return fit(*exec, std::move(run), clock); });
  const std::vector<std::string> unmet = write(*exec, result, directory, clock);
  note_end(directory, order.request);
  require_met(unmet);
}

}  // namespace

void add_training_flags(CLI::App& verb, TrainingFlags& flags) {
  verb.add_flag("--force", flags.force, "Write into a folder that holds something");
  CLI::Option_group& stops = *verb.add_option_group("To stop and go on (nets, gbdt)");
  stops.add_flag("--resume", flags.resume, "Go on with the run in the -o folder from its newest checkpoint")->excludes(verb.get_option("--force"));
  stops.add_option("--checkpoint-every", flags.checkpoint_every, "As \"5 epochs\", \"1000 steps\", \"10 minutes\" or \"never\"")
      ->capture_default_str();
  stops.add_flag("--spot", flags.spot, "Watch for EC2's notice to spot instances (a network call every 5 s)")->envname("CRISP_SPOT");
}

void train_detector(const Program& program, const Project& project, const DetectorRows& rows, const TrainingFlags& flags, const Processes& all) {
  Together together(all, *project.pipeline.fit.learner, project.data.path);
  if (together.idle()) return;
  const auto write = [&](Exec& exec, const RunResult& result, OutputDirectory& directory, PhaseClock& clock) {
    const Json document = run_json(result);
    write_run(exec, directory, result, document, clock);
    program.print_json(document);
    program.print(run_text(result, directory.file("report.html")));
    return result.unmet;
  };
  train_for(program, flags, {request_of(project), rows.fingerprint}, together, rows.fit, write);
}

void train_predictor(const Program& program, const PredictionProject& project, const TrainingFlags& flags, const Processes& all) {
  Together together(all, *project.learner, project.data.path);
  if (together.idle()) return;
  const auto fit = [&](Exec& exec, TrainingRun run, PhaseClock& clock) {
    return run_prediction(exec, project, program.registry, std::move(run), clock);
  };
  const auto write = [&](Exec& exec, const PredictionResult& result, OutputDirectory& directory, PhaseClock& clock) {
    tell_left_out(result);
    const Json document = prediction_json(result);
    write_prediction_run(exec, directory, result, document, clock);
    program.print_json(document);
    program.print(prediction_run_text(result, directory.file("report.html")));
    return result.unmet;
  };
  train_for(program, flags, {request_of(project), [&] { return project_fingerprint(project); }}, together, fit, write);
}

}  // namespace crisp
