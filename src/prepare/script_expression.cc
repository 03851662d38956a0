#include "prepare/script_expression.h"

#include <algorithm>
#include <optional>

#include "cuda/error.h"
#include "prepare/arrow_value.h"
#include "prepare/script_functions.h"

namespace crisp {
namespace {

constexpr const char* kTruth = R"(
def truth(self, flags: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return flags.to(7).masked_fill(torch.isnan(a) | torch.isnan(b), float('nan'))
)";
/// A missing side leaves the answer open unless the other one decides.
constexpr const char* kBoth = R"(
def both(self, a: Tensor, b: Tensor) -> Tensor:
    return (a * b).masked_fill((a == 0.0) | (b == 0.0), 0.0)
)";
constexpr const char* kEither = R"(
def either(self, a: Tensor, b: Tensor) -> Tensor:
    return (a + b).masked_fill((a == 1.0) | (b == 1.0), 1.0)
)";

class Writer {
 public:
  Writer(ScriptColumns& columns, const std::string& text) : columns_(columns), text_(text) {}

  ScriptTerm visit(const Node& node) {
    if (node.kind == Node::Kind::literal) return literal(node);
    if (node.kind == Node::Kind::column) return {columns_.at(node.name), {}, false};
    std::vector<ScriptTerm> terms;
    for (const auto& child : node.children) terms.push_back(visit(*child));
    if (is_comparison(node.name)) return compared(node, node.name, terms[0], terms[1]);
    if (auto value = logic(node, terms)) return *value;
    if (auto value = arithmetic(node, terms)) return *value;
    if (auto value = choice(node, terms)) return *value;
    if (node.name == "round") return rounded(node, terms);
    return function(node, terms);
  }

  /// As a column: a constant text gets a code of its own words.
  ScriptValue column(ScriptTerm term) {
    if (term.text) with_words(term, std::make_shared<ScriptWords>());
    return term.value;
  }

 private:
  [[noreturn]] void refuse(const Node& node, const std::string& what) {
    std::string advice = "do it before the rows come to the module, or leave it out of the recipe";
    try {
      fail_at(text_, node.span, concat("TorchScript has no ", what), advice);
    } catch (const Error& error) {
      throw Error(Code::unavailable, error.message(), error.hint());
    }
  }

  std::string let(const std::string& expression) { return columns_.script().let(expression); }
  ScriptTerm term(ColumnType type, const std::string& expression) {
    return {{type, let(expression), nullptr}, {}, false};
  }
  ScriptTerm finite(const std::string& expression) {
    columns_.script().method(kScriptFinite);
    return term(ColumnType::real, concat("self.finite(", expression, ")"));
  }

  ScriptTerm literal(const Node& node) {
    if (const auto* flag = std::get_if<bool>(&node.value))
      return term(ColumnType::boolean, script_filled(*flag));
    if (const auto* whole = std::get_if<int64_t>(&node.value))
      return term(ColumnType::integer, script_filled(static_cast<double>(*whole)));
    if (const auto* real = std::get_if<double>(&node.value))
      return term(ColumnType::real, script_filled(*real));
    if (const auto* text = std::get_if<std::string>(&node.value))
      return {{ColumnType::text, "", nullptr}, *text, false};
    ScriptTerm missing = term(ColumnType::real, script_filled(__builtin_nan("")));
    missing.untyped = true;
    return missing;
  }

  void with_words(ScriptTerm& text, const std::shared_ptr<ScriptWords>& words) {
    text.value = {ColumnType::text, let(script_filled(static_cast<double>(words->code(*text.text)))), words};
    text.text.reset();
  }

  static bool is_comparison(const std::string& name) {
    return name == "==" || name == "!=" || name == "<" || name == "<=" || name == ">" || name == ">=";
  }

  /// Brings two terms to one type, as the evaluation of expressions does.
  void unify(const Node& node, ScriptTerm& a, ScriptTerm& b) {
    if (a.untyped || b.untyped) {
      (a.untyped ? a : b).value.type = (a.untyped ? b : a).value.type;
      if (a.text) with_words(a, std::make_shared<ScriptWords>());
      if (b.text) with_words(b, std::make_shared<ScriptWords>());
      if (a.untyped) a.value.words = b.value.words;
      if (b.untyped) b.value.words = a.value.words;
      return;
    }
    read_as_time(a, b);
    read_as_time(b, a);
    if (a.value.type != ColumnType::text) return;
    if (a.text && b.text) with_words(a, std::make_shared<ScriptWords>());
    if (a.text) with_words(a, b.value.words);
    if (b.text) with_words(b, a.value.words);
    if (a.value.words != b.value.words) refuse(node, "way to compare two columns of texts");
  }

  /// A constant text beside a timestamp is one.
  void read_as_time(ScriptTerm& text, const ScriptTerm& other) {
    if (!text.text || other.value.type != ColumnType::timestamp) return;
    text =
        term(ColumnType::timestamp, script_filled(static_cast<double>(*parse_timestamp(*text.text)) / 1e6));
  }

  ScriptTerm compared(const Node& node, const std::string& sign, ScriptTerm a, ScriptTerm b) {
    unify(node, a, b);
    if (a.value.type == ColumnType::text && sign != "==" && sign != "!=")
      refuse(node, concat("'", sign, "' of texts"));
    columns_.script().method(kTruth);
    const std::string &x = a.value.code, &y = b.value.code;
    return term(ColumnType::boolean, concat("self.truth(", x, " ", sign, " ", y, ", ", x, ", ", y, ")"));
  }

  ScriptTerm joined(const char* method, const ScriptTerm& a, const ScriptTerm& b) {
    columns_.script().method(std::string_view(method) == "both" ? kBoth : kEither);
    return term(ColumnType::boolean, concat("self.", method, "(", a.value.code, ", ", b.value.code, ")"));
  }

  std::optional<ScriptTerm> logic(const Node& node, std::vector<ScriptTerm>& terms) {
    const std::string& name = node.name;
    if (name == "and") return joined("both", terms[0], terms[1]);
    if (name == "or") return joined("either", terms[0], terms[1]);
    if (name == "not") return term(ColumnType::boolean, concat("1.0 - ", terms[0].value.code));
    if (name == "is missing" || name == "is not missing") {
      const ScriptValue value = column(terms[0]);
      return term(ColumnType::boolean,
                  concat("(", name == "is missing" ? "" : "~", "torch.isnan(", value.code, ")).to(7)"));
    }
    if (name == "between")
      return joined("both", compared(node, ">=", terms[0], terms[1]),
                    compared(node, "<=", terms[0], terms[2]));
    if (name != "in") return {};
    ScriptTerm found = compared(node, "==", terms[0], terms[1]);
    for (size_t i = 2; i < terms.size(); ++i)
      found = joined("either", found, compared(node, "==", terms[0], terms[i]));
    return found;
  }

  static bool integer_or_untyped(const ScriptTerm& a) {
    return a.value.type == ColumnType::integer || a.untyped;
  }

  std::optional<ScriptTerm> arithmetic(const Node& node, std::vector<ScriptTerm>& terms) {
    const std::string& name = node.name;
    if (name == "unary -")
      return ScriptTerm{
          {terms[0].value.type, let(concat("-", terms[0].value.code)), nullptr}, {}, terms[0].untyped};
    if (name != "+" && name != "-" && name != "*" && name != "/" && name != "%" && name != "^") return {};
    ScriptTerm &a = terms[0], &b = terms[1];
    if (a.value.type == ColumnType::timestamp || b.value.type == ColumnType::timestamp)
      return with_time(name, a, b);
    if (a.value.type == ColumnType::text || b.value.type == ColumnType::text)
      refuse(node, "way to join texts");
    const std::string &x = a.value.code, &y = b.value.code;
    const bool whole = integer_or_untyped(a) && integer_or_untyped(b);
    ScriptTerm result = finite(name == "%"   ? concat("torch.remainder(", x, ", ", y, ")")
                               : name == "^" ? concat("torch.pow(", x, ", ", y, ")")
                                             : concat(x, " ", name, " ", y));
    if (whole && name != "/" && name != "^") result.value.type = ColumnType::integer;
    return result;
  }

  /// In whole microseconds, as timestamps are kept.
  ScriptTerm with_time(const std::string& name, ScriptTerm a, ScriptTerm b) {
    read_as_time(a, b);
    read_as_time(b, a);
    const bool both = a.value.type == ColumnType::timestamp && b.value.type == ColumnType::timestamp;
    return term(
        both ? ColumnType::real : ColumnType::timestamp,
        concat("torch.round((", a.value.code, " ", name, " ", b.value.code, ") * 1000000.0) / 1000000.0"));
  }

  std::optional<ScriptTerm> choice(const Node& node, std::vector<ScriptTerm>& terms) {
    if (node.name == "if_else") {
      unify(node, terms[1], terms[2]);
      return merged(terms[1], terms[2],
                    concat("torch.where(", terms[0].value.code, " == 1.0, ", terms[1].value.code, ", ",
                           terms[2].value.code, ")"));
    }
    const bool extreme = node.name == "min" || node.name == "max";
    if (node.name != "coalesce" && !extreme) return {};
    ScriptTerm best = terms[0];
    for (size_t i = 1; i < terms.size(); ++i) {
      unify(node, best, terms[i]);
      if (extreme && best.value.type == ColumnType::text) refuse(node, concat(node.name, "() of texts"));
      const std::string &x = best.value.code, &y = terms[i].value.code;
      best = merged(best, terms[i],
                    extreme ? concat("torch.f", node.name, "(", x, ", ", y, ")")
                            : concat("torch.where(torch.isnan(", x, "), ", y, ", ", x, ")"));
    }
    return best;
  }

  ScriptTerm merged(const ScriptTerm& a, const ScriptTerm& b, const std::string& expression) {
    ScriptValue value = a.untyped ? b.value : a.value;
    if (value.type == ColumnType::integer && b.value.type == ColumnType::real) value.type = ColumnType::real;
    value.code = let(expression);
    return {value, {}, a.untyped && b.untyped};
  }

  ScriptTerm rounded(const Node& node, std::vector<ScriptTerm>& terms) {
    double power = 1;
    if (terms.size() > 1) {
      const auto* digits = std::get_if<int64_t>(&node.children[1]->value);
      if (node.children[1]->kind != Node::Kind::literal || !digits)
        refuse(node, "round() to digits that are not written out");
      for (int64_t i = 0; i < *digits; ++i) power *= 10;
    }
    columns_.script().method(kScriptRounded);
    return term(terms[0].value.type,
                concat("self.rounded(", terms[0].value.code, ", ", script_number(power), ")"));
  }

  ScriptTerm function(const Node& node, const std::vector<ScriptTerm>& terms) {
    const ScriptFunction* known = script_function(node.name);
    const bool texts = std::any_of(terms.begin(), terms.end(),
                                   [](const ScriptTerm& t) { return t.value.type == ColumnType::text; });
    if (known && texts && known->of_time && terms[0].text) {
      const ScriptTerm time = term(
          ColumnType::timestamp, script_filled(static_cast<double>(*parse_timestamp(*terms[0].text)) / 1e6));
      return call(*known, {time});
    }
    if (!known) refuse(node, concat("function ", node.name, "()"));
    if (texts) refuse(node, concat(node.name, "() of texts"));
    return call(*known, terms);
  }

  ScriptTerm call(const ScriptFunction& function, const std::vector<ScriptTerm>& terms) {
    for (const char* method : function.methods) columns_.script().method(method);
    std::string expression = function.expression;
    for (size_t i = 0; i < terms.size(); ++i) {
      const std::string mark = concat("$", i + 1);
      for (size_t at = 0; (at = expression.find(mark, at)) != std::string::npos;
           at += terms[i].value.code.size())
        expression.replace(at, mark.size(), terms[i].value.code);
    }
    const ColumnType type = function.as_first ? terms[0].value.type : function.type;
    if (type != ColumnType::real) return term(type, expression);
    return finite(expression);
  }

  ScriptColumns& columns_;
  const std::string& text_;
};

}  // namespace

ScriptValue script_expression(ScriptColumns& columns, const Expression& expression) {
  Writer writer(columns, expression.text());
  return writer.column(writer.visit(expression.tree()));
}

}  // namespace crisp
