/// Cuts the bytes of a CSV source into blocks of whole records, so that they can be parsed side by side.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "read/byte_source.h"

namespace crisp {

/// Whole records (the last one of the file perhaps without a line end), followed by slack for the scans.
struct CsvBlock {
  std::vector<char> bytes;
  int64_t begin = 0, end = 0;
  std::string_view text() const { return {bytes.data() + begin, static_cast<size_t>(end - begin)}; }
};

class CsvBlocks {
 public:
  CsvBlocks(std::unique_ptr<ByteSource> source, int64_t block_bytes, int64_t line_limit);

  /// The first 64 KiB of the file (less where it is shorter), for finding the separator. Before next().
  std::string_view peek();
  /// Drops the first `bytes`: a byte order mark.
  void skip(int64_t bytes);
  void set_block_bytes(int64_t bytes) { block_bytes_ = bytes; }
  /// Delivers the records that are there instead of waiting for a whole block (tail -f).
  void set_live() { live_ = true; }
  /// By the first 64 KiB.
  char find_separator();
  /// Quotes open a value only behind it, so it must be known before the first block is cut.
  void set_separator(char separator) { separator_ = separator; }

  /// False at the end. A record beyond the line limit is delivered as it is, cut: whoever parses it reports
  /// it.
  bool next(CsvBlock& block);

 private:
  bool fill(int64_t size);
  /// Behind the last record that ends within the first `size` pending bytes, or 0.
  int64_t last_record_end(int64_t size) const;

  std::unique_ptr<ByteSource> source_;
  int64_t block_bytes_, line_limit_;
  char separator_ = ',';
  std::vector<char> pending_;  // read, but not yet delivered
  bool ended_ = false, live_ = false;
};

}  // namespace crisp
