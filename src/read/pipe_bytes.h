/// What comes through a pipe: read as it is asked for, kept in memory so that it can be read again.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace crisp {

/// How much memory one pipe may take, in what is kept of its bytes and in the table made of them: CRISP_PIPE_LIMIT
/// ("8G", "512M", plain bytes), or half of this machine's memory. Code::config where that is no size.
int64_t pipe_limit();

/// Code::no_memory: the pipe called `name` takes more than `limit`; says what to try.
[[noreturn]] void fail_pipe_limit(const std::string& name, int64_t limit);

/// Bytes are kept compressed, in pieces: text shrinks to half of it or less, about the size of the numbers in it.
/// Nothing is written to disk. Safe to use from several threads.
class PipeBytes {
 public:
  /// `fd` stays the caller's. `limit`: bytes that may be kept.
  PipeBytes(int fd, std::string name, int64_t limit) : fd_(fd), name_(std::move(name)), limit_(limit) {}

  /// Up to `size` bytes from `offset`. Waits for all of them, or (`whole` false) for the first and takes what is
  /// there; 0 only at the end.
  int64_t read_at(int64_t offset, char* out, int64_t size, bool whole);
  /// Waits for the end; the number of bytes that came.
  int64_t size();
  /// Nothing before what was read last will be asked for again.
  void forget();
  int64_t kept() const;

 private:
  bool pull();
  void seal();
  bool ready() const;
  int64_t copy(int64_t offset, char* out, int64_t size);

  int fd_;
  std::string name_;
  int64_t limit_;
  mutable std::mutex mutex_;
  std::vector<std::string> sealed_;  // compressed, each of kPiece bytes
  std::string tail_;                 // what came behind them
  int64_t tail_begin_ = 0, kept_ = 0;
  std::string opened_;  // the piece read last, decompressed
  int64_t opened_index_ = -1;
  bool ended_ = false, forgetful_ = false;
};

}  // namespace crisp
