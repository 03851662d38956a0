#include "prepare/row_wise.h"

#include <algorithm>

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

}  // namespace

bool looks_at_other_rows(const Expression& expression) { return calls_any(expression.tree(), window_functions()); }

}  // namespace crisp
