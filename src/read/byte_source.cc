#include "read/byte_source.h"

#include <arrow/io/compressed.h>
#include <arrow/util/compression.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/file_io.h"
#include "cuda/error.h"
#include "read/arrow_stream.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(const InputFile& file) : file_(file) {}
  int64_t read(char* out, int64_t size) override {
    const int64_t got = file_.read_at(offset_, out, size, false);
    offset_ += got;
    return got;
  }

 private:
  const InputFile& file_;
  int64_t offset_ = 0;
};

class GzipSource : public ByteSource {
 public:
  GzipSource(const InputFile& file, int64_t ratio_limit)
      : file_(file),
        ratio_limit_(ratio_limit),
        raw_(as_stream(std::make_unique<PlainSource>(file))),
        codec_(check(arrow::util::Codec::Create(arrow::Compression::GZIP))),
        stream_(check(arrow::io::CompressedInputStream::Make(codec_.get(), raw_))) {}

  int64_t read(char* out, int64_t size) override {
    const auto got = stream_->Read(size, out);
    if (!got.ok())
      fail(Code::data, file_.name(), ": the gzip data is damaged or cut off after ", total_, " bytes");
    total_ += *got;
    const int64_t stored = check(raw_->Tell());
    constexpr int64_t kAllowance = int64_t{64} << 20;
    if (total_ > kAllowance && total_ / std::max<int64_t>(ratio_limit_, 1) > stored) {
      fail(Code::data, file_.name(), ": grows more than ", ratio_limit_, "-fold when decompressed");
    }
    return *got;
  }

 private:
  const InputFile& file_;
  int64_t ratio_limit_, total_ = 0;
  std::shared_ptr<arrow::io::InputStream> raw_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::io::CompressedInputStream> stream_;
};

}  // namespace

InputFile::InputFile(const std::string& path, int64_t limit)
    : InputFile(path == "-" ? "standard input" : path,
                path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (fd_ < 0) fail_reading(errno, "open", name_);
  if (::fstat(fd_, &about_) != 0) fail_reading(errno, "read", name_);
  CRISP_REQUIRE(!S_ISDIR(about_.st_mode), Code::no_input, "'", name_, "' is a folder; a file was expected");
  // /dev/zero never ends.
  const bool endless = S_ISBLK(about_.st_mode) || (S_ISCHR(about_.st_mode) && ::isatty(fd_) == 0);
  CRISP_REQUIRE(path == "-" || !endless, Code::no_input, "'", name_, "' is a device; a file or a pipe was expected");
  can_rest_ = path != "-" && S_ISREG(about_.st_mode);
  limit_ = limit;
  if (!S_ISREG(about_.st_mode)) pipe_ = std::make_unique<PipeBytes>(fd_, name_, limit);
  size_ = about_.st_size;
}

InputFile::InputFile(std::string name, int fd) : name_(std::move(name)), fd_(fd) {}

InputFile::~InputFile() {
  if (fd_ >= 0) ::close(fd_);
}

void InputFile::rest() const {
  if (can_rest_ && fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void InputFile::reopen() const {
  fd_ = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat now = {};
  if (fd_ < 0 || ::fstat(fd_, &now) != 0) fail_reading(errno, "open", name_);
  const bool same = now.st_dev == about_.st_dev && now.st_ino == about_.st_ino &&
                    now.st_size == about_.st_size && now.st_mtim.tv_sec == about_.st_mtim.tv_sec &&
                    now.st_mtim.tv_nsec == about_.st_mtim.tv_nsec;
  CRISP_REQUIRE(same, Code::data, name_, ": changed while it was read");
}

void InputFile::require_room(int64_t more) const {
  if (pipe_ && pipe_->kept() + more > limit_) fail_pipe_limit(name_, limit_);
}

int64_t InputFile::read_at(int64_t offset, void* out, int64_t size, bool whole) const {
  if (pipe_) return pipe_->read_at(offset, static_cast<char*>(out), size, whole);
  if (fd_ < 0) reopen();
  int64_t done = 0;
  while (done < size) {
    const ssize_t got =
        ::pread(fd_, static_cast<char*>(out) + done, static_cast<size_t>(size - done), offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_reading(errno, "read", name_);
    if (got == 0) break;
    done += got;
  }
  return done;
}

std::unique_ptr<ByteSource> open_source(const InputFile& file, int64_t ratio_limit) {
  uint8_t magic[2] = {};
  file.read_at(0, magic, 2);
  if (magic[0] == 0x1f && magic[1] == 0x8b) return std::make_unique<GzipSource>(file, ratio_limit);
  return std::make_unique<PlainSource>(file);
}

}  // namespace crisp
