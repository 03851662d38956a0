/// How functions of the expression language are written. Includes Arrow: only for .cc files of src/prepare.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "prepare/arrow_grouping.h"
#include "prepare/arrow_value.h"
#include "prepare/expression_node.h"
#include "prepare/functions.h"

namespace crisp {

/// What an expression is evaluated on.
class Evaluation {
 public:
  Evaluation(Exec& exec, const Table& table) : exec_(exec), table_(table) {}

  Exec& exec() { return exec_; }
  const Table& table() const { return table_; }
  int64_t rows() const { return table_.rows(); }
  /// Groups of key values, kept for the next window over the same columns.
  const Grouping& groups(std::span<const Value> keys);

 private:
  struct Cached {
    std::vector<std::shared_ptr<arrow::ArrayData>> keys;
    Grouping grouping;
  };
  Exec& exec_;
  const Table& table_;
  std::vector<std::unique_ptr<Cached>> cache_;
};

/// A call with its arguments counted, checked and converted.
struct Call {
  Evaluation& on;
  std::vector<Value> arguments;

  const Value& operator[](size_t i) const { return arguments[i]; }
  size_t size() const { return arguments.size(); }
  bool has(size_t i) const { return i < arguments.size(); }
  /// Rows to compute: 1 when every argument is constant.
  int64_t rows() const;
  std::vector<double> numbers(size_t i) const { return to_numbers(arguments[i], rows()); }
  int64_t integer(size_t i) const { return static_cast<int64_t>(constant_number(arguments[i])); }
  /// The keys of a window function, which begin at argument `first`.
  const Grouping& groups(size_t first) const;
  /// The result of rows() values: constant again when all arguments were.
  Value result(const std::vector<double>& numbers) const;
};

/// What an argument may be.
enum class Want {
  any,
  number,  ///< integer or real
  real,    ///< a number, converted to real
  text,
  boolean,
  timestamp,  ///< a timestamp, or a constant text that can be read as one
  count,      ///< a constant integer, not missing
  constant,   ///< a constant text, not missing
};

struct Argument {
  std::string name;
  Want want = Want::any;
  bool optional = false;
  bool repeats = false;  ///< any number of these, also none
};

struct Function {
  FunctionInfo info;
  std::vector<Argument> arguments;
  Value (*call)(Call&);
};

/// `arguments` as "x:real digits:count? key:any*". The example and its value are run by a test.
Function make_function(const char* group, const char* name, const char* arguments, const char* result,
                       const char* meaning, const char* example, const char* expected, Value (*call)(Call&));

std::vector<Function> math_functions();
std::vector<Function> text_functions();
std::vector<Function> calendar_functions();
std::vector<Function> choice_functions();
std::vector<Function> geo_functions();
std::vector<Function> window_functions();

const std::vector<Function>& all_functions();

/// The operators: + - * / % ^ == != < <= > >= and or not, unary -, in between, is missing, is not missing.
Value call_operator(Evaluation& on, const std::string& expression, const Node& node,
                    std::vector<Value> arguments);
bool is_operator(const std::string& name);

/// Two values brought to the one type that holds both (integer and real: real; text beside a timestamp is
/// read as one); false when there is none.
bool unify(Value& a, Value& b);

/// Evaluates a whole tree. `expression` is its text, for errors.
Value evaluate(Evaluation& on, const std::string& expression, const Node& node);

}  // namespace crisp
