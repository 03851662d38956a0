#include "kernels/forest/traverse.h"

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/forest/choose_layout.h"
#include "kernels/forest/mask_sum.h"
#include "kernels/forest/node_table.h"
#include "kernels/forest/traverse_gpu.h"
#include "kernels/forest/walk.h"

namespace crisp {

struct Forest::Layout {
  forest::NodeTable table;
  forest::SumLayout chosen;  // on the CPU
  std::shared_ptr<const gpu::ForestNodes> resident;  // on the GPU that it was made for
};

namespace {

constexpr int64_t kTaskRows = 4096;
static_assert(kTaskRows % forest::kMaskRows == 0);

void check_rows(const Forest& forest, MatrixView<const float> rows, int64_t out_rows, int64_t out_columns, int64_t columns) {
  CRISP_REQUIRE(rows.columns == forest.columns(), Code::data, "the rows have ", rows.columns, " columns, the trees were made for ",
                forest.columns());
  CRISP_ASSERT(out_rows == rows.rows && out_columns == columns);
}

/// Whole blocks by masks, and the rest where there is enough of it to be worth one.
void sum_rows(const forest::NodeTable& table, const forest::SumLayout& layout, MatrixView<const float> rows, int64_t begin, int64_t end,
              MatrixView<double> out) {
  int64_t walk_from = begin;
  if (layout.masks) {
    const int64_t rest = (end - begin) % forest::kMaskRows;
    walk_from = rest >= layout.least_rows ? end : end - rest;
    forest::mask_sum(*layout.masks, rows, begin, walk_from, out);
  }
  forest::walk_sum(table, rows, walk_from, end, out);
}

}  // namespace

Forest::Forest(Exec& exec, const TreesView& trees) : layout_(std::make_unique<Layout>()) {
  layout_->table = forest::make_node_table(trees);
  if (exec.is_cuda()) {
    layout_->resident = gpu::upload_nodes(exec, layout_->table);
  } else {
    layout_->chosen = forest::choose_layout(layout_->table);
  }
}

Forest::~Forest() = default;
Forest::Forest(Forest&&) noexcept = default;
Forest& Forest::operator=(Forest&&) noexcept = default;

int64_t Forest::columns() const { return layout_->table.columns; }
int64_t Forest::outputs() const { return layout_->table.outputs; }
int64_t Forest::trees() const { return layout_->table.trees(); }

void Forest::sum(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const {
  check_rows(*this, rows, out.rows, out.columns, outputs());
  const NvtxRange range("forest.sum");
  CRISP_ASSERT(exec.is_cuda() == (layout_->resident != nullptr));
  if (exec.is_cuda()) return gpu::sum_forest(exec, *layout_->resident, rows, out);
  exec.threads().for_ranges(rows.rows, kTaskRows,
                            [&](int64_t begin, int64_t end) { sum_rows(layout_->table, layout_->chosen, rows, begin, end, out); });
}

void Forest::sum_row(const float* row, double* out) const { forest::walk_sum_row(layout_->table, row, out); }

void Forest::leaves(Exec& exec, MatrixView<const float> rows, MatrixView<int32_t> out) const {
  check_rows(*this, rows, out.rows, out.columns, trees());
  const NvtxRange range("forest.leaves");
  CRISP_ASSERT(exec.is_cuda() == (layout_->resident != nullptr));
  if (exec.is_cuda()) return gpu::leaves_of_forest(exec, *layout_->resident, rows, out);
  exec.threads().for_ranges(rows.rows, kTaskRows,
                            [&](int64_t begin, int64_t end) { forest::walk_leaves(layout_->table, rows, begin, end, out); });
}

}  // namespace crisp
