#include "read/arrow_stream.h"

#include <arrow/api.h>
#include <arrow/io/concurrency.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <vector>

#include "cuda/error.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

template <class Read>
arrow::Result<int64_t> guarded(Read read) {
  try {
    return read();
  } catch (const Error& error) {
    return arrow::Status::IOError(error.what());
  }
}

/// A buffer of what read(out) delivers, `size` bytes at most.
template <class Read>
arrow::Result<std::shared_ptr<arrow::Buffer>> read_buffer(int64_t size, Read read) {
  ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(size));
  ARROW_ASSIGN_OR_RAISE(const int64_t got, read(buffer->mutable_data()));
  ARROW_RETURN_NOT_OK(buffer->Resize(got));
  return std::shared_ptr<arrow::Buffer>(std::move(buffer));
}

class SourceStream : public arrow::io::InputStream {
 public:
  explicit SourceStream(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  arrow::Status Close() override { return arrow::Status::OK(); }
  bool closed() const override { return false; }
  arrow::Result<int64_t> Tell() const override { return offset_; }
  arrow::Result<int64_t> Read(int64_t size, void* out) override {
    return guarded([&] {
      const int64_t got = source_->read(static_cast<char*>(out), size);
      offset_ += got;
      return got;
    });
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override {
    return read_buffer(size, [&](void* out) { return Read(size, out); });
  }

 private:
  std::unique_ptr<ByteSource> source_;
  int64_t offset_ = 0;
};

/// Reads are cut at the end of the file before memory is asked for.
class FileStream : public arrow::io::RandomAccessFile {
 public:
  explicit FileStream(const InputFile& file) : file_(file) {}
  arrow::Status Close() override { return arrow::Status::OK(); }
  bool closed() const override { return false; }
  arrow::Result<int64_t> Tell() const override { return offset_; }
  arrow::Status Seek(int64_t offset) override {
    offset_ = offset;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> GetSize() override { return file_.size(); }
  arrow::Result<int64_t> ReadAt(int64_t offset, int64_t size, void* out) override {
    if (offset < 0 || size < 0) return arrow::Status::Invalid("a negative position");
    return guarded([&] { return file_.read_at(offset, out, clipped(offset, size)); });
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t offset, int64_t size) override {
    if (offset < 0 || size < 0) return arrow::Status::Invalid("a negative position");
    return read_buffer(clipped(offset, size), [&](void* out) { return ReadAt(offset, size, out); });
  }
  arrow::Result<int64_t> Read(int64_t size, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t got, ReadAt(offset_, size, out));
    offset_ += got;
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(offset_, size));
    offset_ += buffer->size();
    return buffer;
  }

 private:
  int64_t clipped(int64_t offset, int64_t size) const {
    return std::min(size, std::max<int64_t>(file_.size() - offset, 0));
  }
  const InputFile& file_;
  int64_t offset_ = 0;
};

}  // namespace

std::shared_ptr<arrow::io::InputStream> as_stream(std::unique_ptr<ByteSource> source) {
  return std::make_shared<SourceStream>(std::move(source));
}

std::shared_ptr<arrow::io::RandomAccessFile> as_random_access(const InputFile& file) {
  return std::make_shared<FileStream>(file);
}

arrow::MemoryPool* limited_pool(const InputFile& file, int64_t ratio_limit) {
  static std::mutex mutex;
  struct Pool {
    explicit Pool(int64_t limit) : capped(&counted, limit) {}
    arrow::ProxyMemoryPool counted{arrow::default_memory_pool()};  // this file's memory alone
    arrow::CappedMemoryPool capped;
  };
  static auto* const pools = new std::vector<std::unique_ptr<Pool>>;  // never freed: see the header
  constexpr int64_t kAllowance = int64_t{256} << 20;
  int64_t limit = 0;
  if (__builtin_mul_overflow(file.size(), std::max<int64_t>(ratio_limit, 1), &limit) ||
      __builtin_add_overflow(limit, kAllowance, &limit)) {
    limit = std::numeric_limits<int64_t>::max();
  }
  const std::lock_guard lock(mutex);
  pools->push_back(std::make_unique<Pool>(limit));
  return &pools->back()->capped;
}

void validate(const arrow::RecordBatch& batch, const InputFile& file) {
  for (int i = 0; i < batch.num_columns(); ++i) {
    check(batch.column(i)->ValidateFull(),
          concat(file.name(), ": column '", batch.schema()->field(i)->name(), "'"));
  }
}

}  // namespace crisp
