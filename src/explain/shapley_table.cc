#include "cuda/error.h"
#include "explain/explanation.h"

namespace crisp {

Table shapley_table(const Explanation& explanation) {
  const ShapleyValues& shapley = *explanation.shapley;
  Table table = Table().with_integers("row", explanation.numbers);
  if (!shapley.classes.empty()) table = table.with_texts("class", shapley.classes);
  table = table.with_numbers("margin", shapley.margin).with_numbers("expected", shapley.expected);
  for (size_t c = 0; c < shapley.columns; ++c) {
    std::vector<double> values;
    for (size_t row = 0; row < shapley.rows(); ++row) values.push_back(shapley.at(row, c));
    table = table.with_numbers(concat("shap_", explanation.columns[c].column.name), values);
  }
  return table;
}

}  // namespace crisp
