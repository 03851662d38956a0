#include <algorithm>
#include <limits>
#include <set>

#include "cuda/error.h"
#include "prepare/encodings.h"
#include "prepare/fitted_state.h"
#include "prepare/script_columns.h"

namespace crisp {

std::vector<std::string> keys_of(const Categories& column) {
  std::vector<std::string> keys;
  for (int64_t i = 0; i < column.size(); ++i) keys.push_back(column.key(i));
  return keys;
}

namespace {

constexpr const char* kFlagOfPlace = R"(
def flag_of_place(self, place: Tensor, flagged: float, unseen: float, missing: float) -> Tensor:
    flag = torch.where(place == -1.0, unseen, (place == flagged).to(7))
    return torch.where(torch.isnan(place), missing, flag)
)";

/// What a row has that cannot be encoded: an unseen value where those are refused.
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

/// Code 0 is what is no category, or missing; 1, 2, ... are the categories.
class OrdinalCodes : public FittedPart {
 public:
  OrdinalCodes(std::vector<Categories> columns, Unseen unseen) : columns_(std::move(columns)), unseen_(unseen) {}

  Table apply(StepRun& run, const Table& table) const override {
    Table out = table;
    for (const Categories& column : columns_) {
      std::vector<int64_t> codes;
      codes.reserve(static_cast<size_t>(table.rows()));
      for (const int32_t category : column.find(run, table, unseen_)) codes.push_back(code_of(category));
      out = with_codes(out, column.column(), codes);
    }
    return out;
  }

  Json save() const override { return {{"method", "ordinal"}, {"columns", save_categories(columns_)}}; }

  void update_categories(CategoryCounts& counts) const override {
    for (const Categories& column : columns_) counts[column.column()] = column.size() + 1;
  }

  void script(ScriptColumns& columns, const Table&) const override {
    for (const Categories& column : columns_) {
      ScriptAnswers codes{{}, unseen_ == Unseen::other ? 0 : kNothing, unseen_ == Unseen::missing ? kNothing : 0};
      for (int64_t i = 1; i <= column.size(); ++i) codes.of_key.push_back(static_cast<double>(i));
      const std::string place = columns.place(columns.at(column.column()), keys_of(column));
      columns.set(column.column(), {ColumnType::integer, columns.answer(place, codes), nullptr});
    }
  }

 private:
  int64_t code_of(int32_t category) const {
    if (category >= 0) return category + 1;
    return unseen_ == Unseen::missing ? -1 : 0;
  }

  std::vector<Categories> columns_;
  Unseen unseen_;
};

/// Names for the columns of 0 and 1 of one column, in the order of its categories; the last is that of the rest, if any.
std::vector<std::string> one_hot_names(const Categories& column) {
  std::set<std::string> taken;
  std::vector<std::string> names;
  const auto add = [&](const std::string& value) {
    const std::string plain = concat(column.column(), "=", value);
    std::string name = plain;
    // Two values may be spelled alike: where they are long, or differ in what printing replaces.
    for (int again = 2; !taken.insert(name).second; ++again) name = concat(plain, " (", again, ")");
    names.push_back(name);
  };
  for (int64_t i = 0; i < column.size(); ++i) add(spelled(column.key(i)));
  if (column.has_rest()) add("(other)");
  return names;
}

class OneHot : public FittedPart {
 public:
  OneHot(std::vector<Categories> columns, Unseen unseen) : columns_(std::move(columns)), unseen_(unseen) {}

  Table apply(StepRun& run, const Table& table) const override {
    Table out = table;
    for (const Categories& column : columns_) {
      const std::vector<int32_t> found = column.find(run, table, unseen_);
      out = out.without({column.column()});
      const std::vector<std::string> names = one_hot_names(column);
      for (size_t i = 0; i < names.size(); ++i) {
        require_new_column(out, names[i]);
        out = with_codes(out, names[i], flags(found, static_cast<int32_t>(i), column));
      }
    }
    return out;
  }

  Json save() const override { return {{"method", "one_hot"}, {"columns", save_categories(columns_)}}; }

  void update_categories(CategoryCounts& counts) const override {
    for (const Categories& column : columns_) {
      counts.erase(column.column());
      for (const std::string& name : one_hot_names(column)) counts.erase(name);
    }
  }

  void script(ScriptColumns& columns, const Table&) const override {
    columns.script().method(kFlagOfPlace);
    for (const Categories& column : columns_) {
      const std::string place = columns.place(columns.at(column.column()), keys_of(column));
      const std::vector<std::string> names = one_hot_names(column);
      for (size_t i = 0; i < names.size(); ++i) {
        const bool rest = static_cast<int64_t>(i) == column.size();
        const double unseen = unseen_ == Unseen::other ? static_cast<double>(rest) : kNothing;
        const double missing = unseen_ == Unseen::missing ? kNothing : 0;
        columns.set(names[i], ColumnType::integer,
                    concat("self.flag_of_place(", place, ", ", script_number(static_cast<double>(i)), ", ", script_number(unseen), ", ",
                           script_number(missing), ")"));
      }
    }
  }

 private:
  /// 1 where the row is of category `i`; that of the rest has the place after the last.
  std::vector<int64_t> flags(const std::vector<int32_t>& found, int32_t i, const Categories& column) const {
    const bool rest = i == column.size();
    std::vector<int64_t> out;
    out.reserve(found.size());
    for (const int32_t category : found) {
      const bool unknown = category < 0 && unseen_ == Unseen::missing;
      out.push_back(unknown ? -1 : category == (rest ? Categories::kUnseen : i));
    }
    return out;
  }

  std::vector<Categories> columns_;
  Unseen unseen_;
};

std::vector<Categories> learn_categories(const Table& train, const std::vector<std::string>& columns,
                                         const EncodeRule& rule) {
  std::vector<Categories> out;
  for (const std::string& name : columns) {
    out.push_back(Categories::learn(train, name, rule.categories));
    if (rule.unseen == Unseen::error && out.back().has_rest())
      throw Error(Code::data, concat("column '", name, "' has more values than the ", out.back().size(), " kept, and unseen = \"error\""),
                  "raise max_categories, or let others pass with unseen = \"other\"");
  }
  return out;
}

}  // namespace

std::unique_ptr<FittedPart> learn_ordinal(const Table& train, const std::vector<std::string>& columns, const EncodeRule& rule) {
  return std::make_unique<OrdinalCodes>(learn_categories(train, columns, rule), rule.unseen);
}

std::unique_ptr<FittedPart> learn_one_hot(const Table& train, const std::vector<std::string>& columns, const EncodeRule& rule) {
  return std::make_unique<OneHot>(learn_categories(train, columns, rule), rule.unseen);
}

std::unique_ptr<FittedPart> load_ordinal(const Json& state, const EncodeRule& rule) {
  return std::make_unique<OrdinalCodes>(load_categories(state_field(state, "columns")), rule.unseen);
}

std::unique_ptr<FittedPart> load_one_hot(const Json& state, const EncodeRule& rule) {
  return std::make_unique<OneHot>(load_categories(state_field(state, "columns")), rule.unseen);
}

std::vector<Categories> load_categories(const Json& state) {
  if (!state.is_array()) fail(Code::data, "the fitted state has no list of columns");
  std::vector<Categories> out;
  std::set<std::string> names;
  for (const Json& column : state) {
    out.push_back(Categories::load(column));
    if (!names.insert(out.back().column()).second) fail(Code::data, "the fitted state names a column twice");
  }
  return out;
}

Json save_categories(const std::vector<Categories>& columns) {
  Json out = Json::array();
  for (const Categories& column : columns) out.push_back(column.save());
  return out;
}

void require_new_column(const Table& table, const std::string& name) {
  if (table.has(name))
    throw Error(Code::data, concat("the table has a column '", name, "' already"), "rename or drop it before this step");
}

}  // namespace crisp
