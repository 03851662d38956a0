/// Files that appear complete or not at all, and survive a power loss once commit() has returned.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_io.h"

namespace crisp {

/// Writes to `.<name>.tmp-<pid>-<n>` beside the target and renames it into place. The target must be absent,
/// a regular file or a link to one; anything else (folder, pipe, device) is Code::cannot_create before a byte
/// is written.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  /// Removes the temporary file of an uncommitted one.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends; buffered, so small pieces are cheap.
  void write(std::span<const uint8_t> bytes);
  void write(std::string_view text) { write(as_bytes(text)); }
  /// Flush, fsync, close, rename, fsync of the directory. A failed fsync or close is never tried again: the
  /// kernel may have dropped the pages and would report success.
  void commit();
  /// The part of commit() that can run out of space: flush, fsync, close. For a set of files that shall all
  /// be safe before the first of them is seen; commit() then does the rest.
  void prepare();

 private:
  void flush();
  void remove_temporary() noexcept;

  std::string target_;
  std::string directory_;
  std::string temporary_;
  std::vector<uint8_t> buffer_;
  int fd_ = -1;
};

void write_file_atomically(const std::string& path, std::span<const uint8_t> bytes);
void write_file_atomically(const std::string& path, std::string_view text);

/// Before the work whose result `path` shall take: Code::cannot_create where its folder is not there or, without `force`,
/// where something has that name already; Code::permission where the folder may not be written.
void require_writable(const std::string& path, bool force);

/// Makes the directory's entries (created, renamed, removed names) durable.
void sync_directory(const std::string& path);

/// Removes temporary files in `directory` whose writers are dead. Returns how many.
int sweep_stale_temporaries(const std::string& directory);

/// True for the names of such temporary files, whoever wrote them.
bool is_temporary_name(std::string_view name);

}  // namespace crisp
