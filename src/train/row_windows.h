/// In which order the rows of a stream are learned from. Of each epoch the groups are put in an order drawn by seed and epoch, and
/// cut into windows; the rows of a window are shuffled by seed, epoch and place.
///
/// So that one of several processes need not read what others learn from, each part of a batch (BatchStep) takes its rows from a
/// range of the window of its own, a lane: the rows of a process are those of some row groups, whatever the number of processes.
/// What is left of a window after its whole batches makes a smaller one; batches do not reach from one window into the next.
#pragma once

#include <atomic>
#include <vector>

#include "train/model.h"
#include "train/row_stream.h"

namespace crisp {

/// How a batch is cut: into parts of `part_rows` rows, which the processes share.
struct BatchCut {
  int64_t batch = 1, part_rows = 1;
  int rank = 0, processes = 1;
};

/// A window as this process holds it: its own rows, then (without features) those of other processes.
struct RowWindow {
  int64_t epoch = -1;
  int64_t begin = 0, end = 0;   ///< places of its rows in the epoch
  Matrix rows;                  ///< this process's
  std::vector<float> target;    ///< of all rows of the window
  std::vector<uint32_t> order;  ///< the rows of the window as batches take them: numbers of rows here

  LabelledRows labelled() const { return {rows.view(), target, {}}; }
};

class RowWindows {
 public:
  /// `stream` must outlive it.
  RowWindows(const RowStream& stream, uint64_t seed, const BatchCut& cut) : stream_(stream), seed_(seed), cut_(cut) {}

  /// One window of an epoch: some groups, in their drawn order.
  struct Plan {
    int64_t epoch = 0, begin = 0, end = 0;
    std::vector<int64_t> groups;
  };
  std::vector<Plan> of_epoch(int64_t epoch) const;
  /// Reads a window. Ends early, with what it has, once `stop` is set.
  RowWindow read(const Plan& plan, const std::atomic<bool>& stop) const;

 private:
  const RowStream& stream_;
  uint64_t seed_;
  BatchCut cut_;
};

}  // namespace crisp
