#include "read/pipe_bytes.h"

#include <arrow/util/compression.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/file_io.h"
#include "core/format.h"
#include "core/interrupt.h"
#include "core/memory_size.h"
#include "cuda/error.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

constexpr int64_t kPiece = int64_t{1} << 20;

/// Digits of text are nearly random: entropy coding halves them, searching for repeats finds none.
arrow::util::Codec& codec() {
  constexpr int kFast = 1;
  static const auto shared = check(arrow::util::Codec::Create(arrow::Compression::ZSTD, kFast));
  return *shared;
}

std::string compressed(const std::string& bytes) {
  const auto* from = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto size = static_cast<int64_t>(bytes.size());
  std::string out(static_cast<size_t>(codec().MaxCompressedLen(size, from)), '\0');
  const auto room = static_cast<int64_t>(out.size());
  out.resize(static_cast<size_t>(check(codec().Compress(size, from, room, reinterpret_cast<uint8_t*>(out.data())))));
  return std::string(out);  // without the room that was not needed
}

}  // namespace

int64_t pipe_limit() {
  const char* const text = std::getenv("CRISP_PIPE_LIMIT");
  if (text == nullptr || *text == 0) return machine_memory() / 2;
  const int64_t size = parse_memory_size(text);
  CRISP_REQUIRE(size > 0, Code::config, "CRISP_PIPE_LIMIT: '", text, "' is not a size such as 512M or 8G");
  return size;
}

void fail_pipe_limit(const std::string& name, int64_t limit) {
  throw Error(Code::no_memory,
              concat(name, ": what came through the pipe takes more memory than the limit of ", format_bytes(limit)),
              "save it to a file and name that, send fewer columns or rows, or set CRISP_PIPE_LIMIT, for example to 16G");
}

bool PipeBytes::ready() const {
  pollfd about{fd_, POLLIN, 0};
  return ::poll(&about, 1, 0) > 0;
}

void PipeBytes::seal() {
  tail_begin_ += static_cast<int64_t>(tail_.size());
  if (!forgetful_) {
    std::string piece = compressed(tail_);
    kept_ += static_cast<int64_t>(piece.size());
    if (kept_ > limit_) fail_pipe_limit(name_, limit_);
    sealed_.push_back(std::move(piece));
  }
  tail_.clear();
}

bool PipeBytes::pull() {
  if (ended_) return false;
  if (static_cast<int64_t>(tail_.size()) == kPiece) seal();
  const size_t old = tail_.size();
  tail_.resize(kPiece);
  ssize_t got = 0;
  while ((got = ::read(fd_, tail_.data() + old, kPiece - old)) < 0 && errno == EINTR) check_interrupt();
  tail_.resize(old + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) fail_reading(errno, "read", name_);
  ended_ = got == 0;
  return got > 0;
}

int64_t PipeBytes::copy(int64_t offset, char* out, int64_t size) {
  const std::string* from = &tail_;
  int64_t begin = tail_begin_;
  if (offset < tail_begin_) {
    CRISP_ASSERT(!forgetful_);
    const int64_t index = offset / kPiece;
    if (index != opened_index_) {
      const std::string& piece = sealed_[static_cast<size_t>(index)];
      opened_.resize(kPiece);
      check(codec().Decompress(static_cast<int64_t>(piece.size()), reinterpret_cast<const uint8_t*>(piece.data()),
                               kPiece, reinterpret_cast<uint8_t*>(opened_.data())));
      opened_index_ = index;
    }
    from = &opened_;
    begin = index * kPiece;
  }
  const int64_t count = std::min(size, begin + static_cast<int64_t>(from->size()) - offset);
  std::memcpy(out, from->data() + (offset - begin), static_cast<size_t>(count));
  return count;
}

int64_t PipeBytes::read_at(int64_t offset, char* out, int64_t size, bool whole) {
  const std::lock_guard lock(mutex_);
  int64_t done = 0;
  while (done < size) {
    const bool here = offset + done < tail_begin_ + static_cast<int64_t>(tail_.size());
    if (here) {
      done += copy(offset + done, out + done, size - done);
    } else if ((done > 0 && !whole && !ready()) || !pull()) {
      break;
    }
  }
  return done;
}

int64_t PipeBytes::size() {
  const std::lock_guard lock(mutex_);
  while (pull()) {
  }
  return tail_begin_ + static_cast<int64_t>(tail_.size());
}

void PipeBytes::forget() {
  const std::lock_guard lock(mutex_);
  forgetful_ = true;
  sealed_.clear();
  kept_ = 0;
}

int64_t PipeBytes::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

}  // namespace crisp
