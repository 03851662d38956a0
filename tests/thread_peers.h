/// Processes that are threads of the test: what they exchange goes through queues.
#pragma once

#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "train/peers.h"

namespace crisp {

/// Where they meet.
class ThreadCompany {
 public:
  explicit ThreadCompany(int size) : size_(size) {}

  /// Runs `body` once a rank, each in a thread of its own. A rank whose body throws is gone for the others; the first error of the
  /// lowest rank comes out, after all have ended.
  void run(const std::function<void(Peers&)>& body);
  /// The errors of the last run(), by rank; null where there was none.
  const std::vector<std::exception_ptr>& errors() const { return errors_; }

 private:
  friend class ThreadPeers;
  using Way = std::pair<int, int>;
  const int size_;
  std::mutex mutex_;
  std::condition_variable moved_;
  std::map<Way, std::deque<std::vector<std::byte>>> queues_;
  std::vector<bool> gone_, noticed_;  // noticed: that another one is gone
  std::vector<std::exception_ptr> errors_;
};

class ThreadPeers : public Peers {
 public:
  ThreadPeers(ThreadCompany& company, int rank) : company_(company), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return company_.size_; }

  void send(int to, std::span<const std::byte> bytes) override {
    const std::lock_guard guard(company_.mutex_);
    if (company_.gone_[static_cast<size_t>(to)]) notice();
    company_.queues_[{rank_, to}].emplace_back(bytes.begin(), bytes.end());
    company_.moved_.notify_all();
  }

  void receive(int from, std::span<std::byte> bytes) override {
    std::unique_lock lock(company_.mutex_);
    auto& queue = company_.queues_[{from, rank_}];
    company_.moved_.wait(lock, [&] { return !queue.empty() || company_.gone_[static_cast<size_t>(from)]; });
    if (queue.empty()) notice();
    CRISP_ASSERT(queue.front().size() == bytes.size());
    std::copy(queue.front().begin(), queue.front().end(), bytes.begin());
    queue.pop_front();
  }

  void broadcast(int from, std::span<std::byte> bytes) override {
    if (rank_ != from) return receive(from, bytes);
    for (int to = 0; to < size(); ++to) {
      if (to != rank_) send(to, bytes);
    }
  }

  void sum(std::span<int64_t> numbers) override {
    const std::vector<int64_t> own(numbers.begin(), numbers.end());
    fold(*this, numbers, [&] {
      for (size_t i = 0; rank_ > 0 && i < own.size(); ++i) numbers[i] += own[i];
    });
  }

  std::string missing() override {
    const std::lock_guard guard(company_.mutex_);
    for (int rank = 0; rank < size(); ++rank) {
      if (company_.gone_[static_cast<size_t>(rank)] && !company_.noticed_[static_cast<size_t>(rank)]) return concat("process ", rank);
    }
    return "";
  }

 private:
  [[noreturn]] void notice() {
    company_.noticed_[static_cast<size_t>(rank_)] = true;
    throw LostPeer(Code::unavailable, concat("process ", rank_, " lost touch with the others"));
  }

  ThreadCompany& company_;
  int rank_;
};

inline void ThreadCompany::run(const std::function<void(Peers&)>& body) {
  queues_.clear();
  gone_.assign(static_cast<size_t>(size_), false);
  noticed_ = gone_;
  errors_.assign(static_cast<size_t>(size_), nullptr);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size_; ++rank) {
    threads.emplace_back([this, rank, &body] {
      ThreadPeers peers(*this, rank);
      try {
        body(peers);
      } catch (...) {
        errors_[static_cast<size_t>(rank)] = std::current_exception();
        const std::lock_guard guard(mutex_);
        gone_[static_cast<size_t>(rank)] = true;
        moved_.notify_all();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors_) {
    if (error) std::rethrow_exception(error);
  }
}

/// One that dies at its call number `calls`, whatever it is about to do.
class Mortal : public Peers {
 public:
  Mortal(Peers& peers, int calls) : peers_(peers), calls_(calls) {}
  int rank() const override { return peers_.rank(); }
  int size() const override { return peers_.size(); }
  void send(int to, std::span<const std::byte> bytes) override { count(), peers_.send(to, bytes); }
  void receive(int from, std::span<std::byte> bytes) override { count(), peers_.receive(from, bytes); }
  void broadcast(int from, std::span<std::byte> bytes) override { count(), peers_.broadcast(from, bytes); }
  void sum(std::span<int64_t> numbers) override { count(), peers_.sum(numbers); }
  std::string missing() override { return peers_.missing(); }

 private:
  struct Death {};
  void count() {
    if (calls_-- == 0) throw Death();
  }
  Peers& peers_;
  int calls_;
};

}  // namespace crisp
