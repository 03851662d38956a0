/// Rows in memory that are given out in groups, as those of a file are.
#pragma once

#include <atomic>
#include <numeric>
#include <set>

#include "cuda/error.h"
#include "nets.h"
#include "train/row_stream.h"

namespace crisp {

class MemoryStream : public RowStream {
 public:
  MemoryStream(const Rows& rows, std::vector<int64_t> groups, int64_t window_rows) : rows_(rows), groups_(std::move(groups)), window_rows_(window_rows) {
    CRISP_ASSERT(std::accumulate(groups_.begin(), groups_.end(), int64_t{0}) == rows.matrix.rows());
    for (const float label : rows.target) ++classes_[label > 0.5f ? 1 : 0];
  }

  std::span<const int64_t> groups() const override { return groups_; }
  std::span<const int64_t> classes() const override { return classes_; }
  int64_t window_rows() const override { return window_rows_; }
  int64_t columns() const override { return rows_.matrix.columns(); }
  Json identity() const override { return {{"window_rows", window_rows_}}; }
  StreamedRows read(int64_t group) const override {
    if (group == damaged) fail(Code::data, "row group ", group, " is damaged");
    read_groups.insert(group);
    const RowListOf own = rows_of(group);
    return {rows_.matrix.take(own), targets(group)};
  }
  std::vector<float> targets(int64_t group) const override {
    std::vector<float> out;
    for (const int64_t row : rows_of(group)) out.push_back(rows_.target[static_cast<size_t>(row)]);
    return out;
  }

  mutable std::multiset<int64_t> read_groups;
  std::atomic<int64_t> damaged = -1;

 private:
  using RowListOf = std::vector<int64_t>;
  RowListOf rows_of(int64_t group) const {
    const int64_t begin = std::accumulate(groups_.begin(), groups_.begin() + group, int64_t{0});
    RowListOf out(static_cast<size_t>(groups_[static_cast<size_t>(group)]));
    std::iota(out.begin(), out.end(), begin);
    return out;
  }

  const Rows& rows_;
  std::vector<int64_t> groups_, classes_ = {0, 0};
  int64_t window_rows_;
};

}  // namespace crisp
