/// A pipeline as a bundle on disk, and back.
#pragma once

#include <string>
#include <vector>

#include "read/read.h"
#include "train/pipeline.h"

namespace crisp {

/// What the manifest says besides the pipeline itself.
struct BundleFacts {
  std::vector<ColumnInfo> input;  ///< the raw columns that the recipe was given
  CsvOptions reading;             ///< how they were read
  Json metrics = Json::object();
  std::string data_fingerprint;
  std::string name;               ///< title of the card
};

/// Writes the bundle into an existing folder; the manifest comes last. The same inputs give the same bytes.
void write_pipeline(const std::string& directory, const Pipeline& pipeline, const BundleFacts& facts);

/// A saved pipeline, and the raw columns that it was trained on.
struct SavedPipeline {
  Pipeline pipeline;
  std::vector<ColumnInfo> input;
  CsvOptions reading;

  /// How to read new rows so that they mean what the training rows meant: the same spellings of missing values and times; a
  /// blank column keeps its type, a group "1" stays a whole number. A feature of whole numbers may hold fractions now.
  ReadRequest request(const std::string& path) const;

  /// Pipeline::score of new raw rows. What their preparation does not find is bad data here, not somebody's configuration:
  /// Code::data naming the columns that the training rows had and these lack.
  Scored score(Exec& exec, const Table& raw, StepLog& log) const;
};

/// Reads and checks a bundle. Code::no_input where there is none, Code::data naming file and place where it is damaged.
SavedPipeline open_pipeline(const std::string& path, const Registry& registry);

}  // namespace crisp
