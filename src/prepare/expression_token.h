/// The words and signs of an expression.
#pragma once

#include <string>
#include <vector>

#include "prepare/expression_node.h"

namespace crisp {

struct Token {
  enum class Kind { number, text, name, quoted_name, sign, end };
  Kind kind = Kind::end;
  std::string text;  ///< without quotes; words as written
  Span span;

  bool is_sign(const char* sign) const { return kind == Kind::sign && text == sign; }
  /// Keywords are written in any case: `AND`, `and`.
  bool is_word(const char* word) const;
};

/// Ends with one token of kind `end`. Code::config for an unclosed quote or a sign that means nothing.
std::vector<Token> tokenise(const std::string& text);

}  // namespace crisp
