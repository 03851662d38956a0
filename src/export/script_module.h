/// A pipeline as one TorchScript module: the row-wise rest of its recipe, and its model.
///
/// forward(x: Tensor[N, columns]): a column that holds numbers, flags (0 and 1) or timestamps (seconds since
/// 1970) as they are, a column of texts as codes; NaN is missing. Gives for a detector (score, is_anomaly),
/// for a regression the prediction, for classes (the class's place in `classes`, the probability of each). A
/// row that crisp would drop or refuse is answered NaN, false and -1. encode(columns: Dict[str, List[str]])
/// makes such a tensor of texts.
/// A forecast takes a batch of windows, Tensor[N, lookback, columns], or one series, Tensor[rows, columns] in the order of time,
/// and forecasts from each row that has a window behind it: Tensor[N or rows - lookback + 1, horizon].
#pragma once

#include <string>
#include <vector>

#include "export/exported.h"
#include "train/script_file.h"

namespace crisp {

struct ScriptOutput {
  std::string name;
  std::string type;   ///< "float64", "int64", "bool"
  int64_t width = 0;  ///< numbers of a row; 0: one, without a dimension of its own
};

struct ScriptModule {
  ScriptFile file;
  size_t first = 0;                 ///< the step of the recipe from which on the module does it
  Table table;                      ///< without rows: the columns that step `first` is given
  std::vector<ColumnInfo> columns;  ///< those of them that the module reads, in the order of its input
  std::vector<std::vector<std::string>>
      dictionaries;  ///< one a column: the text of each code; empty for numbers
  std::vector<ScriptOutput> outputs;
  int64_t steps = 0;                  ///< of a forecast: rows of a window
  std::vector<std::string> left_out;  ///< steps of the recipe that do not travel
};

/// Code::unavailable naming the step or the model that has no TorchScript form.
ScriptModule script_module(Exec& exec, const Exported& source);

}  // namespace crisp
