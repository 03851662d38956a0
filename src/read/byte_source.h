/// Bytes of one input, in order, as often as wanted: a file, a gzipped file, or what came on standard input.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>

#include "read/pipe_bytes.h"

namespace crisp {

/// An open file. What cannot be rewound (a pipe, a terminal) is read as it is asked for and kept in memory up to
/// `limit` bytes, so that types can be decided by reading twice.
class InputFile {
 public:
  /// `path` may be "-". Code::no_input, permission or io; folders are refused.
  explicit InputFile(const std::string& path, int64_t limit = pipe_limit());
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& name() const { return name_; }  ///< for messages: the path, or "standard input"
  /// Waits for the end of a pipe.
  int64_t size() const { return pipe_ ? pipe_->size() : size_; }
  /// Up to `size` bytes from `offset`; fewer only at the end, or (`whole` false) where a pipe has no more yet.
  int64_t read_at(int64_t offset, void* out, int64_t size, bool whole = true) const;
  int64_t limit() const { return limit_; }  ///< of a pipe
  bool is_pipe() const { return pipe_ != nullptr; }
  /// Code::no_memory where what is kept of a pipe and `more` bytes besides are beyond the limit.
  void require_room(int64_t more) const;
  /// Only what comes next will be read: a pipe need not be kept.
  void forget() const {
    if (pipe_) pipe_->forget();
  }
  /// Closes the file until it is read again (a folder may hold more files than may be open at once); by then
  /// it must be the same one, unchanged: Code::data.
  void rest() const;

 private:
  InputFile(std::string name,
            int fd);  // once it has returned, the destructor closes fd, whatever is thrown later

  void reopen() const;

  std::string name_;
  mutable int fd_ = -1;
  std::unique_ptr<PipeBytes> pipe_;  // null for a file
  int64_t size_ = 0, limit_ = 0;
  bool can_rest_ = false;
  struct stat about_ = {};
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `size` bytes, fewer where a pipe has no more yet; 0 only at the end.
  virtual int64_t read(char* out, int64_t size) = 0;
};

/// The file's bytes from the start, decompressed where it is gzip (by its contents, whatever its name). A
/// file that grows by more than `ratio_limit` (and 64 MiB) is Code::data.
std::unique_ptr<ByteSource> open_source(const InputFile& file, int64_t ratio_limit);

}  // namespace crisp
