#include "prepare/row_wise.h"

#include <algorithm>
#include <array>

#include "cuda/error.h"
#include "prepare/expression.h"
#include "prepare/functions.h"

namespace crisp {
namespace {

/// Functions that look at other rows: of the window group, or with a key to group by.
std::vector<std::string> window_functions() {
  std::vector<std::string> names;
  for (const FunctionInfo& function : function_reference()) {
    const bool window = function.group == "window" || function.arguments.find("key") != std::string::npos;
    if (window) names.push_back(function.name);
  }
  return names;
}

bool calls_any(const Node& node, const std::vector<std::string>& names) {
  if (node.kind == Node::Kind::call && std::find(names.begin(), names.end(), node.name) != names.end()) return true;
  return std::any_of(node.children.begin(), node.children.end(),
                     [&](const auto& child) { return calls_any(*child, names); });
}

/// Any text in a step of expressions may be one. The step's own name is a column to the parser, and calls nothing; what is no
/// expression at all (a new column's name may be anything) is not looked into: better to read all rows than to answer wrongly.
bool text_looks_at_other_rows(const std::string& text, const std::vector<std::string>& names) {
  try {
    return calls_any(Expression::parse(text).tree(), names);
  } catch (const Error&) {
    return true;
  }
}

bool looks_at_other_rows(const Json& value, const std::vector<std::string>& names) {
  if (value.is_string()) return text_looks_at_other_rows(value.get<std::string>(), names);
  if (!value.is_structured()) return false;
  return std::any_of(value.begin(), value.end(), [&](const Json& part) { return looks_at_other_rows(part, names); });
}

}  // namespace

bool looks_at_other_rows(const Expression& expression) { return calls_any(expression.tree(), window_functions()); }

bool is_row_wise(const FittedRecipe& recipe) {
  constexpr std::array<std::string_view, 11> kByThemselves = {
      "select", "drop", "rename", "cast", "date_parts", "drop_missing", "impute", "scale", "encode", "bin", "clip"};
  const std::vector<std::string> windows = window_functions();
  const Json recipe_json = recipe.to_json();
  for (const Json& step : recipe_json["steps"]) {
    const auto name = step["step"].get<std::string>();
    if (std::find(kByThemselves.begin(), kByThemselves.end(), name) != kByThemselves.end()) continue;
    if ((name != "derive" && name != "filter") || looks_at_other_rows(step, windows)) return false;
  }
  return true;
}

}  // namespace crisp
