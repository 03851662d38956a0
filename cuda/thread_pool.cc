#include "cuda/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace crisp {

int available_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

namespace {
thread_local bool inside_task = false;
}

/// Some 25 µs of looking before sleeping: steps of a training follow each other faster than a thread wakes up.
constexpr int kLooks = 600;

inline void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

struct ThreadPool::State {
  std::vector<std::thread> workers;
  std::mutex caller;  // one run() at a time; others queue here
  std::mutex mutex;
  std::condition_variable wake, done;
  std::atomic<uint64_t> round = 0;
  std::atomic<int> busy = 0;  // workers that joined this round: one that wakes up late is not waited for
  bool open = false;          // the round can be joined
  int asleep = 0;
  bool looks = false;         // a core for each thread: looking takes time from nobody
  std::atomic<bool> stop = false;
  const std::function<void(int64_t)>* task = nullptr;
  int64_t tasks = 0;
  std::atomic<int64_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error;

  void drain() {
    inside_task = true;
    for (int64_t i; !failed.load(std::memory_order_relaxed) && (i = next.fetch_add(1)) < tasks;) {
      try {
        (*task)(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failed.exchange(true)) error = std::current_exception();
      }
    }
    inside_task = false;
  }

  template <class Condition>
  void look(Condition condition) const {
    for (int i = 0; looks && i < kLooks && !condition(); ++i) pause_briefly();
  }

  void work() {
    uint64_t seen = 0;
    const auto called = [&] { return stop || round != seen; };
    std::unique_lock lock(mutex);
    for (;;) {
      if (!called()) {
        lock.unlock();
        look(called);
        lock.lock();
        ++asleep;
        wake.wait(lock, called);
        --asleep;
      }
      if (stop) return;
      seen = round;
      if (!open) continue;
      ++busy;
      lock.unlock();
      drain();
      lock.lock();
      if (--busy == 0) done.notify_one();
    }
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  const int total = threads > 0 ? threads : available_cores();
  state_->looks = total <= available_cores();
  for (int i = 1; i < total; ++i) state_->workers.emplace_back([s = state_.get()] { s->work(); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->wake.notify_all();
  for (auto& worker : state_->workers) worker.join();
}

int ThreadPool::threads() const { return static_cast<int>(state_->workers.size()) + 1; }

void ThreadPool::run(int64_t tasks, const std::function<void(int64_t)>& task) {
  if (tasks <= 0) return;
  if (inside_task || state_->workers.empty() || tasks == 1) {
    for (int64_t i = 0; i < tasks; ++i) task(i);
    return;
  }
  State& s = *state_;
  const std::lock_guard caller(s.caller);
  {
    const std::lock_guard lock(s.mutex);
    s.task = &task;
    s.tasks = tasks;
    s.next = 0;
    s.failed = false;
    s.error = nullptr;
    s.open = true;
    ++s.round;
    if (s.asleep > 0) s.wake.notify_all();
  }
  s.drain();
  std::unique_lock lock(s.mutex);
  s.open = false;
  lock.unlock();
  const auto finished = [&] { return s.busy == 0; };
  s.look(finished);
  lock.lock();
  s.done.wait(lock, finished);
  if (s.error) std::rethrow_exception(s.error);
}

void ThreadPool::for_ranges(int64_t size, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  const int64_t pieces = (size + grain - 1) / grain;
  run(pieces, [&](int64_t i) { body(i * grain, std::min(size, (i + 1) * grain)); });
}

}  // namespace crisp
