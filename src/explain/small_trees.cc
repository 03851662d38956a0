#include "explain/small_trees.h"

#include <cmath>

#include "cuda/error.h"
#include "train/explainable.h"

namespace crisp {
namespace {

/// The texts of a column beside the codes that the model reads for them.
std::vector<std::string> texts_of_codes(const Table& rows, const std::string& column, const Matrix& features, int64_t feature, int64_t codes) {
  std::vector<std::string> texts;
  for (int64_t code = 0; code < codes; ++code) texts.push_back(concat(code));
  const std::vector<std::string> values = rows.texts(column);
  const std::vector<uint8_t> missing = rows.missing(column);
  for (size_t row = 0; row < values.size(); ++row) {
    const auto code = static_cast<double>(features.view().at(static_cast<int64_t>(row), feature));
    // Code 0 is whatever training did not have.
    if (!missing[row] && code >= 1 && code < static_cast<double>(codes)) texts[static_cast<size_t>(code)] = values[row];
  }
  return texts;
}

}  // namespace

std::vector<std::vector<std::string>> small_trees(const PredictionPipeline& pipeline, const Table& rows, const Matrix& features,
                                                  const std::vector<InputColumn>& inputs) {
  const CategoryCounts categories = pipeline.recipe().categories();
  std::vector<RuleColumn> columns;
  for (const std::string& name : pipeline.features()) columns.push_back({.name = name});
  for (const InputColumn& input : inputs) {
    for (const int64_t j : input.features) {
      RuleColumn& column = columns[static_cast<size_t>(j)];
      const auto codes = categories.find(column.name);
      if (input.given && codes != categories.end()) column.categories = texts_of_codes(rows, input.name, features, j, codes->second);
    }
  }
  return pipeline.model().explainable()->rules(columns);
}

}  // namespace crisp
