#include "prepare/expression_token.h"

#include <cctype>

namespace crisp {
namespace {

bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool continues_name(char c) { return starts_name(c) || is_digit(c); }

class Scanner {
 public:
  explicit Scanner(const std::string& text) : text_(text) {}

  std::vector<Token> scan() {
    std::vector<Token> tokens;
    for (;;) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
      if (at_ == text_.size()) break;
      tokens.push_back(next());
    }
    tokens.push_back({Token::Kind::end, "", {at_, at_}});
    return tokens;
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  Token finish(Token::Kind kind, size_t begin, std::string text) {
    return {kind, std::move(text), {begin, at_}};
  }

  Token next() {
    const char c = peek();
    if (c == '\'' || c == '"') return quoted(Token::Kind::text, "text");
    if (c == '`') return quoted(Token::Kind::quoted_name, "column name");
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (starts_name(c)) return word();
    return sign();
  }

  /// A quote inside is written twice.
  Token quoted(Token::Kind kind, const char* what) {
    const size_t begin = at_;
    const char quote = text_[at_++];
    std::string value;
    for (;; ++at_) {
      if (at_ == text_.size()) {
        fail_at(text_, {begin, begin + 1}, concat("unclosed quote: this ", what, " has no end"),
                concat("add ", quote, " where it ends"));
      }
      if (text_[at_] == quote && peek(1) != quote) break;
      if (text_[at_] == quote) ++at_;
      value.push_back(text_[at_]);
    }
    ++at_;
    return finish(kind, begin, std::move(value));
  }

  Token number() {
    const size_t begin = at_;
    while (is_digit(peek()) || peek() == '.') ++at_;
    if ((peek() == 'e' || peek() == 'E') &&
        (is_digit(peek(1)) || ((peek(1) == '-' || peek(1) == '+') && is_digit(peek(2))))) {
      at_ += 2;
      while (is_digit(peek())) ++at_;
    }
    if (starts_name(peek())) {
      while (continues_name(peek())) ++at_;
      fail_at(text_, {begin, at_}, "neither a number nor a name",
              "put a name that begins with a digit in `backquotes`");
    }
    return finish(Token::Kind::number, begin, text_.substr(begin, at_ - begin));
  }

  Token word() {
    const size_t begin = at_;
    while (continues_name(peek())) ++at_;
    return finish(Token::Kind::name, begin, text_.substr(begin, at_ - begin));
  }

  Token sign() {
    const size_t begin = at_;
    for (const char* two : {"==", "!=", "<>", "<=", ">="}) {
      if (peek() == two[0] && peek(1) == two[1]) {
        at_ += 2;
        return finish(Token::Kind::sign, begin, two);
      }
    }
    const char c = text_[at_++];
    if (std::string("+-*/%^()<>=,").find(c) == std::string::npos) {
      const bool logic = c == '&' || c == '|' || c == '!';
      fail_at(text_, {begin, at_}, concat("unexpected '", c, "'"), logic ? "use the words and, or, not" : "");
    }
    return finish(Token::Kind::sign, begin, std::string(1, c));
  }

  const std::string& text_;
  size_t at_ = 0;
};

}  // namespace

bool Token::is_word(const char* word) const {
  if (kind != Kind::name) return false;
  size_t i = 0;
  for (; word[i] != '\0'; ++i) {
    if (i == text.size() || std::tolower(static_cast<unsigned char>(text[i])) != word[i]) return false;
  }
  return i == text.size();
}

std::vector<Token> tokenise(const std::string& text) { return Scanner(text).scan(); }

}  // namespace crisp
