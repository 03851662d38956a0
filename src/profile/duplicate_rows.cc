#include "profile/duplicate_rows.h"

#include <vector>

#include "profile/arrow_cells.h"
#include "profile/cell_hash.h"

namespace crisp {
namespace {

constexpr int64_t kTaskRows = int64_t{1} << 14;
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

void DuplicateRows::add(Exec& exec, const Table& batch) {
  if (batch.columns() == 0) return;
  std::vector<uint64_t> hashes(static_cast<size_t>(batch.rows()));
  const std::vector<ColumnInfo> schema = batch.schema();
  exec.threads().for_ranges(batch.rows(), kTaskRows, [&](int64_t begin, int64_t end) {
    for (int j = 0; j < batch.columns(); ++j) {
      const auto part = batch.arrow()->column(j)->Slice(begin, end - begin);
      add_column(*part, schema[static_cast<size_t>(j)].type, hashes.data() + begin);
    }
  });
  for (const uint64_t hash : hashes) rows_.add(hash);
}

}  // namespace crisp
