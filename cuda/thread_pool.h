/// The one thread pool of the process. Work is cut into tasks by the caller, never by the number of threads, so that
/// results cannot depend on it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace crisp {

class ThreadPool {
 public:
  /// `threads` >= 1 counts the calling thread, which works too; 0 takes one per available core.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  /// Calls task(i) for every i in [0, tasks), in any order, and returns when all are done. The first exception is
  /// thrown again here; tasks not yet begun are then left out. Nested calls run in the calling thread.
  void run(int64_t tasks, const std::function<void(int64_t)>& task);

  /// Cuts [0, size) into pieces of `grain` and calls body(begin, end) for each.
  void for_ranges(int64_t size, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Cores this process may use (its affinity mask), at least 1.
int available_cores();

}  // namespace crisp
