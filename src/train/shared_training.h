/// How several processes begin one training, go on with it, and end it when one of them is lost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "train/checkpoint.h"
#include "train/model.h"
#include "train/peers.h"
#include "train/training_run.h"

namespace crisp {

/// What tells these rows from others; of streamed ones, which FitData::stream tells apart, their targets alone.
uint64_t rows_hash(const FitData& data);

/// Code::data, on all, where a process would train on other rows or in another way: `identity` is what must
/// be alike.
void require_alike(Peers& peers, uint64_t identity);

/// Where the run is to go on: the newest checkpoint, if there is one. Of several processes the first one's,
/// for all. `store`: of who has it.
std::optional<Checkpoint> newest_checkpoint(const std::optional<CheckpointStore>& store,
                                            const TrainingRun& run);

/// The signal that any of the processes got, for all to stop at one place; 0: none. Without peers this process's own.
int agreed_signal(Peers* peers);

/// What to do after a process was lost and a checkpoint is there.
inline constexpr const char* kGoOnTogether = "a checkpoint is there: the same command with --resume, for all processes, goes on from it";

/// Ends a training that a process is missing from, naming it. `done`: "step 12", the last whole one; `saved`:
/// a checkpoint of it is there.
[[noreturn]] void fail_lost(Peers& peers, const LostPeer& lost, const std::string& done, bool saved);

}  // namespace crisp
