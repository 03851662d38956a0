/// What the bundles of all pipelines have in common: their files, and how new rows are to be read.
#pragma once

#include <string>
#include <vector>

#include "core/bundle.h"
#include "core/tensors.h"
#include "read/read.h"

namespace crisp {

/// What the manifest says besides the pipeline itself.
struct BundleFacts {
  std::vector<ColumnInfo> input;  ///< the raw columns that the recipe was given
  CsvOptions reading;             ///< how they were read
  Json metrics = Json::object();
  std::string data_fingerprint;
  std::string name;               ///< title of the card
};

/// Columns, reading, metrics and lineage; `output`: the columns of the answer.
void add_facts(Json& manifest, const BundleFacts& facts, const std::vector<std::string>& output);

/// Writes the files into an existing folder; the manifest comes last. The same inputs give the same bytes.
void write_bundle(const std::string& directory, Json manifest, const Tensors& weights, const Json& recipe, const Json& reference,
                  const std::string& card);

/// A name from a file as text of a card: it must not become markup.
std::string as_markdown(const std::string& text);

/// The raw columns that a pipeline was trained on, and how they were read.
struct SavedInput {
  std::vector<ColumnInfo> columns;
  CsvOptions reading;

  static SavedInput from_manifest(const Json& manifest);

  /// How to read new rows so that they mean what the training rows meant: the same spellings of missing values and times; a
  /// blank column keeps its type, a group "1" stays a whole number. Those of `numbers` that held whole numbers may hold
  /// fractions now.
  ReadRequest request(const std::string& path, const std::vector<std::string>& numbers) const;

  /// The names of the columns that the training rows had and these lack, but for `unasked`: "'a', 'b'".
  std::string absent(const Table& raw, const std::string& unasked) const;

  /// Calls body(). What the preparation of new rows does not find is bad data, not somebody's configuration: Code::data naming
  /// the columns that are absent. `unasked`: the target, where new rows need not have it.
  template <class Body>
  auto telling_absent(const Table& raw, Body body, const std::string& unasked = {}) const {
    try {
      return body();
    } catch (const Error& error) {
      if (error.code() != Code::config && error.code() != Code::data) throw;
      const std::string names = absent(raw, unasked);
      throw Error(Code::data, error.what(),
                  names.empty() ? error.hint() : concat("give rows that also have ", names, ": the model was made from such"));
    }
  }
};

/// The files of a bundle, parsed.
struct BundleParts {
  Tensors weights;
  Json recipe, reference;
};

/// Code::data where one is missing or damaged.
BundleParts parts_of(const Bundle& bundle);

/// Calls body(parts). Whatever a damaged or foreign bundle asks for is bad data here, not somebody's configuration.
template <class Body>
auto read_bundle(const Bundle& bundle, Body body) {
  try {
    return body(parts_of(bundle));
  } catch (const Error& error) {
    throw Error(error.code() == Code::config ? Code::data : error.code(), concat(bundle.path(), ": ", error.what()), error.hint());
  }
}

}  // namespace crisp
