/// The syntax tree of an expression, and errors that point into its text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cuda/error.h"

namespace crisp {

/// A piece of the expression's text, in bytes.
struct Span {
  size_t begin = 0, end = 0;
};

struct Node {
  enum class Kind {
    literal,  ///< value
    column,   ///< name
    call,     ///< name(children); operators are calls named by their sign
  };
  using Literal = std::variant<std::monostate, bool, int64_t, double, std::string>;  ///< monostate: null

  Kind kind = Kind::literal;
  std::string name;
  Literal value;
  std::vector<std::unique_ptr<Node>> children;
  Span span;
  int depth = 1;
};

/// Throws Code::config: one line with what is wrong, where, and the expression; the hint draws it with a
/// caret.
[[noreturn]] void fail_at(const std::string& expression, Span span, const std::string& message,
                          const std::string& advice = "");

/// "did you mean 'speed'?", or "" when nothing is near.
std::string did_you_mean(const std::string& wanted, const std::vector<std::string>& names);

/// Reads an expression. Anything that is not one is Code::config. Nesting ends at 32 levels and a tree at
/// 256, so that no text can exhaust the stack.
std::unique_ptr<Node> parse_expression(const std::string& text);

}  // namespace crisp
