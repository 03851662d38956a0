/// Checkpoints of a training run: everything that the next step depends on, durable, several of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/tensors.h"

namespace crisp {

struct Checkpoint {
  int64_t step = 0;  ///< steps (or rounds) done
  Tensors arrays;    ///< parameters, the optimiser's moments
  Json state = Json::object();  ///< schedule, early stopping, place in the data: what is no array
};

/// Code::data naming the first member of `now` that is another in `was`: a checkpoint's identity is what its run depends on.
void require_same_run(const Json& was, const Json& now);

/// The folder `checkpoints/` of a run. Each checkpoint is a bundle in a folder of its own, "step-000000000120": it counts from the
/// moment its manifest stands there, so a process killed at any time leaves the ones before it whole.
class CheckpointStore {
 public:
  /// Makes the folder where it is not there. `keep` >= 1: how many of the newest stay.
  explicit CheckpointStore(std::string directory, int keep = 3);

  /// Durable on return. Then removes what is older than the newest `keep` (but not the best so far) or was never finished.
  /// `best`: by the metric that early stopping watches. Steps ascend; one that is there already is replaced.
  void save(const Checkpoint& checkpoint, bool best);

  /// Removes all of them: a run begins anew.
  void clear();

  /// The newest that is whole; a damaged one is skipped, and named on stderr. Nothing where there is none.
  std::optional<Checkpoint> newest() const;
  /// The newest of those that were the best when they were saved.
  std::optional<Checkpoint> best() const;
  /// Steps of the finished ones, ascending.
  std::vector<int64_t> steps() const;

 private:
  std::optional<Checkpoint> newest_where(bool only_best) const;
  void remove_old() const;

  std::string directory_;
  int keep_;
  int64_t best_step_ = -1;  // known, so that saving need not read what lies there
};

}  // namespace crisp
