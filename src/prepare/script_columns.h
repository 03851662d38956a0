/// The columns of a table while a recipe is written down as TorchScript.
///
/// Every column is a Tensor[N] of doubles. NaN is missing; true and false are 1 and 0; a timestamp is seconds
/// since 1970; a text is a code: its place in the column's dictionary, -1 for a text that is not in it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/torch_script.h"
#include "cuda/error.h"
#include "table/table.h"

namespace crisp {

/// The texts that a recipe knows of a column. Grows while the recipe is read: a text that some step speaks of
/// gets a code.
class ScriptWords {
 public:
  int64_t code(const std::string& text);
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_;
  std::map<std::string, int64_t> codes_;
};

struct ScriptValue {
  ColumnType type = ColumnType::real;
  std::string code;                    ///< the name of its tensor
  std::shared_ptr<ScriptWords> words;  ///< of texts
};

/// What stands for each of some keys, for a value that is none of them, and for a missing one.
struct ScriptAnswers {
  std::vector<double> of_key;
  double unseen = 0, missing = 0;
};

class ScriptColumns {
 public:
  /// `input`: the columns of the rows that the module is given.
  ScriptColumns(TorchScript& script, const std::vector<ColumnInfo>& input);

  TorchScript& script() { return script_; }
  /// Throws what refuse() was given for the column.
  const ScriptValue& at(const std::string& name) const;
  void set(const std::string& name, ScriptValue value) { columns_[name] = {std::move(value), {}}; }
  /// A column of numbers (or flags, or timestamps) by an expression; gives its name.
  std::string set(const std::string& name, ColumnType type, const std::string& expression);
  /// A column that has no TorchScript form, which matters only where something reads it.
  void refuse(const std::string& name, const Error& reason) { columns_[name] = {{}, reason}; }
  /// Each pair: the new name, the old one.
  void rename(const std::vector<std::pair<std::string, std::string>>& pairs);
  /// Those of `left`, which must all be there with these types, and no others.
  void keep(const std::vector<ColumnInfo>& left);

  /// Only rows for which the tensor is 1 are answered.
  void require_rows(const std::string& flags) { required_.push_back(flags); }
  const std::vector<std::string>& required() const { return required_; }

  /// Which of the keys each value is, as Categories write them: their place, -1 for none, NaN for a missing
  /// value.
  std::string place(const ScriptValue& value, const std::vector<std::string>& keys);
  /// What `answers` has for each place.
  std::string answer(const std::string& place, const ScriptAnswers& answers);

  struct Input {
    ColumnInfo column;
    ScriptValue value;
  };
  /// The columns of the input that the lines which `answer` needs read, in order.
  std::vector<Input> inputs(const std::string& answer) const;

 private:
  std::string place_of_number(const ScriptValue& value, const std::vector<std::string>& keys);

  TorchScript& script_;
  std::vector<Input> input_;
  struct Entry {
    ScriptValue value;
    std::optional<Error> refused;
  };
  std::map<std::string, Entry> columns_;
  std::vector<std::string> required_;
};

}  // namespace crisp
