#include "core/atomic_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/io_shim.h"

namespace crisp {
namespace {

constexpr size_t kBufferBytes = 1 << 16;
constexpr std::string_view kMark = ".tmp-";
std::atomic<int64_t> next_number{0};

struct TemporaryName {
  int64_t pid, number;
};

std::optional<TemporaryName> parse_temporary(std::string_view name) {
  const size_t mark = name.rfind(kMark);
  if (mark == std::string_view::npos || name.front() != '.') return std::nullopt;
  const char* begin = name.data() + mark + kMark.size();
  const char* end = name.data() + name.size();
  TemporaryName out = {};
  const auto pid = std::from_chars(begin, end, out.pid);
  if (pid.ec != std::errc() || out.pid <= 0 || pid.ptr == end || *pid.ptr != '-') return std::nullopt;
  const auto number = std::from_chars(pid.ptr + 1, end, out.number);
  if (number.ec != std::errc() || number.ptr != end) return std::nullopt;
  return out;
}

// A number that we have not given out yet, with our own pid, is left from a dead process that had the same
// pid: in a container that is the usual case.
bool writer_is_dead(const TemporaryName& name) {
  if (name.pid == ::getpid()) return name.number >= next_number.load();
  return ::kill(static_cast<pid_t>(name.pid), 0) != 0 && errno == ESRCH;
}

// Where the bytes go: a link is followed once, here, so that the rename replaces the file and not the link.
std::string resolve_target(const std::string& path) {
  CRISP_REQUIRE(!path.empty(), Code::cannot_create, "cannot create a file with an empty name");
  struct stat facts = {};
  if (::lstat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return path;
    fail_writing(errno, "create", path);
  }
  std::string target = path;
  if (S_ISLNK(facts.st_mode)) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (!real)
      fail(Code::cannot_create, "cannot write '", path, "': it is a symbolic link that leads nowhere");
    target = real.get();
    if (::stat(target.c_str(), &facts) != 0) fail_writing(errno, "create", path);
  }
  if (S_ISDIR(facts.st_mode)) fail(Code::cannot_create, "cannot write '", path, "': it is a folder");
  if (!S_ISREG(facts.st_mode))
    fail(Code::cannot_create, "cannot write '", path, "': it is not a regular file");
  return target;
}

struct CloseDirectory {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// An interrupted fsync reports nothing about the pages, so asking again is right; any other failure is final.
int fsync_once(int fd) {
  for (;;) {
    const int result = io().fsync(fd);
    if (result == 0 || errno != EINTR) return result;
  }
}

}  // namespace

bool is_temporary_name(std::string_view name) { return !name.empty() && parse_temporary(name).has_value(); }

AtomicFile::AtomicFile(const std::string& path)
    : target_(resolve_target(path)), directory_(directory_of(target_)) {
  // Cut, so that a long but legal name still leaves room for our mark.
  const std::string stem = target_.substr(target_.rfind('/') + 1).substr(0, 200);
  CRISP_REQUIRE(!stem.empty(), Code::cannot_create, "cannot write '", path, "': it names a folder");
  for (int attempt = 0; fd_ < 0; ++attempt) {
    temporary_ = concat(directory_, "/.", stem, kMark, ::getpid(), "-", next_number++);
    fd_ = io().open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    const bool try_next = errno == EEXIST || errno == EINTR;
    if (fd_ < 0 && (!try_next || attempt == 1000)) fail_writing(errno, "create", path);
  }
  buffer_.reserve(kBufferBytes);
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) io().close(fd_);
  remove_temporary();
}

void AtomicFile::remove_temporary() noexcept {
  if (!temporary_.empty()) io().unlink(temporary_.c_str());
  temporary_.clear();
}

void AtomicFile::flush() {
  write_fully(fd_, buffer_, target_);
  buffer_.clear();
}

void AtomicFile::write(std::span<const uint8_t> bytes) {
  CRISP_ASSERT(fd_ >= 0);
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() >= kBufferBytes) return write_fully(fd_, bytes, target_);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void AtomicFile::prepare() {
  CRISP_ASSERT(fd_ >= 0);
  flush();
  if (fsync_once(fd_) != 0) fail_writing(errno, "write", target_);
  const int fd = fd_;
  fd_ = -1;  // whatever close() says, the descriptor is gone
  if (io().close(fd) != 0 && errno != EINTR) fail_writing(errno, "write", target_);
}

void AtomicFile::commit() {
  CRISP_ASSERT(!temporary_.empty());
  if (fd_ >= 0) prepare();
  if (io().rename(temporary_.c_str(), target_.c_str()) != 0) fail_writing(errno, "create", target_);
  temporary_.clear();
  sync_directory(directory_);
}

void sync_directory(const std::string& path) {
  int fd;
  do {
    fd = io().open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) fail_writing(errno, "open", path);
  // Some network file systems know no fsync of a directory and say EINVAL: there is nothing more to be had
  // there.
  const int error = fsync_once(fd) != 0 && errno != EINVAL ? errno : 0;
  io().close(fd);
  if (error != 0) fail_writing(error, "make durable", path);
}

void require_writable(const std::string& path, bool force) {
  std::error_code ignored;  // what cannot be looked at cannot be written either, and that says more
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::exists(folder, ignored)) {
    throw Error(Code::cannot_create, concat("cannot write '", path, "': there is no folder '", folder.string(), "'"),
                "make the folder first, or choose another name");
  }
  const AtomicFile probe(path);
  if (!force && std::filesystem::exists(path, ignored)) {
    throw Error(Code::cannot_create, concat("'", path, "' exists"), "choose another name, or overwrite it with --force");
  }
}

void write_file_atomically(const std::string& path, std::span<const uint8_t> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_file_atomically(const std::string& path, std::string_view text) {
  write_file_atomically(path, as_bytes(text));
}

int sweep_stale_temporaries(const std::string& directory) {
  const std::unique_ptr<DIR, CloseDirectory> stream(::opendir(directory.c_str()));
  if (!stream) return 0;
  int removed = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const auto name = parse_temporary(entry->d_name);
    if (!name || !writer_is_dead(*name)) continue;
    if (io().unlink(concat(directory, "/", entry->d_name).c_str()) == 0) ++removed;
  }
  return removed;
}

}  // namespace crisp
