#include "models/voting/members.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cuda/error.h"

namespace crisp {
namespace {

class MemberParser {
 public:
  explicit MemberParser(const std::string& text) : text_(text) {}

  std::vector<Member> run() {
    std::vector<Member> members;
    do {
      members.push_back(member());
      if (members.size() > kMostMembers) fail(Code::config, "members: more than ", kMostMembers);
    } while (take(','));
    if (at_ < text_.size()) refuse("a comma or the end");
    return members;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }

  bool take(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  [[noreturn]] void refuse(const char* expected) const {
    throw Error(Code::config, concat("members '", text_.substr(0, 200), "': expected ", expected, " at place ", at_ + 1),
                "for example members = \"ridge, knn(n_neighbors=15)\"");
  }

  /// Up to one of `ends`, or between quotes.
  std::string word(const char* ends, const char* expected) {
    skip_blanks();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote == '\'' || quote == '"') {
      const size_t end = text_.find(quote, at_ + 1);
      if (end == std::string::npos) refuse("a closing quote after what begins");
      const std::string value = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return value;
    }
    const size_t end = std::min(text_.find_first_of(ends, at_), text_.size());
    std::string value = text_.substr(at_, end - at_);
    value.erase(value.find_last_not_of(" \t\n") + 1);
    if (value.empty()) refuse(expected);
    at_ = end;
    return value;
  }

  Member member() {
    Member member{word(",()='\"", "a model's name"), Json::object()};
    if (!take('(')) return member;
    if (take(')')) return member;
    do {
      const std::string key = word(",()='\"", "a parameter's name");
      if (!take('=')) refuse("'=' and a value");
      member.params[key] = word(",()'\"", "a value");
    } while (take(','));
    if (!take(')')) refuse("a comma or ')'");
    return member;
  }

  const std::string& text_;
  size_t at_ = 0;
};

std::string value_text(const Json& value) {
  const std::string text = value.is_string() ? value.get<std::string>() : to_text(value);
  if (text.find_first_of(",()='\" \t") == std::string::npos && !text.empty()) return text;
  const char quote = text.find('\'') == std::string::npos ? '\'' : '"';
  return concat(quote, text, quote);
}

}  // namespace

std::vector<Member> parse_members(const std::string& text) { return MemberParser(text).run(); }

std::string members_text(const std::vector<Member>& members) {
  std::string text;
  for (const Member& member : members) {
    text += concat(text.empty() ? "" : ", ", member.model);
    std::string params;
    for (const auto& [key, value] : member.params.items()) params += concat(params.empty() ? "" : ", ", key, "=", value_text(value));
    if (!params.empty()) text += concat("(", params, ")");
  }
  return text;
}

std::vector<double> parse_member_weights(const std::string& text, size_t members) {
  std::vector<double> weights;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto skip = [&] {
    while (at < end && (*at == ' ' || *at == ',' || *at == '[' || *at == ']')) ++at;
  };
  for (skip(); at < end; skip()) {
    double weight = 0;
    const auto [next, error] = std::from_chars(at, end, weight);
    CRISP_REQUIRE(error == std::errc() && std::isfinite(weight) && weight >= 0, Code::config, "weights '", text,
                  "': expected numbers from 0 up, as in \"2, 1\"");
    weights.push_back(weight);
    at = next;
  }
  if (weights.empty()) return std::vector<double>(members, 1.0);
  CRISP_REQUIRE(weights.size() == members, Code::config, "weights '", text, "': ", weights.size(), " numbers for ", members, " members");
  CRISP_REQUIRE(*std::max_element(weights.begin(), weights.end()) > 0, Code::config, "weights '", text, "': all are 0");
  return weights;
}

}  // namespace crisp
