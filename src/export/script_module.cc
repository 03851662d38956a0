#include "export/script_module.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "prepare/script_columns.h"

namespace crisp {
namespace {

/// torch.tensor() of reals goes by way of 32 bits, fill_() does not.
constexpr const char* kEncode = R"(
def encode(self, columns: Dict[str, List[str]]) -> Tensor:
    parts: List[Tensor] = []
    for name in self.columns:
        assert name in columns, 'encode: there is no column ' + name
        cells = columns[name]
        values = torch.full([len(cells)], float('nan'), dtype=7)
        if name in self.dictionaries:
            codes = self.dictionaries[name]
            values = torch.tensor([codes.get(cell, -1) for cell in cells], dtype=4).to(7)
            for i in range(len(cells)):
                if cells[i] in self.missing:
                    values[i].fill_(float('nan'))
        else:
            for i in range(len(cells)):
                if cells[i] not in self.missing:
                    values[i].fill_(float(cells[i]))
        parts.append(values)
    return torch.stack(parts, 1)
)";

/// Rows as the model's windows, whether they came as windows or as a series.
constexpr const char* kWindows = R"(
def windows(self, x: Tensor, rows: Tensor, steps: int) -> Tensor:
    if x.dim() == 3:
        return rows.reshape([x.size(0), steps * rows.size(1)])
    return rows.unfold(0, steps, 1).transpose(1, 2).reshape([x.size(0) - steps + 1, steps * rows.size(1)])
)";

/// The raw columns, without rows.
Table no_rows(const std::vector<ColumnInfo>& columns) {
  Table table;
  for (const ColumnInfo& column : columns) {
    switch (column.type) {
      case ColumnType::boolean:
        table = table.with_booleans(column.name, {});
        break;
      case ColumnType::integer:
        table = table.with_integers(column.name, {});
        break;
      case ColumnType::real:
        table = table.with_numbers(column.name, {});
        break;
      case ColumnType::text:
        table = table.with_texts(column.name, {});
        break;
      case ColumnType::timestamp:
        table = table.with_timestamps(column.name, {});
        break;
    }
  }
  return table;
}

class ModuleWriter {
 public:
  ModuleWriter(Exec& exec, const Exported& source) : exec_(exec), source_(source) {}

  ScriptModule write() {
    begin();
    const std::string features = prepare();
    const std::string answer = answers(kept_, scores(features));
    finish(answer);
    describe();
    return std::move(module_);
  }

 private:
  /// The columns that come to the first step that travels: found by sending no rows through those before it.
  void begin() {
    const FittedRecipe& recipe = *source_.recipe;
    module_.first = recipe.row_wise_from();
    module_.steps = source_.steps;
    StepLog unasked;
    module_.table = recipe.run_steps(exec_, no_rows(source_.input.columns), 0, module_.first, false, unasked);
    for (size_t i = 0; i < recipe.size(); ++i) {
      if (i < module_.first || recipe.reach(i) == Reach::order) module_.left_out.push_back(recipe.title(i));
    }
  }

  std::string let(const std::string& expression) { return script_.let(expression); }

  /// The rest of the recipe, and the matrix that the model reads.
  std::string prepare() {
    const FittedRecipe& recipe = *source_.recipe;
    columns_ = std::make_unique<ScriptColumns>(script_, module_.table.schema());
    const size_t tail = std::max(module_.first, recipe.stateless_steps());
    const Table middle = recipe.script_steps(exec_, module_.table, module_.first, tail, *columns_);
    if (!source_.per.empty()) group_ = place_of_group();
    recipe.script_steps(exec_, middle, tail, recipe.size(), *columns_);
    std::string list;
    for (const std::string& name : source_.features) list += columns_->at(name).code + ", ";
    const std::string features = let(concat("torch.stack([", list, "], 1).to(6)"));
    kept_ = let(source_.missing ? concat("~torch.isinf(", features, ").any(1)")
                                : concat("torch.isfinite(", features, ").all(1)"));
    for (const std::string& required : columns_->required()) kept_ = let(concat(kept_, " & ", required));
    const std::string filled = let(concat(features, ".masked_fill(~", kept_, ".unsqueeze(1), 0.0)"));
    if (source_.steps == 0) return filled;
    script_.method(kWindows);
    const auto windows = [&](const std::string& rows) { return concat("self.windows(x, ", rows, ", ", source_.steps, ")"); };
    kept_ = let(concat(windows(kept_ + ".unsqueeze(1)"), ".all(1)"));
    return let(windows(filled));
  }

  std::string place_of_group() {
    const std::string place = columns_->place(columns_->at(source_.per), source_.groups);
    const auto nameless = std::find(source_.groups.begin(), source_.groups.end(), "");
    const auto missing =
        nameless == source_.groups.end() ? -1.0 : static_cast<double>(nameless - source_.groups.begin());
    return let(concat(place, ".masked_fill(torch.isnan(", place, "), ", script_number(missing), ")"));
  }

  std::string scores(const std::string& features) {
    const std::string given = let(source_.script(script_, features, group_));
    return let(concat(given, ".masked_fill(~", kept_, ".unsqueeze(1), float('nan'))"));
  }

  std::string answers(const std::string& kept, const std::string& scores) {
    if (source_.task == Task::classification) {
      module_.outputs = {{"prediction", "int64", 0}, {"probability", "float64", source_.outputs}};
      return concat("    return torch.argmax(", scores, ", 1).masked_fill(~", kept, ", -1), ", scores, "\n");
    }
    if (source_.task == Task::regression) {
      module_.outputs = {{"prediction", "float64", 0}};
      return concat("    return ", scores, ".flatten()\n");
    }
    if (source_.task == Task::forecast) {
      module_.outputs = {{"prediction", "float64", source_.outputs}};
      return concat("    return ", scores, "\n");
    }
    module_.outputs = {{"score", "float64", 0}, {"is_anomaly", "bool", 0}};
    return concat("    return ", scores, ".flatten(), ", scores, ".flatten() > ",
                  script_number(source_.cutoff), "\n");
  }

  void finish(const std::string& answer) {
    for (const ScriptColumns::Input& input : columns_->inputs(answer)) {
      script_.define(input.value.code, concat("rows[", module_.columns.size(), "]"));
      module_.columns.push_back(input.column);
      module_.dictionaries.push_back(input.value.words ? input.value.words->texts()
                                                       : std::vector<std::string>());
    }
    CRISP_REQUIRE(!module_.columns.empty(), Code::unavailable,
                  "the model reads no column: it answers every row alike");
    const std::string input =
        concat(source_.steps == 0 ? rows_of_table() : rows_of_windows(), "    nought = torch.zeros([rows.size(1)], dtype=7, device=x.device)\n");
    const char* type = module_.outputs.size() == 1 ? "Tensor" : "Tuple[Tensor, Tensor]";
    module_.file.source = script_.source(type, input, answer) + kEncode;
    module_.file.arrays = script_.arrays_of(module_.file.source);
  }

  std::string rows_of_table() const {
    return concat("    assert x.dim() == 2 and x.size(1) == ", module_.columns.size(),
                  ", 'forward: x needs as many columns as self.columns names: ", module_.columns.size(), "'\n",
                  "    rows = x.to(7).t().contiguous()\n");
  }

  std::string rows_of_windows() const {
    const std::string steps = concat(source_.steps), columns = concat(module_.columns.size());
    return concat("    assert (x.dim() == 3 and x.size(1) == ", steps, " or x.dim() == 2 and x.size(0) >= ", steps, ") and x.size(-1) == ", columns,
                  ", 'forward: x is [windows, ", steps, ", ", columns, "], or a series of at least ", steps, " rows of ", columns, " columns'\n",
                  "    rows = x.reshape([-1, ", columns, "]).to(7).t().contiguous()\n");
  }

  static void add_flags(std::vector<std::pair<std::string, int64_t>>& entries) {
    for (const char* text : {"true", "True", "TRUE", "1", "yes", "y", "t"}) entries.emplace_back(text, 1);
    for (const char* text : {"false", "False", "FALSE", "0", "no", "n", "f"}) entries.emplace_back(text, 0);
  }

  void describe() {
    Json columns = Json::array(), outputs = Json::array();
    std::vector<std::string> names;
    for (size_t k = 0; k < module_.columns.size(); ++k) {
      const ColumnInfo& column = module_.columns[k];
      names.push_back(column.name);
      columns.push_back({{"name", column.name}, {"type", column_type_name(column.type)}});
      if (column.type == ColumnType::boolean) add_flags(module_.file.dictionaries[column.name]);
      if (column.type != ColumnType::text) continue;
      auto& entries = module_.file.dictionaries[column.name];
      for (const std::string& text : module_.dictionaries[k])
        entries.emplace_back(text, static_cast<int64_t>(entries.size()));
      columns.back()["dictionary"] = module_.dictionaries[k];
    }
    for (const ScriptOutput& output : module_.outputs) {
      Json shape = output.width == 0 ? Json{"N"} : Json{"N", output.width};
      outputs.push_back({{"name", output.name}, {"type", output.type}, {"shape", std::move(shape)}});
    }
    std::vector<std::string> missing = source_.input.reading.missing;
    if (std::find(missing.begin(), missing.end(), "") == missing.end()) missing.emplace_back();
    module_.file.texts = {{"columns", names}, {"classes", source_.classes}, {"missing", missing}};
    Json schema = {{"schema", "crisp.torchscript/1"},
                   {"crisp_version", CRISP_VERSION},
                   {"model", source_.about["model"]},
                   {"task", source_.about["task"]},
                   {"columns", columns},
                   {"outputs", outputs},
                   {"left_out", module_.left_out}};
    if (source_.task == Task::forecast) schema["forecast"] = source_.about["forecast"];
    if (source_.task == Task::anomaly) schema["cutoff"] = source_.cutoff;
    if (source_.task == Task::classification) schema["classes"] = source_.classes;
    module_.file.extra["schema.json"] = to_text(schema, 1);
  }

  Exec& exec_;
  const Exported& source_;
  ScriptModule module_;
  TorchScript script_;
  std::unique_ptr<ScriptColumns> columns_;
  std::string group_, kept_;
};

}  // namespace

ScriptModule script_module(Exec& exec, const Exported& source) { return ModuleWriter(exec, source).write(); }

}  // namespace crisp
