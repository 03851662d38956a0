/// The processes that a launcher started for one job, and this one's place among them, as the environment says.
#pragma once

#include <functional>
#include <string>

namespace crisp {

struct Processes {
  int rank = 0, size = 1;              ///< of all
  int local_rank = 0, local_size = 1;  ///< of those on this machine
  std::string address;                 ///< where the first one can be met
  int port = 0;
  bool hosted = false;                 ///< torchrun's agent listens there already
  int restarts = 0;                    ///< how often the launcher has begun anew after a loss
  std::string launcher;                ///< "torchrun", "Slurm", "SageMaker"; empty: this process is alone

  bool several() const { return size > 1; }
  bool first() const { return rank == 0; }
  /// "process 1 of 4"
  std::string name() const;
};

/// As std::getenv.
using Environment = std::function<const char*(const char*)>;

/// What torchrun sets (RANK, WORLD_SIZE, ...; also under SageMaker's torch_distributed) comes first, then Slurm's step (SLURM_PROCID,
/// SLURM_NTASKS, ...), then SageMaker's hosts (SM_HOSTS, SM_CURRENT_HOST), one process each. Code::config naming a variable that is
/// absent or makes no sense. A Slurm batch script that srun did not start is alone.
Processes find_processes(const Environment& environment);
/// Of this process.
Processes find_processes();

}  // namespace crisp
