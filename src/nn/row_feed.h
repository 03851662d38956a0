/// The rows that steps learn from, in the order in which they do: all of them where they are in memory, else a window at a time,
/// while another thread reads the next one.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <optional>

#include "train/row_windows.h"

namespace crisp::nn {

class RowFeed {
 public:
  /// `data` must outlive it. `step_rows`: of each step but the last of a window.
  RowFeed(const FitData& data, uint64_t seed, const BatchCut& cut, int64_t step_rows);
  ~RowFeed();
  RowFeed(const RowFeed&) = delete;
  RowFeed& operator=(const RowFeed&) = delete;

  /// Of an epoch.
  int64_t rows() const { return rows_; }
  /// Goes to row `place` of the epoch, and calls `waiting` now and then while its window is read. True where window() is another
  /// one than before. What went wrong with the reading is thrown here.
  bool go_to(int64_t epoch, int64_t place, const std::function<void()>& waiting);
  const LabelledRows& window() const { return window_; }
  /// The rows of the step at the place: numbers of rows in window().
  std::span<const uint32_t> next(int64_t place) const;
  /// Steps of the epoch before its row `place`.
  int64_t steps_before(int64_t epoch, int64_t place) const;

 private:
  bool shuffle(int64_t epoch);
  void read_ahead(const RowWindows::Plan& plan);
  void stop_reading();
  int64_t steps_of(int64_t rows) const { return (rows + step_rows_ - 1) / step_rows_; }

  const FitData& data_;
  uint64_t seed_;
  int64_t rows_, step_rows_;
  LabelledRows window_;
  std::vector<uint32_t> order_;  ///< where all rows are in memory
  int64_t epoch_ = -1;           ///< that order_ is of
  std::optional<RowWindows> windows_;
  RowWindow now_;
  RowWindows::Plan ahead_plan_;
  std::atomic<bool> stop_ = false;
  std::future<RowWindow> ahead_;  ///< last: what it reads into and looks at stands before it
};

}  // namespace crisp::nn
