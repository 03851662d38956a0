/// Our inputs as Arrow's streams, and one failure of Arrow's readers. Includes Arrow: only for .cc files of
/// src/read.
#pragma once

#include <arrow/io/interfaces.h>

#include <memory>
#include <string>

#include "read/byte_source.h"

namespace crisp {

std::shared_ptr<arrow::io::InputStream> as_stream(std::unique_ptr<ByteSource> source);

/// `file` must outlive it.
std::shared_ptr<arrow::io::RandomAccessFile> as_random_access(const InputFile& file);

/// Memory for reading one untrusted file: what it declares may not make it grow beyond `ratio_limit` times
/// its size (and 256 MiB); allocations beyond fail. Lives as long as the process, because tables keep a
/// pointer to it.
arrow::MemoryPool* limited_pool(const InputFile& file, int64_t ratio_limit);

/// Full validation of what an untrusted file gave: offsets, lengths, UTF-8.
void validate(const arrow::RecordBatch& batch, const InputFile& file);

}  // namespace crisp
