#include "tools/predictor_training.h"

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

namespace crisp {
namespace {

/// The columns that the model does not see, and why.
void tell_left_out(const PredictionResult& result) {
  std::string names;
  for (const LeftOut& left : result.left_out) names += concat(names.empty() ? "" : ", ", left.column, " (", left.why, ")");
  if (!names.empty()) note("not learned from: ", names);
}

/// A folder with a checkpoint in it stays when the training fails or is stopped.
PredictionResult run_kept(Exec& exec, const PredictionProject& project, const Program& program, TrainingRun run,
                          OutputDirectory& directory, PhaseClock& clock) {
  try {
    return run_prediction(exec, project, program.registry, std::move(run), clock);
  } catch (const Interrupted& stopped) {
    if (!has_checkpoint(directory)) throw;
    directory.keep();
    throw Interrupted(stopped.signal(), true);
  } catch (...) {
    if (has_checkpoint(directory)) directory.keep();
    throw;
  }
}

/// What the first process, or the only one, has beside its part in the training.
struct Desk {
  std::optional<OutputDirectory> directory;
  std::optional<LogFile> log;
  std::optional<SpotWatch> spot;
  bool resume = false;
};

/// False where the run is finished already.
bool open_desk(Desk& desk, const TrainingFlags& flags, const PredictionProject& project, bool again) {
  // A launcher that begins anew gives the same command: what was begun with it goes on.
  desk.resume = flags.resume || (again && was_begun(flags.output, project));
  OutputDirectory& directory = desk.directory.emplace(flags.output, flags.force || desk.resume);
  note_request(directory, project, desk.resume);
  if (desk.resume && is_finished(directory, project)) {
    note("'", directory.path(), "' is finished already: nothing to do");
    return false;
  }
  desk.log.emplace(desk.resume ? directory.file("log.jsonl") : fresh_log(directory));
  if (flags.spot) desk.spot.emplace();
  return true;
}

}  // namespace

void add_training_flags(CLI::App& verb, TrainingFlags& flags) {
  verb.add_flag("--force", flags.force, "Write into a folder that holds something");
  CLI::Option_group& stops = *verb.add_option_group("To stop and go on (nets)");
  stops.add_flag("--resume", flags.resume, "Go on with the run in the -o folder from its newest checkpoint")->excludes(verb.get_option("--force"));
  stops.add_option("--checkpoint-every", flags.checkpoint_every, "As \"5 epochs\", \"1000 steps\", \"10 minutes\" or \"never\"")
      ->capture_default_str();
  stops.add_flag("--spot", flags.spot, "Watch for EC2's notice to spot instances (a network call every 5 s)")->envname("CRISP_SPOT");
}

void require_met(const std::vector<std::string>& unmet) {
  if (unmet.empty()) return;
  std::string all;
  for (const std::string& one : unmet) all += concat(all.empty() ? "" : "; ", one);
  throw Error(Code::gate, concat(unmet.size() == 1 ? "success criterion not met: " : "success criteria not met: ", all),
              "the run is complete and written; see its report");
}

void train_predictor(const Program& program, const PredictionProject& project, const TrainingFlags& flags, const Processes& all) {
  Together together(all, *project.learner, project.data.path);
  if (together.idle()) return;
  TrainingRun run;
  run.checkpoints = CheckpointPlan::parse(flags.checkpoint_every);
  run.peers = together.peers();
  Desk desk;
  if (!together.begin([&] { return open_desk(desk, flags, project, together.again()); })) return;
  const auto exec = together.make_exec(program);
  PhaseClock clock;
  if (!together.first()) {
    run_prediction(*exec, project, program.registry, std::move(run), clock);
    return;
  }
  OutputDirectory& directory = *desk.directory;
  run.directory = directory.path();
  run.show = !program.json;
  run.resume = desk.resume;
  const PredictionResult result = run_kept(*exec, project, program, std::move(run), directory, clock);
  tell_left_out(result);
  const Json document = prediction_json(result);
  write_prediction_run(*exec, directory, result, document, clock);
  note_end(directory, project);
  program.print_json(document);
  program.print(prediction_run_text(result, directory.file("report.html")));
  require_met(result.unmet);
}

}  // namespace crisp
