/// Bytes of one input, in order, as often as wanted: a file, a gzipped file, or what came on standard input.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>

namespace crisp {

/// An open file. Standard input that cannot be rewound is first copied to an unlinked temporary file, so that
/// types can be decided by reading twice.
class InputFile {
 public:
  /// `path` may be "-". Code::no_input, permission or io; folders are refused.
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& name() const { return name_; }  ///< for messages: the path, or "standard input"
  int64_t size() const { return size_; }
  /// Up to `size` bytes from `offset`; fewer only at the end.
  int64_t read_at(int64_t offset, void* out, int64_t size) const;
  /// Closes the file until it is read again (a folder may hold more files than may be open at once); by then
  /// it must be the same one, unchanged: Code::data.
  void rest() const;

 private:
  InputFile(std::string name,
            int fd);  // once it has returned, the destructor closes fd, whatever is thrown later

  void reopen() const;

  std::string name_;
  mutable int fd_ = -1;
  int64_t size_ = 0;
  bool can_rest_ = false;
  struct stat about_ = {};
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `size` bytes; 0 only at the end.
  virtual int64_t read(char* out, int64_t size) = 0;
};

/// The file's bytes from the start, decompressed where it is gzip (by its contents, whatever its name). A
/// file that grows by more than `ratio_limit` (and 64 MiB) is Code::data.
std::unique_ptr<ByteSource> open_source(const InputFile& file, int64_t ratio_limit);

}  // namespace crisp
