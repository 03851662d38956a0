/// Parquet files as the row groups that they are made of: a table that is read in parts, in any order and often.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "read/read.h"

namespace crisp {

class RowGroups {
 public:
  /// Nothing where the path cannot be read so; `why` then says it: no Parquet, a pipe, files of different columns. Errors are those of
  /// read_table().
  static std::optional<RowGroups> open(const ReadRequest& request, std::string& why);
  RowGroups(RowGroups&&) noexcept;
  ~RowGroups();

  const std::vector<ColumnInfo>& columns() const;  ///< without counts of missing values
  const ReadReport& report() const;
  int64_t size() const { return static_cast<int64_t>(groups_.size()); }
  int64_t rows() const;
  int64_t rows(int64_t group) const { return groups_[static_cast<size_t>(group)].rows; }
  /// Rows of the table before the group.
  int64_t begin(int64_t group) const { return groups_[static_cast<size_t>(group)].begin; }
  /// "data.parquet, row group 3": counted from 0, as Parquet tools do.
  std::string name(int64_t group) const;

  /// The group with all columns of the request, or `columns` of them. From one thread at a time. Code::data naming file and group where
  /// it is damaged, or the file is not what it was.
  Table read(int64_t group, const std::vector<std::string>& columns = {}) const;
  Table no_rows() const;
  /// SHA-256 of the files' bytes.
  std::string sha256() const;
  /// Quickly told: where rows and bytes of each group are the same.
  uint64_t shape() const;

 private:
  struct Files;
  struct Group {
    size_t file = 0;
    int place = 0;
    int64_t begin = 0, rows = 0, bytes = 0;
  };
  explicit RowGroups(const ReadRequest& request);

  std::unique_ptr<Files> files_;
  std::vector<Group> groups_;
};

}  // namespace crisp
