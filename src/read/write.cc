#include "read/write.h"

#include <arrow/io/compressed.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/writer.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <exception>
#include <functional>

#include "core/atomic_file.h"
#include "core/file_io.h"
#include "cuda/error.h"
#include "read/csv_writer.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

/// Lets Arrow's writers write an AtomicFile. What fails there is kept, and thrown again by done().
class AtomicStream : public arrow::io::OutputStream {
 public:
  explicit AtomicStream(const std::string& path) : file_(path) {}
  arrow::Status Close() override { return arrow::Status::OK(); }
  bool closed() const override { return false; }
  arrow::Result<int64_t> Tell() const override { return offset_; }
  arrow::Status Write(const void* data, int64_t size) override {
    try {
      file_.write(std::span(static_cast<const uint8_t*>(data), static_cast<size_t>(size)));
      offset_ += size;
      return arrow::Status::OK();
    } catch (...) {
      failure_ = std::current_exception();
      return arrow::Status::IOError("writing failed");
    }
  }
  /// Makes the file visible, if all went well.
  void done(const arrow::Status& status, const std::string& path) {
    if (failure_) std::rethrow_exception(failure_);
    check(status, path);
    file_.commit();
  }

 private:
  AtomicFile file_;
  int64_t offset_ = 0;
  std::exception_ptr failure_;
};

using Stream = std::shared_ptr<arrow::io::OutputStream>;

arrow::Status write_parquet(const Table& table, const Stream& out, ParquetCodec codec) {
  const auto compression =
      codec == ParquetCodec::zstd ? parquet::Compression::ZSTD : parquet::Compression::SNAPPY;
  const auto properties =
      parquet::WriterProperties::Builder().compression(compression)->enable_page_checksum()->build();
  constexpr int64_t kRowGroupRows = int64_t{1} << 20;
  return parquet::arrow::WriteTable(*table.arrow(), arrow::default_memory_pool(), out, kRowGroupRows,
                                    properties);
}

arrow::Status write_arrow(const Table& table, const Stream& out) {
  ARROW_ASSIGN_OR_RAISE(auto writer, arrow::ipc::MakeFileWriter(out, table.arrow()->schema()));
  ARROW_RETURN_NOT_OK(writer->WriteTable(*table.arrow()));
  return writer->Close();
}

arrow::Status write_csv_to(const Table& table, const Stream& out, char separator, bool gzip) {
  std::unique_ptr<arrow::util::Codec> codec;
  std::shared_ptr<arrow::io::CompressedOutputStream> compressed;
  if (gzip) {
    ARROW_ASSIGN_OR_RAISE(codec, arrow::util::Codec::Create(arrow::Compression::GZIP));
    ARROW_ASSIGN_OR_RAISE(compressed, arrow::io::CompressedOutputStream::Make(codec.get(), out));
  }
  arrow::Status status;
  write_csv(table, separator, [&](const std::string& piece) {
    arrow::io::OutputStream& stream = gzip ? static_cast<arrow::io::OutputStream&>(*compressed) : *out;
    if (status.ok()) status = stream.Write(piece.data(), static_cast<int64_t>(piece.size()));
  });
  if (!gzip) return status;
  const arrow::Status closed = compressed->Close();
  return status.ok() ? closed : status;
}

arrow::Status write_to(const Table& table, const Stream& out, const std::string& path, ParquetCodec codec) {
  const bool gzip = path.ends_with(".gz");
  const std::string name = gzip ? path.substr(0, path.size() - 3) : path;
  if (name.ends_with(".csv") || name.ends_with(".txt")) return write_csv_to(table, out, ',', gzip);
  if (name.ends_with(".tsv") || name.ends_with(".tab")) return write_csv_to(table, out, '\t', gzip);
  if (!gzip && (name.ends_with(".parquet") || name.ends_with(".pq"))) return write_parquet(table, out, codec);
  return write_arrow(table, out);
}

void require_known_ending(const std::string& path) {
  for (const char* ending : {".csv", ".tsv", ".tab", ".txt", ".csv.gz", ".tsv.gz", ".tab.gz", ".txt.gz",
                             ".parquet", ".pq", ".arrow", ".feather", ".ipc"}) {
    if (path.ends_with(ending)) return;
  }
  throw Error(Code::config, concat("the ending of '", path, "' names no format that can be written"),
              "use .csv, .tsv (also .gz), .parquet or .arrow");
}

}  // namespace

void require_new_output(const std::string& path, bool force) {
  if (path.empty() || path == "-") return;
  require_known_ending(path);
  require_writable(path, force);
}

void write_table(const Table& table, const std::string& path, ParquetCodec codec) {
  arrow_start();
  if (path == "-") {
    write_csv(table, ',', [](const std::string& piece) { write_stdout(piece); });
    return;
  }
  require_known_ending(path);
  const auto out = std::make_shared<AtomicStream>(path);
  out->done(write_to(table, out, path, codec), path);
}

std::string to_csv(const Table& table, char separator) {
  std::string out;
  write_csv(table, separator, [&](const std::string& piece) { out.append(piece); });
  return out;
}

}  // namespace crisp
