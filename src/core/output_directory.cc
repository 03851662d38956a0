#include "core/output_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "core/atomic_file.h"
#include "core/io_shim.h"
#include "core/printable.h"

namespace crisp {
namespace {

constexpr const char* kLockName = ".crisp.lock";

std::string this_host() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "an unknown host";
  return name;
}

// Who holds the lock, as the holder wrote it.
std::string holder_of(int fd) {
  char text[300] = {};
  const ssize_t got = ::pread(fd, text, sizeof text - 1, 0);
  const std::string holder = printable(std::string(text, got > 0 ? static_cast<size_t>(got) : 0));
  return holder.empty() ? "another process" : holder;
}

// True where the name still leads to the file that we have locked: its last owner may have removed it
// meanwhile.
bool is_same_file(int fd, const std::string& path) {
  struct stat by_fd = {}, by_name = {};
  if (::fstat(fd, &by_fd) != 0 || ::lstat(path.c_str(), &by_name) != 0) return false;
  return by_fd.st_dev == by_name.st_dev && by_fd.st_ino == by_name.st_ino;
}

// "a/b/" has the parent "a/b".
std::filesystem::path without_last_slash(const std::filesystem::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

OutputDirectory::OutputDirectory(std::string path, bool force)
    : path_(std::move(path)), lock_path_(path_ + "/" + kLockName) {
  CRISP_REQUIRE(!path_.empty(), Code::cannot_create, "the output folder has an empty name");
  CRISP_REQUIRE(path_ != "-", Code::cannot_create, "a run is a folder: it cannot go to standard output");
  make();
  // A folder that somebody is filling is "in use" rather than "not empty"; one that is not ours stays
  // untouched.
  if (!force && ::access(lock_path_.c_str(), F_OK) != 0) require_empty();
  lock();
  try {
    if (!force) require_empty();
    sweep_stale_temporaries(path_);
  } catch (...) {
    io().unlink(lock_path_.c_str());
    io().close(lock_fd_);
    throw;
  }
}

OutputDirectory::~OutputDirectory() {
  io().unlink(lock_path_.c_str());  // while we still hold it: nobody else can be using this very file
  io().close(lock_fd_);
  if (made_ > 0 && !kept_) discard();
}

// The files of a folder that we made: nobody else's can be among them while we hold the lock.
void OutputDirectory::discard() noexcept {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    if (entry.is_regular_file(error)) io().unlink(entry.path().c_str());
  }
  // Refused, as it should be, unless the folder is empty.
  std::filesystem::path folder = without_last_slash(path_);
  for (int i = 0; i < made_ && ::rmdir(folder.c_str()) == 0; ++i) folder = folder.parent_path();
}

void OutputDirectory::make() {
  std::error_code error;
  const auto status = std::filesystem::status(path_, error);
  if (std::filesystem::is_directory(status)) return;
  CRISP_REQUIRE(!std::filesystem::exists(status), Code::cannot_create, "cannot write into '", path_,
                "': it is not a folder");
  int missing = 0;
  for (std::filesystem::path folder = without_last_slash(path_); !folder.empty() && !std::filesystem::exists(folder, error);
       folder = folder.parent_path()) {
    ++missing;
  }
  std::filesystem::create_directories(path_, error);
  if (error) fail_writing(error.value(), "create the folder", path_);
  made_ = missing;
}

void OutputDirectory::require_empty() const {
  std::error_code error;
  std::filesystem::directory_iterator entries(path_, error);
  if (error) fail_writing(error.value(), "read the folder", path_);
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename();
    if (name == kLockName || is_temporary_name(name)) continue;
    throw Error(Code::cannot_create, concat("'", path_, "' exists and is not empty"),
                "choose another folder with -o, go on with its run by --resume, or overwrite this one with --force");
  }
}

void OutputDirectory::lock() {
  // Each turn that fails means that another owner ended between our open and our lock.
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (try_lock()) return;
  }
  fail(Code::cannot_create, "cannot lock '", path_, "': other processes keep taking it");
}

bool OutputDirectory::try_lock() {
  const int fd = io().open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) fail_writing(errno, "write into the folder", path_);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string holder = holder_of(fd);
    io().close(fd);
    if (error != EWOULDBLOCK) fail_writing(error, "lock", path_);
    throw Error(Code::cannot_create, concat("'", path_, "' is being written by ", holder),
                "wait until it has ended, or choose another folder with -o");
  }
  if (!is_same_file(fd, lock_path_)) {
    io().close(fd);
    return false;
  }
  lock_fd_ = fd;
  // Only a note for people: that it could not be written changes nothing about the lock.
  const std::string note = concat("process ", ::getpid(), " on ", this_host());
  if (::ftruncate(fd, 0) == 0) [[maybe_unused]]
    const ssize_t ignored = ::pwrite(fd, note.data(), note.size(), 0);
  return true;
}

}  // namespace crisp
