#include "core/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "core/interrupt.h"
#include "core/io_shim.h"

namespace crisp {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

// Owns a file descriptor while a file is read.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

ssize_t read_some(int fd, uint8_t* into, size_t count, const std::string& path) {
  for (;;) {
    const ssize_t got = ::read(fd, into, count);
    if (got >= 0) return got;
    if (errno != EINTR) fail_reading(errno, "read", path);
    check_interrupt();
  }
}

[[noreturn]] void fail_too_large(const std::string& path, uint64_t limit) {
  fail(Code::data, "'", path, "' is larger than the ", limit, " bytes allowed here");
}

// One byte more than the size is asked for, so that a file that grows meanwhile is noticed.
std::vector<uint8_t> read_regular(int fd, uint64_t size, const std::string& path) {
  std::vector<uint8_t> bytes(size + 1);
  uint64_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = read_some(fd, bytes.data() + filled, bytes.size() - filled, path);
    if (got == 0) break;
    filled += static_cast<uint64_t>(got);
  }
  CRISP_REQUIRE(filled == size, Code::data, "'", path, "' changed its size while it was read");
  bytes.resize(size);
  return bytes;
}

std::vector<uint8_t> read_stream(int fd, uint64_t limit, const std::string& path) {
  std::vector<uint8_t> bytes;
  uint8_t block[65536];
  while (const ssize_t got = read_some(fd, block, sizeof block, path)) {
    bytes.insert(bytes.end(), block, block + got);
    if (bytes.size() > limit) fail_too_large(path, limit);
  }
  return bytes;
}

struct stat facts_of(int fd, const std::string& path) {
  struct stat facts = {};
  if (::fstat(fd, &facts) != 0) fail_reading(errno, "read", path);
  CRISP_REQUIRE(!S_ISDIR(facts.st_mode), Code::no_input, "'", path, "' is a folder; a file was expected");
  return facts;
}

}  // namespace

void fail_writing(int error, std::string_view action, const std::string& path) {
  const std::string message = concat("cannot ", action, " '", path, "': ", reason(error));
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      throw Error(Code::permission, message, "choose another folder with -o");
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EEXIST:
    case ENAMETOOLONG:
    case ELOOP:
    case ENXIO:
    case ENOTEMPTY:
      throw Error(Code::cannot_create, message, "choose another path with -o");
    case ENOSPC:
    case EDQUOT:
      throw Error(Code::io, message, "free some space, or choose another disk with -o");
    default:
      throw Error(Code::io, message);
  }
}

void fail_reading(int error, std::string_view action, const std::string& path) {
  const std::string message = concat("cannot ", action, " '", path, "': ", reason(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ELOOP:
    case EISDIR:
      fail(Code::no_input, message);
    case EACCES:
    case EPERM:
      fail(Code::permission, message);
    default:
      fail(Code::io, message);
  }
}

void write_fully(int fd, std::span<const uint8_t> bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t done = io().write(fd, bytes.data(), bytes.size());
    if (done > 0) {
      bytes = bytes.subspan(static_cast<size_t>(done));
    } else if (done == 0) {
      fail_writing(EIO, "write", name);  // a device that takes nothing would keep us here for ever
    } else if (errno == EPIPE) {
      throw Interrupted(SIGPIPE);
    } else if (errno != EINTR) {
      fail_writing(errno, "write", name);
    }
  }
}

void write_stdout(std::string_view text) { write_fully(STDOUT_FILENO, as_bytes(text), "standard output"); }

std::vector<uint8_t> read_file(const std::string& path, uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail_reading(errno, "open", path);
  const struct stat facts = facts_of(file.get(), path);
  if (!S_ISREG(facts.st_mode)) return read_stream(file.get(), limit, path);
  const auto size = static_cast<uint64_t>(facts.st_size);
  if (size > limit) fail_too_large(path, limit);
  return read_regular(file.get(), size, path);
}

std::string read_text(const std::string& path, uint64_t limit) {
  const std::vector<uint8_t> bytes = read_file(path, limit);
  return std::string(bytes.begin(), bytes.end());
}

std::vector<uint8_t> read_file_at(int directory, const std::string& name, uint64_t limit,
                                  const std::string& origin) {
  // O_NONBLOCK: a FIFO put in a file's place must not make us wait for a writer.
  const Descriptor file(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0 && errno == ELOOP) {
    fail(Code::data, "'", origin, "' is a symbolic link; a regular file was expected");
  }
  CRISP_REQUIRE(file.get() >= 0 || errno != ENOENT, Code::data, "'", origin, "' is missing");
  if (file.get() < 0) fail_reading(errno, "open", origin);
  const struct stat facts = facts_of(file.get(), origin);
  CRISP_REQUIRE(S_ISREG(facts.st_mode), Code::data, "'", origin, "' is not a regular file");
  const auto size = static_cast<uint64_t>(facts.st_size);
  if (size > limit) fail_too_large(origin, limit);
  return read_regular(file.get(), size, origin);
}

}  // namespace crisp
