#include "nn/exchange.h"

#include <algorithm>
#include <vector>

#include "core/interrupt.h"
#include "kernels/training/optimiser.h"

namespace crisp::nn {
namespace {

/// Columns that go from process to process at once: while one adds to them, the one before it sends the next.
constexpr int64_t kPiece = 1 << 16;

std::span<float> row_of(const MatrixView<float>& matrix, int64_t row) {
  return {matrix.row(row), static_cast<size_t>(matrix.columns)};
}

/// A GPU's rows on the host.
class HostRows {
 public:
  HostRows(Exec& exec, MatrixView<float> rows)
      : values_(static_cast<size_t>(rows.rows * rows.columns)), view_{values_.data(), rows.rows, rows.columns, rows.columns} {
    const size_t width = static_cast<size_t>(rows.columns) * sizeof(float);
    copy_rows(exec, view_.data, width, rows.data, static_cast<size_t>(rows.ld) * sizeof(float), width, rows.rows);
    exec.synchronize();
  }
  MatrixView<float> view() const { return view_; }

 private:
  std::vector<float> values_;
  MatrixView<float> view_;
};

/// Into row 0, in order.
void add_on_host(MatrixView<float> rows) {
  for (int64_t i = 1; i < rows.rows; ++i) {
    for (int64_t j = 0; j < rows.columns; ++j) rows.at(0, j) += rows.at(i, j);
  }
}

}  // namespace

void Exchange::sum(std::span<double> values, const std::function<void()>& add, const std::function<void()>& there,
                   const std::function<void()>& back) {
  if (!peers_) return add();
  const int rank = peers_->rank(), last = peers_->size() - 1;
  // The wish to stop travels with the sum, so that all stop after the same step.
  std::vector<double> sent(values.size() + 1);
  const auto bytes = std::as_writable_bytes(std::span(sent));
  if (rank > 0) peers_->receive(rank - 1, bytes);
  std::copy_n(sent.begin(), values.size(), values.begin());
  add();
  std::copy(values.begin(), values.end(), sent.begin());
  sent.back() = std::max(sent.back(), static_cast<double>(interrupt_signal()));
  if (rank < last) peers_->send(rank + 1, bytes);
  there();
  try {
    peers_->broadcast(last, bytes);
  } catch (const LostPeer&) {
    if (gather_) gather_->abort();
    throw;
  }
  back();
  std::copy_n(sent.begin(), values.size(), values.begin());
  stop_signal_ = static_cast<int>(sent.back());
}

void Exchange::sum(Exec& exec, ArrayView<double> values, const std::function<void()>& add) {
  if (!peers_) return add();
  if (!exec.is_cuda()) return sum({values.data, static_cast<size_t>(values.size)}, add);
  std::vector<double> here(static_cast<size_t>(values.size));
  const size_t bytes = here.size() * sizeof(double);
  sum(here, [&] {
    copy_bytes(exec, values.data, here.data(), bytes);
    add();
    copy_bytes(exec, here.data(), values.data, bytes);
  });
  copy_bytes(exec, values.data, here.data(), bytes);
}

void Exchange::sum(std::span<double> values, const std::function<void()>& add, Exec& exec, MatrixView<float> rows, bool carried) {
  CRISP_ASSERT(peers_);
  const auto add_rows = [&](MatrixView<float> piece) { crisp::sum_gradients(exec, piece); };
  const auto broadcast = [&](MatrixView<float> all) {
    peers_->broadcast(peers_->size() - 1, std::as_writable_bytes(row_of(all, 0)));
  };
  if (!exec.is_cuda()) {
    return sum(values, add, [&] { pass_gradients(rows, carried, add_rows); }, [&] { broadcast(rows); });
  }
  if (gather_) return sum(values, add, [&] { gather_gradients(exec, rows, carried); }, [] {});
  HostRows here(exec, rows);
  sum(values, add, [&] { pass_gradients(here.view(), carried, add_on_host); }, [&] { broadcast(here.view()); });
  copy_bytes(exec, rows.row(0), here.view().row(0), static_cast<size_t>(rows.columns) * sizeof(float));
}

/// Every GPU gets all processes' sums and adds them in the order of ranks: the same bits everywhere, as through the hosts. A row of them
/// more for each process, where a ring of partial sums would carry two at most.
void Exchange::gather_gradients(Exec& exec, MatrixView<float> rows, bool carried) {
  CRISP_ASSERT(rows.rows <= 2);
  const int64_t columns = rows.columns;
  const size_t bytes = static_cast<size_t>(columns) * sizeof(float);
  if (all_.size() < (size() + 1) * columns) all_ = DeviceBuffer<float>(exec, (size() + 1) * columns);
  const MatrixView<float> all{all_.data(), size() + 1, columns, columns};  // row 0: what is carried
  const float* own = rows.row(1);
  if (rows.rows == 1) {  // no part of this batch is ours
    own = all.row(1 + peers_->rank());
    fill_bytes(exec, all.row(1 + peers_->rank()), 0, bytes);
  }
  gather_->gather(exec, own, all.row(1), columns);
  const int64_t begin = carried ? 0 : 1;
  if (carried) copy_bytes(exec, all.row(0), rows.row(0), bytes);
  crisp::sum_gradients(exec, {all.row(begin), all.rows - begin, columns, columns}, nullptr);
  copy_bytes(exec, rows.row(0), all.row(begin), bytes);
}

void Exchange::pass_gradients(MatrixView<float> rows, bool carried, const std::function<void(MatrixView<float>)>& add_rows) {
  const int rank = peers_->rank(), last = peers_->size() - 1;
  // Of the first process the sum begins with its own first part, as in one process alone; 0 plus it would lose the sign of a zero.
  const int64_t begin = rank == 0 && !carried ? 1 : 0;
  for (int64_t at = 0; at < rows.columns; at += kPiece) {
    const MatrixView<float> piece{rows.row(begin) + at, rows.rows - begin, std::min(kPiece, rows.columns - at), rows.ld};
    if (rank > 0) peers_->receive(rank - 1, std::as_writable_bytes(row_of(piece, 0)));
    if (piece.rows > 1) add_rows(piece);
    if (rank < last) peers_->send(rank + 1, std::as_bytes(row_of(piece, 0)));
  }
}

int Exchange::stop_signal() const { return peers_ ? stop_signal_ : interrupt_signal(); }

}  // namespace crisp::nn
