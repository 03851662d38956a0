#include "core/processes.h"

#include <map>

#include <gtest/gtest.h>

#include "expect_error.h"

namespace crisp {
namespace {

Processes found(const std::map<std::string, std::string>& variables) {
  return find_processes([&](const char* name) {
    const auto place = variables.find(name);
    return place == variables.end() ? nullptr : place->second.c_str();
  });
}

const std::map<std::string, std::string> kTorchrun{{"RANK", "3"}, {"WORLD_SIZE", "4"}, {"LOCAL_RANK", "1"}, {"LOCAL_WORLD_SIZE", "2"},
                                                   {"MASTER_ADDR", "10.0.0.1"}, {"MASTER_PORT", "29400"}};

std::map<std::string, std::string> with(std::map<std::string, std::string> variables, const std::string& name, const std::string& value) {
  variables[name] = value;
  return variables;
}

TEST(FindProcesses, AloneWithoutALauncher) {
  const Processes all = found({});
  EXPECT_FALSE(all.several());
  EXPECT_TRUE(all.first());
  EXPECT_FALSE(found(with(with(kTorchrun, "WORLD_SIZE", "1"), "RANK", "0")).several());
}

TEST(FindProcesses, OfTorchrun) {
  const Processes all = found(kTorchrun);
  EXPECT_EQ(all.launcher, "torchrun");
  EXPECT_EQ(all.name(), "process 3 of 4");
  EXPECT_EQ(all.local_rank, 1);
  EXPECT_EQ(all.local_size, 2);
  EXPECT_EQ(all.address, "10.0.0.1");
  EXPECT_EQ(all.port, 29400);
  EXPECT_FALSE(all.hosted);
  EXPECT_EQ(all.restarts, 0);
  const Processes again = found(with(with(kTorchrun, "TORCHELASTIC_RESTART_COUNT", "2"), "TORCHELASTIC_USE_AGENT_STORE", "True"));
  EXPECT_TRUE(again.hosted);
  EXPECT_EQ(again.restarts, 2);
}

TEST(FindProcesses, NamesTheVariableThatMakesNoSense) {
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"RANK", "4"}, {"RANK", "-1"}, {"RANK", "1x"}, {"RANK", ""}, {"WORLD_SIZE", "0"}, {"WORLD_SIZE", "99999999999"},
           {"MASTER_ADDR", ""}, {"MASTER_PORT", "70000"}, {"LOCAL_RANK", "9"}, {"TORCHELASTIC_RESTART_COUNT", "often"}}) {
    EXPECT_ERROR(found(with(kTorchrun, name, value)), Code::config, name);
  }
}

const std::map<std::string, std::string> kSlurm{{"SLURM_PROCID", "2"}, {"SLURM_NTASKS", "6"}, {"SLURM_LOCALID", "0"}, {"SLURM_STEP_ID", "0"},
                                                {"SLURM_JOB_ID", "120034"}, {"SLURM_JOB_NODELIST", "gpu-[003-004,9],login"},
                                                {"SLURM_TASKS_PER_NODE", "2(x3)"}};

TEST(FindProcesses, OfSlurm) {
  const Processes all = found(kSlurm);
  EXPECT_EQ(all.launcher, "Slurm");
  EXPECT_EQ(all.name(), "process 2 of 6");
  EXPECT_EQ(all.local_size, 2);
  EXPECT_EQ(all.address, "gpu-003");
  EXPECT_EQ(all.port, 20034);
  EXPECT_EQ(found(with(kSlurm, "SLURM_JOB_NODELIST", "a1,a2")).address, "a1");
  EXPECT_EQ(found(with(kSlurm, "SLURM_JOB_NODELIST", "n[7]")).address, "n7");
  const Processes named = found(with(with(kSlurm, "MASTER_ADDR", "head"), "MASTER_PORT", "1234"));
  EXPECT_EQ(named.address, "head");
  EXPECT_EQ(named.port, 1234);
}

TEST(FindProcesses, ABatchScriptOfSlurmIsAlone) {
  auto script = kSlurm;
  script.erase("SLURM_STEP_ID");
  EXPECT_FALSE(found(script).several());
}

TEST(FindProcesses, OfSageMaker) {
  const std::map<std::string, std::string> hosts{{"SM_HOSTS", R"(["algo-2","algo-1"])"}, {"SM_CURRENT_HOST", "algo-2"}};
  const Processes all = found(hosts);
  EXPECT_EQ(all.launcher, "SageMaker");
  EXPECT_EQ(all.name(), "process 1 of 2");
  EXPECT_EQ(all.address, "algo-1");
  EXPECT_EQ(all.port, 29500);
  EXPECT_FALSE(found(with(with(hosts, "SM_HOSTS", R"(["algo-1"])"), "SM_CURRENT_HOST", "algo-1")).several());
  EXPECT_ERROR(found(with(hosts, "SM_CURRENT_HOST", "algo-3")), Code::config, "SM_CURRENT_HOST");
  EXPECT_ERROR(found(with(hosts, "SM_HOSTS", "[1]")), Code::config, "SM_HOSTS");
  // torchrun under SageMaker sets its own variables beside these.
  auto both = hosts;
  both.insert(kTorchrun.begin(), kTorchrun.end());
  EXPECT_EQ(found(both).launcher, "torchrun");
}

}  // namespace
}  // namespace crisp
