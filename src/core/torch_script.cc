#include "core/torch_script.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "cuda/error.h"

namespace crisp {
namespace {

/// Words of `text` that are a letter and a number: v7, k3.
std::set<std::string> numbered_names(const std::string& text, char letter) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  std::set<std::string> names;
  for (size_t begin = 0; begin < text.size();) {
    if (!is_word(text[begin])) {
      ++begin;
      continue;
    }
    const size_t end = static_cast<size_t>(
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), is_word) -
        text.begin());
    const bool numbered =
        text[begin] == letter && end > begin + 1 && text.find_first_not_of("0123456789", begin + 1) >= end;
    if (numbered) names.insert(text.substr(begin, end - begin));
    begin = end;
  }
  return names;
}

std::string name_of(const std::string& method) {
  const size_t begin = method.find("def ") + 4;
  return method.substr(begin, method.find('(') - begin);
}

}  // namespace

std::string TorchScript::let(const std::string& expression) {
  lines_.push_back({concat("v", lines_.size()), expression});
  return lines_.back().name;
}

void TorchScript::define(const std::string& name, const std::string& expression) {
  const auto line =
      std::find_if(lines_.begin(), lines_.end(), [&](const Line& other) { return other.name == name; });
  CRISP_ASSERT(line != lines_.end());
  line->expression = expression;
}

void TorchScript::method(const std::string& source) {
  const auto [place, fresh] = methods_.emplace(name_of(source), source);
  CRISP_ASSERT(fresh || place->second == source);
}

std::string TorchScript::lines_for(const std::string& answer) const {
  std::set<std::string> needed = numbered_names(answer, 'v');
  std::vector<const Line*> kept;
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
    if (!needed.contains(line->name)) continue;
    kept.push_back(&*line);
    needed.merge(numbered_names(line->expression, 'v'));
  }
  std::string out;
  for (auto line = kept.rbegin(); line != kept.rend(); ++line) {
    out += concat("    ", (*line)->name, " = ", (*line)->expression, "\n");
  }
  return out;
}

std::string TorchScript::source(const std::string& type, const std::string& input,
                                const std::string& answer) const {
  std::string out;
  for (const auto& [name, method] : methods_) out += method + "\n";
  return concat(out, "def forward(self, x: Tensor) -> ", type, ":\n", input, lines_for(answer), answer);
}

std::map<std::string, Tensor> TorchScript::arrays_of(const std::string& source) const {
  std::map<std::string, Tensor> used;
  for (const std::string& name : numbered_names(source, 'k')) {
    if (arrays_.has(name)) used.emplace(name, arrays_.at(name));
  }
  return used;
}

std::string script_number(double value) {
  if (std::isnan(value)) return "float('nan')";
  if (std::isinf(value)) return value > 0 ? "float('inf')" : "(-float('inf'))";
  const std::string digits = concat(std::fabs(value));
  const bool whole = digits.find_first_not_of("0123456789") == std::string::npos;
  const std::string number = whole ? digits + ".0" : digits;
  return std::signbit(value) ? concat("(-", number, ")") : number;
}

std::string script_filled(double value) { return concat("(nought + ", script_number(value), ")"); }

}  // namespace crisp
