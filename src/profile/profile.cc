#include "profile/profile.h"

#include "core/progress.h"
#include "cuda/nvtx.h"
#include "profile/alerts.h"
#include "profile/column_scan.h"
#include "profile/duplicate_rows.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

/// The kernels of a GPU take one column after the other; on the CPU each thread takes one.
void add_to_columns(Exec& exec, const Table& batch, std::vector<ColumnScan>& columns) {
  const auto add = [&](int64_t j) {
    const auto i = static_cast<size_t>(j);
    if (columns[i].wants_more()) columns[i].add(exec, *batch.arrow()->column(static_cast<int>(j)));
  };
  if (!exec.is_cuda()) return exec.threads().run(batch.columns(), add);
  for (int64_t j = 0; j < batch.columns(); ++j) add(j);
}

}  // namespace

int64_t TableProfile::missing() const {
  int64_t sum = 0;
  for (const ColumnProfile& column : columns) sum += column.missing;
  return sum;
}

double TableProfile::missing_share() const {
  const double cells = static_cast<double>(rows) * static_cast<double>(columns.size());
  return cells > 0 ? static_cast<double>(missing()) / cells : 0.0;
}

TableProfile profile_table(Exec& exec, const TableScan& scan) {
  const NvtxRange range("profile_table");
  TableProfile out;
  out.rows = scan.rows();
  for (const ColumnInfo& info : scan.columns()) {
    ColumnProfile& column = out.columns.emplace_back();
    column.name = info.name;
    column.type = info.type;
  }
  std::vector<ColumnScan> columns(out.columns.begin(), out.columns.end());
  DuplicateRows duplicates;
  bool first = true, more = true;
  while (more) {
    Progress progress("profile", out.rows, "rows");
    scan.for_each_batch([&](const Table& batch) {
      if (first) duplicates.add(exec, batch);
      add_to_columns(exec, batch, columns);
      progress.step(batch.rows());
    });
    first = more = false;
    for (ColumnScan& column : columns) {
      if (!column.wants_more()) continue;
      column.end_pass();
      more = more || column.wants_more();
    }
  }
  out.duplicates = duplicates.count();
  out.duplicates_exact = duplicates.exact();
  out.alerts = find_alerts(out);
  return out;
}

TableProfile profile_table(Exec& exec, const Table& table) { return profile_table(exec, TableScan(table)); }

}  // namespace crisp
