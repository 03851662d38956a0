/// crisp doctor: what is here, what is missing, what to do.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include "core/format.h"
#include "cuda/cpu_isa.h"
#include "report/terminal.h"
#include "tools/doctor.h"
#include "tools/program.h"

namespace crisp {
namespace {

using State = Finding::State;

struct Group {
  const char* key;
  const char* title;
  std::vector<Finding> findings;
};

const char* state_name(State state) {
  return state == State::good ? "good" : state == State::absent ? "absent" : "problem";
}

std::string mark(State state, bool unicode) {
  if (!unicode) return state == State::good ? "ok  " : state == State::absent ? "--  " : "!!  ";
  return state == State::good ? "✓ " : state == State::absent ? "– " : "✗ ";
}

Json group_json(const Group& group) {
  Json list = Json::array();
  for (const Finding& finding : group.findings) {
    list.push_back({{"name", finding.name},
                    {"state", state_name(finding.state)},
                    {"text", finding.text},
                    {"advice", finding.advice}});
  }
  return list;
}

std::string group_text(const Group& group, const report::TerminalStyle& style) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const Finding& finding : group.findings) {
    pairs.emplace_back(finding.name, mark(finding.state, style.unicode) + finding.text);
    if (!finding.advice.empty()) pairs.emplace_back("", concat(style.unicode ? "→ " : "-> ", finding.advice));
  }
  return report::heading(group.title, style) + report::render_pairs(pairs, style);
}

/// Where a command with these flags would run; a device that is not there is a finding, not a failure.
Finding device_finding(const Program& program) {
  try {
    const auto exec = program.make_exec();
    const int threads = exec->threads().threads();
    return {"--device", State::good,
            concat("crisp would run on ", exec->device().name(), " with ", counted(threads, "thread"))};
  } catch (const Error& error) {
    if (error.code() != Code::unavailable) throw;
    return {"--device", State::problem, error.message(), "leave --device and CRISP_DEVICE at auto"};
  }
}

std::string verdict(const std::vector<Group>& groups) {
  int problems = 0;
  for (const Group& group : groups) {
    for (const Finding& finding : group.findings) problems += finding.state == State::problem;
  }
  if (problems == 0) return "Ready.";
  return concat(counted(problems, "problem"), " above, each with what to do.");
}

void examine(const Program& program, bool ask_ec2) {
  std::string instance_type;
  std::vector<Finding> cloud = cloud_findings(ask_ec2, instance_type);
  std::vector<Finding> gpu = gpu_findings(instance_type);
  gpu.push_back(device_finding(program));
  const std::vector<Group> groups{{"machine", "Machine", machine_findings()},
                                  {"gpu", "GPU", std::move(gpu)},
                                  {"cloud", "Cloud", std::move(cloud)},
                                  {"software", "Software", software_findings()},
                                  {"never_executed", "Never executed yet", unproven_findings()}};
  const std::string result = verdict(groups);
  Json document{{"schema", "crisp.doctor/1"}, {"verdict", result}};
  const report::TerminalStyle style = report::terminal_style(STDOUT_FILENO);
  std::string text;
  for (const Group& group : groups) {
    document[group.key] = group_json(group);
    text += group_text(group, style);
  }
  program.print_json(document);
  program.print(concat(text, "\n", result, "\n"));
}

}  // namespace

void add_doctor(CLI::App& app, Program& program) {
  auto ask = std::make_shared<bool>(false);
  CLI::App* verb = app.add_subcommand("doctor", "What this machine has, what it lacks, and what to do");
  verb->add_flag("--ec2", *ask, "Ask the EC2 metadata service for the instance type (a network call)");
  add_global_flags(*verb, program);
  verb->callback([&program, ask] { examine(program, *ask); });
}

}  // namespace crisp
