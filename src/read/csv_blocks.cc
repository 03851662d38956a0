#include "read/csv_blocks.h"

#include <algorithm>
#include <cstring>

#include "read/csv_dialect.h"
#include "read/csv_scan.h"

namespace crisp {
namespace {

const char* find(const char* at, const char* end, char c) {
  return static_cast<const char*>(std::memchr(at, c, static_cast<size_t>(end - at)));
}

/// Behind the last line end in [begin, end), or null. A CR at the very end does not count: LF may follow it.
const char* behind_last_line_end(const char* begin, const char* end) {
  const auto size = static_cast<size_t>(end - begin);
  const auto* feed = static_cast<const char*>(::memrchr(begin, '\n', size));
  const char* from = feed == nullptr ? begin : feed + 1;
  if (end - from < 2) return feed == nullptr ? nullptr : feed + 1;
  const auto* carriage = static_cast<const char*>(::memrchr(from, '\r', static_cast<size_t>(end - from - 1)));
  const char* last = carriage == nullptr ? feed : carriage;
  return last == nullptr ? nullptr : last + 1;
}

}  // namespace

CsvBlocks::CsvBlocks(std::unique_ptr<ByteSource> source, int64_t block_bytes, int64_t line_limit)
    : source_(std::move(source)), block_bytes_(std::max<int64_t>(block_bytes, 1)), line_limit_(line_limit) {}

bool CsvBlocks::fill(int64_t size) {
  const auto old = static_cast<int64_t>(pending_.size());
  if (ended_ || old >= size) return !ended_;
  pending_.resize(static_cast<size_t>(size));
  int64_t filled = old;
  bool enough = false;
  while (filled < size && !enough && !ended_) {
    char* const at = pending_.data() + filled;
    const int64_t got = source_->read(at, size - filled);
    ended_ = got == 0;
    filled += got;
    enough = live_ && got > 0 && ::memrchr(at, '\n', static_cast<size_t>(got)) != nullptr;
  }
  pending_.resize(static_cast<size_t>(filled));
  return !ended_;
}

std::string_view CsvBlocks::peek() {
  constexpr int64_t kPeek = 65536;
  if (!live_ || pending_.empty()) fill(kPeek);
  return {pending_.data(), std::min<size_t>(pending_.size(), kPeek)};
}

char CsvBlocks::find_separator() {
  const std::string_view start = peek();
  std::vector<char> padded(start.begin(), start.end());
  padded.resize(start.size() + kScanSlack);
  return crisp::find_separator({padded.data(), start.size()}, ended_);
}

void CsvBlocks::skip(int64_t bytes) { pending_.erase(pending_.begin(), pending_.begin() + bytes); }

int64_t CsvBlocks::last_record_end(int64_t size) const {
  const char* const begin = pending_.data();
  const char* const end = begin + std::min<size_t>(pending_.size(), static_cast<size_t>(size));
  const char* last = nullptr;
  for (const char* at = begin; at < end;) {
    const char* quote = find(at, end, '"');
    const char* line_end = behind_last_line_end(at, quote == nullptr ? end : quote + 1);
    if (line_end != nullptr) last = line_end;
    if (quote == nullptr) break;
    at = quote + 1;
    const char before = quote == begin ? '\n' : quote[-1];
    if (before != separator_ && before != '\n' && before != '\r') continue;  // a quote inside a plain value
    for (;;) {
      const char* closing = find(at, end, '"');
      if (closing == nullptr) return last == nullptr ? 0 : last - begin;
      at = closing + 1;
      if (at == end || *at != '"') break;
      ++at;
    }
  }
  return last == nullptr ? 0 : last - begin;
}

bool CsvBlocks::next(CsvBlock& block) {
  int64_t size = block_bytes_;
  int64_t cut = 0;
  for (bool wait = !live_;; wait = true) {  // what is there already may be enough
    const bool more = (wait ? fill(size) : !ended_) || static_cast<int64_t>(pending_.size()) > size;
    cut = more ? last_record_end(size) : static_cast<int64_t>(pending_.size());
    if (cut > 0 || !more) break;
    if (size > line_limit_ + 1) {
      cut = size;
      break;
    }
    if (static_cast<int64_t>(pending_.size()) >= size) size *= 2;
  }
  std::vector<char> rest(pending_.begin() + cut, pending_.end());
  block.bytes = std::move(pending_);
  block.bytes.resize(static_cast<size_t>(cut + kScanSlack));
  std::memset(block.bytes.data() + cut, 0, kScanSlack);
  block.begin = 0;
  block.end = cut;
  pending_ = std::move(rest);
  return cut > 0;
}

}  // namespace crisp
