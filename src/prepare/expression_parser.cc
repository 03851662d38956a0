#include <algorithm>
#include <charconv>

#include "prepare/expression_node.h"
#include "prepare/expression_token.h"

namespace crisp {
namespace {

constexpr int kMaxNesting = 32;
constexpr int kMaxTreeDepth = 256;
constexpr size_t kMaxLength = 20'000;

/// Binding strength of the binary operators, from weak to strong.
enum Strength { kNone, kOr, kAnd, kNot, kCompare, kSum, kProduct, kSign, kPower };

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text), tokens_(tokenise(text)) {}

  std::unique_ptr<Node> parse() {
    if (peek().kind == Token::Kind::end) fail_at(text_, peek().span, "the expression is empty");
    auto node = expression(kNone);
    if (peek().kind != Token::Kind::end) {
      fail_at(text_, peek().span, concat("unexpected '", shown(peek()), "' after the end of the expression"));
    }
    return node;
  }

 private:
  using NodePtr = std::unique_ptr<Node>;

  const Token& peek() const { return tokens_[at_]; }
  Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  std::string shown(const Token& token) const {
    return text_.substr(token.span.begin, token.span.end - token.span.begin);
  }

  bool accept_sign(const char* sign) { return peek().is_sign(sign) && (++at_, true); }
  bool accept_word(const char* word) { return peek().is_word(word) && (++at_, true); }

  void expect_sign(const char* sign, const char* where) {
    if (accept_sign(sign)) return;
    const bool end = peek().kind == Token::Kind::end;
    fail_at(text_, peek().span,
            concat("expected '", sign, "' ", where,
                   end ? ", but the expression ends" : concat(", found '", shown(peek()), "'")));
  }

  NodePtr call(std::string name, Span span, std::vector<NodePtr> children) {
    auto node = std::make_unique<Node>();
    node->kind = Node::Kind::call;
    node->name = std::move(name);
    node->span = span;
    for (const NodePtr& child : children) node->depth = std::max(node->depth, child->depth + 1);
    if (node->depth > kMaxTreeDepth) {
      fail_at(text_, span, "the expression has too many parts",
              "compute parts of it in columns of their own first");
    }
    node->children = std::move(children);
    return node;
  }

  template <class... Children>
  NodePtr call(std::string name, Span span, Children... children) {
    std::vector<NodePtr> list;
    (list.push_back(std::move(children)), ...);
    return call(std::move(name), span, std::move(list));
  }

  NodePtr literal(Node::Literal value, Span span) {
    auto node = std::make_unique<Node>();
    node->value = std::move(value);
    node->span = span;
    return node;
  }

  /// Precedence climbing: reads everything that binds stronger than `weakest`.
  NodePtr expression(Strength weakest) {
    if (++nesting_ > kMaxNesting) fail_at(text_, peek().span, "more than 32 nested parts");
    NodePtr left = prefix();
    while (infix(left, weakest)) {
    }
    --nesting_;
    return left;
  }

  NodePtr prefix() {
    const Span span = peek().span;
    if (accept_word("not")) return call("not", span, expression(kNot));
    if (accept_sign("-")) return call("unary -", span, expression(kSign));
    if (accept_sign("+")) return expression(kSign);
    return primary();
  }

  struct Operator {
    const char* name = nullptr;
    Strength strength = kNone;
  };

  Operator binary_operator() const {
    const Token& token = peek();
    if (token.is_word("or")) return {"or", kOr};
    if (token.is_word("and")) return {"and", kAnd};
    if (token.kind != Token::Kind::sign) return {};
    static constexpr struct {
      const char* sign;
      Operator op;
    } kSigns[] = {{"==", {"==", kCompare}}, {"=", {"==", kCompare}},  {"!=", {"!=", kCompare}},
                  {"<>", {"!=", kCompare}}, {"<=", {"<=", kCompare}}, {">=", {">=", kCompare}},
                  {"<", {"<", kCompare}},   {">", {">", kCompare}},   {"+", {"+", kSum}},
                  {"-", {"-", kSum}},       {"*", {"*", kProduct}},   {"/", {"/", kProduct}},
                  {"%", {"%", kProduct}},   {"^", {"^", kPower}}};
    for (const auto& entry : kSigns) {
      if (token.text == entry.sign) return entry.op;
    }
    return {};
  }

  /// Extends `left` by one operator that binds stronger than `weakest`; false when there is none.
  bool infix(NodePtr& left, Strength weakest) {
    if (weakest < kCompare && word_test(left)) return true;
    const Operator op = binary_operator();
    if (op.name == nullptr || op.strength <= weakest) return false;
    const Span span = take().span;
    // 2 ^ 3 ^ 2 is 2 ^ 9, and 2 ^ -1 is allowed; everything else groups from the left.
    NodePtr right = op.strength == kPower ? expression(kSign) : expression(op.strength);
    left = call(op.name, span, std::move(left), std::move(right));
    if (op.strength == kCompare && binary_operator().strength == kCompare) {
      fail_at(text_, peek().span, "comparisons do not chain", "write a < b and b < c, or b between a and c");
    }
    return true;
  }

  /// `is [not] missing`, `[not] in (...)`, `[not] between a and b`.
  bool word_test(NodePtr& left) {
    const Span span = peek().span;
    const size_t start = at_;
    if (accept_word("is")) {
      const bool inverted = accept_word("not");
      if (!accept_word("missing") && !accept_word("null")) {
        fail_at(text_, peek().span, "expected 'missing' after 'is'",
                "write x is missing, or x is not missing");
      }
      left = call(inverted ? "is not missing" : "is missing", span, std::move(left));
      return true;
    }
    const bool inverted = accept_word("not");
    if (accept_word("in")) {
      left = membership(std::move(left), span);
    } else if (accept_word("between")) {
      NodePtr low = expression(kCompare);
      if (!accept_word("and")) fail_at(text_, peek().span, "expected 'and' after 'between ...'");
      left = call("between", span, std::move(left), std::move(low), expression(kCompare));
    } else {
      at_ = start;
      return false;
    }
    if (inverted) left = call("not", span, std::move(left));
    return true;
  }

  NodePtr membership(NodePtr left, Span span) {
    expect_sign("(", "after 'in'");
    std::vector<NodePtr> children;
    children.push_back(std::move(left));
    arguments(children);
    if (children.size() == 1) fail_at(text_, span, "the list of 'in' is empty");
    return call("in", span, std::move(children));
  }

  /// Reads `a, b, c)`.
  void arguments(std::vector<NodePtr>& out) {
    if (accept_sign(")")) return;
    do {
      out.push_back(expression(kNone));
    } while (accept_sign(","));
    expect_sign(")", "after the arguments");
  }

  NodePtr primary() {
    const Token token = take();
    switch (token.kind) {
      case Token::Kind::number:
        return number(token);
      case Token::Kind::text:
        return literal(token.text, token.span);
      case Token::Kind::quoted_name:
        return column(token);
      case Token::Kind::name:
        return name(token);
      case Token::Kind::end:
        fail_at(text_, token.span, "the expression ends where a value was expected");
      case Token::Kind::sign:
        break;
    }
    if (!token.is_sign("(")) fail_at(text_, token.span, concat("expected a value, found '", token.text, "'"));
    NodePtr inner = expression(kNone);
    expect_sign(")", "to close the parenthesis");
    return inner;
  }

  NodePtr column(const Token& token) {
    auto node = std::make_unique<Node>();
    node->kind = Node::Kind::column;
    node->name = token.text;
    node->span = token.span;
    return node;
  }

  NodePtr name(const Token& token) {
    if (token.is_word("true")) return literal(true, token.span);
    if (token.is_word("false")) return literal(false, token.span);
    if (token.is_word("null") || token.is_word("missing")) return literal(std::monostate{}, token.span);
    for (const char* word : {"and", "or", "in", "is", "between"}) {
      if (token.is_word(word)) fail_at(text_, token.span, concat("expected a value before '", word, "'"));
    }
    if (!accept_sign("(")) return column(token);
    std::vector<NodePtr> children;
    arguments(children);
    return call(token.text, token.span, std::move(children));
  }

  NodePtr number(const Token& token) {
    const char* begin = token.text.data();
    const char* end = begin + token.text.size();
    if (token.text.find_first_of(".eE") == std::string::npos) {
      int64_t whole = 0;
      const auto [stop, error] = std::from_chars(begin, end, whole);
      if (error == std::errc() && stop == end) return literal(whole, token.span);
    }
    double real = 0;
    const auto [stop, error] = std::from_chars(begin, end, real);
    if (error != std::errc() || stop != end)
      fail_at(text_, token.span, "not a number that a double can hold");
    return literal(real, token.span);
  }

  const std::string& text_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int nesting_ = 0;
};

/// Columns of a terminal, as near as one gets without a table of wide letters: UTF-8 letters, not bytes.
size_t letters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return text;
}

}  // namespace

namespace {

/// A part of a long expression, cut between letters, and where `place` lies in it.
struct Window {
  std::string text;
  size_t place;
};

Window window_of(const std::string& expression, size_t place, size_t before, size_t most) {
  if (letters(expression) <= most) return {on_one_line(expression), place};
  const auto inside_letter = [&](size_t at) { return at < expression.size() && (expression[at] & 0xC0) == 0x80; };
  size_t from = place > before ? place - before : 0;
  size_t to = std::min(from + most, expression.size());
  while (inside_letter(from)) --from;
  while (inside_letter(to)) ++to;
  const std::string left = from > 0 ? "..." : "", right = to < expression.size() ? "..." : "";
  return {concat(left, on_one_line(expression.substr(from, to - from)), right), place - from + left.size()};
}

}  // namespace

void fail_at(const std::string& expression, Span span, const std::string& message,
             const std::string& advice) {
  // The message names the neighbourhood; the line with the caret shows as much as a screen holds.
  const Window near = window_of(expression, span.begin, 15, 50);
  const Window wide = window_of(expression, span.begin, 60, 110);
  const size_t begin = std::min(wide.place, wide.text.size());
  const size_t length =
      std::max<size_t>(letters(std::string_view(wide.text).substr(begin, span.end - span.begin)), 1);
  const size_t indent = letters(std::string_view(wide.text).substr(0, begin));
  throw Error(Code::config,
              concat(message, " (position ", letters(std::string_view(expression).substr(0, span.begin)) + 1,
                     " of: ", near.text, ")"),
              concat(wide.text, "\n", std::string(indent, ' '), std::string(std::min<size_t>(length, 80), '^'),
                     advice.empty() ? "" : " ", advice));
}

std::string did_you_mean(const std::string& wanted, const std::vector<std::string>& names) {
  const std::string near = nearest_name(wanted, names);
  return near.empty() ? "" : concat("did you mean '", near, "'?");
}

std::unique_ptr<Node> parse_expression(const std::string& text) {
  if (text.size() > kMaxLength)
    fail(Code::config, "an expression of ", text.size(), " characters; the limit is ", kMaxLength);
  return Parser(text).parse();
}

}  // namespace crisp
