#include "profile/duplicate_rows.h"

#include <algorithm>
#include <vector>

#include "profile/arrow_cells.h"
#include "profile/cell_hash.h"

namespace crisp {
namespace {

constexpr int64_t kTaskRows = int64_t{1} << 16;
constexpr uint64_t kMissing = 0x9e3779b97f4a7c15u;

/// Adds the cells of one column to the hashes of its rows. The order of columns counts, so swapped values
/// differ.
template <class Column>
void add_column(const Column& column, ColumnType type, uint64_t* hashes) {
  const auto add = [hashes](int64_t row, uint64_t cell) {
    hashes[row] = mixed(hashes[row] * 31 + mixed(cell + kMissing));
  };
  for_each_cell(
      column, type, [&](int64_t row, auto cell) { add(row, cell_hash(cell)); },
      [&](int64_t row) { hashes[row] = mixed(hashes[row] * 31 + kMissing); });
}

}  // namespace

int64_t count_duplicate_rows(Exec& exec, const Table& table) {
  if (table.columns() == 0) return 0;
  std::vector<uint64_t> hashes(static_cast<size_t>(table.rows()));
  const std::vector<ColumnInfo> schema = table.schema();
  exec.threads().for_ranges(table.rows(), kTaskRows, [&](int64_t begin, int64_t end) {
    for (int j = 0; j < table.columns(); ++j) {
      const auto part = table.arrow()->column(j)->Slice(begin, end - begin);
      add_column(*part, schema[static_cast<size_t>(j)].type, hashes.data() + begin);
    }
  });
  std::sort(hashes.begin(), hashes.end());
  const auto last = std::unique(hashes.begin(), hashes.end());
  return hashes.end() - last;
}

}  // namespace crisp
