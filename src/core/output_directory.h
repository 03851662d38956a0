/// The folder that a run writes: made, checked and locked before any work begins.
#pragma once

#include <string>

namespace crisp {

/// Owns the folder while it lives. Errors: Code::cannot_create where it holds something and `force` is not
/// given, where another process is writing it (named by pid and host), or where it cannot be made;
/// Code::permission where writing is not allowed. Temporary files that dead writers left are swept. A folder
/// that we made goes again, with the files in it and the folders made above it, unless keep() says that something came of it.
class OutputDirectory {
 public:
  OutputDirectory(std::string path, bool force);
  ~OutputDirectory();
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;

  /// The work in it is worth keeping.
  void keep() { kept_ = true; }

  const std::string& path() const { return path_; }
  /// The path of a file in it.
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  void make();
  void require_empty() const;
  void discard() noexcept;
  void lock();
  bool try_lock();

  std::string path_;
  std::string lock_path_;
  int made_ = 0;  // folders: this one and those above it that were not there
  bool kept_ = false;
  int lock_fd_ = -1;
};

}  // namespace crisp
