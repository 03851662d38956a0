/// Training rows that need not fit into memory: they lie in groups, and are read and prepared a group at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/json.h"
#include "table/matrix.h"

namespace crisp {

/// What is read of a group: its training rows in their order, ready for the model, and their targets.
struct StreamedRows {
  Matrix rows;
  std::vector<float> target;
};

class RowStream {
 public:
  virtual ~RowStream() = default;
  /// Training rows of each group; a group may have none.
  virtual std::span<const int64_t> groups() const = 0;
  /// Classification: training rows of each class; else none.
  virtual std::span<const int64_t> classes() const = 0;
  /// The most rows that a window of groups may have; a group never has more.
  virtual int64_t window_rows() const = 0;
  virtual int64_t columns() const = 0;
  /// What tells these rows from others.
  virtual Json identity() const = 0;
  /// From one thread at a time. Code::data naming the group where it cannot be read or is not what it was.
  virtual StreamedRows read(int64_t group) const = 0;
  virtual std::vector<float> targets(int64_t group) const = 0;

  /// Training rows of all groups.
  int64_t rows() const;
};

}  // namespace crisp
