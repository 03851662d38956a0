/// A recipe whose columns are exported one by one: a model that answers with the column itself.
#pragma once

#include <cmath>
#include <string>

#include "cuda/error.h"
#include "export/verify.h"
#include "prepare/categories.h"
#include "train/net_library.h"

namespace crisp {

/// Whether the plug-in can be opened here.
inline bool has_torch() {
  try {
    net_library();
    return true;
  } catch (const Error&) {
    return false;
  }
}

class Scripted {
 public:
  Scripted(const Json& steps, const Table& train) : input_{train.schema(), {}} {
    const Recipe recipe = Recipe::parse(steps);
    StepLog unasked;
    recipe_ = recipe.fit(exec_, recipe.run_stateless(exec_, train, unasked));
  }

  Exported exported(const std::string& feature) const {
    Exported out;
    out.recipe = &recipe_;
    out.input = input_;
    out.features = {feature};
    out.task = Task::regression;
    out.about = {{"model", "none"}, {"task", "regression"}};
    out.script = [](TorchScript&, const std::string& rows, const std::string&) { return rows + ".to(7)"; };
    out.score = [](Exec&, const Matrix& rows, std::span<const std::string>) {
      std::vector<double> values;
      for (int64_t i = 0; i < rows.rows(); ++i) values.push_back(rows.view().at(i, 0));
      return values;
    };
    return out;
  }

  Comparison compared(const std::string& feature, const Table& table) const {
    const Exported source = exported(feature);
    const ScriptModule module = script_module(exec_, source);
    const auto runner = net_library().open_script(net_library().save_script(module.file));
    StepLog unasked;
    return compare(exec_, source, module, *runner,
                   recipe_.run_steps(exec_, table, 0, module.first, false, unasked));
  }

 private:
  mutable Exec exec_{Device::cpu(), 1};
  SavedInput input_;
  FittedRecipe recipe_;
};

/// The table with a missing text, one that training did not have, and missing numbers.
inline Table with_oddities(Table table) {
  const std::vector<std::string> texts = {"x", "unseen", "y"};
  table = with_labels(table, "c", {-1, 0, 1, 1, 2, -1, 0, 2}, texts);
  std::vector<double> numbers = table.numbers("a");
  numbers[2] = std::nan("");
  numbers[5] = -3.5;
  return table.with_numbers("a", numbers);
}

}  // namespace crisp
