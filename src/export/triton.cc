#include "export/triton.h"

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr int kMostRows = 4096;  // of a batch

std::string type_name(const std::string& type) {
  return type == "bool" ? "TYPE_BOOL" : type == "int64" ? "TYPE_INT64" : "TYPE_FP64";
}

/// A tensor without a dimension beside the rows needs one in the configuration, which is taken away again.
std::string output_text(const ScriptOutput& output, size_t place) {
  const std::string dims =
      output.width == 0 ? "[ 1 ]\n    reshape: { shape: [ ] }" : concat("[ ", output.width, " ]");
  return concat("  {\n    name: \"", output.name, "__", place, "\"\n    data_type: ", type_name(output.type),
                "\n    dims: ", dims, "\n  }");
}

}  // namespace

std::string triton_config(const ScriptModule& module, const std::string& name) {
  std::string outputs;
  for (size_t k = 0; k < module.outputs.size(); ++k)
    outputs += concat(k > 0 ? ",\n" : "", output_text(module.outputs[k], k));
  std::string columns;
  for (const ColumnInfo& column : module.columns)
    columns += concat(columns.empty() ? "" : ", ", column_type_name(column.type));
  return concat("# Written by crisp ", CRISP_VERSION,
                ". The columns of x__0, in order, and the dictionaries of texts: schema.json\n",
                "# in 1/model.pt. Their types: ", columns, "\n", "name: \"", name,
                "\"\nbackend: \"pytorch\"\nmax_batch_size: ", kMostRows, "\n",
                "input [\n  {\n    name: \"x__0\"\n    data_type: TYPE_FP64\n    dims: [ ",
                module.steps > 0 ? concat(module.steps, ", ") : "", module.columns.size(), " ]\n  }\n]\n", "output [\n", outputs, "\n]\n",
                "dynamic_batching { max_queue_delay_microseconds: 100 }\n",
                "parameters: { key: \"INFERENCE_MODE\" value: { string_value: \"true\" } }\n",
                "parameters: { key: \"DISABLE_OPTIMIZED_EXECUTION\" value: { string_value: \"true\" } }\n");
}

}  // namespace crisp
