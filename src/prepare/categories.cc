#include "prepare/categories.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "core/printable.h"
#include "cuda/error.h"
#include "prepare/arrow_grouping.h"
#include "prepare/fitted_state.h"
#include "prepare/step_options.h"

namespace crisp {
namespace {

bool is_number(ColumnType type) { return type == ColumnType::integer || type == ColumnType::real; }

/// A whole number is written as an integer, so that a column keeps its categories when it gains a decimal elsewhere.
std::string number_key(double value) {
  const bool whole = value == std::floor(value) && std::abs(value) < 0x1p63;
  return whole ? concat(static_cast<int64_t>(value)) : concat(value);
}

/// A text that is a number as a whole, as number_key() writes it; others as they are.
std::string number_key(const std::string& text) {
  const char* end = text.data() + text.size();
  int64_t integer = 0;
  if (const auto read = std::from_chars(text.data(), end, integer); read.ec == std::errc() && read.ptr == end)
    return concat(integer);
  double real = 0.0;
  const auto read = std::from_chars(text.data(), end, real);
  return read.ec == std::errc() && read.ptr == end ? number_key(real) : text;
}

/// The values of `table`'s only column as the type `trained` writes them.
std::vector<std::string> keys_as(const Table& table, const std::string& name, ColumnType trained) {
  const ColumnType now = table.type(name);
  std::vector<std::string> keys = table.texts(name);
  if (is_number(trained) && now == ColumnType::text) {
    for (std::string& key : keys) key = number_key(key);
  } else if (trained != ColumnType::text && now == ColumnType::real) {
    const std::vector<double> numbers = table.numbers(name);
    for (size_t i = 0; i < keys.size(); ++i) keys[i] = number_key(numbers[i]);
  }
  if (trained == ColumnType::boolean && is_number(now)) {
    for (std::string& key : keys) key = key == "1" ? "true" : key == "0" ? "false" : key;
  }
  if (is_number(trained) && now == ColumnType::boolean) {
    for (std::string& key : keys) key = key == "true" ? "1" : "0";
  }
  return keys;
}

/// Missing cells, and what is not a number among numbers.
std::vector<uint8_t> no_value(const Table& table, const std::string& name) {
  std::vector<uint8_t> missing = table.missing(name);
  if (table.type(name) != ColumnType::real) return missing;
  const std::vector<double> numbers = table.numbers(name);
  for (size_t i = 0; i < missing.size(); ++i) missing[i] = missing[i] || std::isnan(numbers[i]);
  return missing;
}

/// A column of what each code stands for; missing where the code is negative.
template <class ArrowBuilder, class Cell>
Table with_cells(const Table& table, const std::string& name, const std::vector<int64_t>& codes, Cell cell) {
  ArrowBuilder builder;
  check(builder.Reserve(static_cast<int64_t>(codes.size())));
  for (const int64_t code : codes) check(code < 0 ? builder.AppendNull() : builder.Append(cell(code)));
  const auto column = std::make_shared<arrow::ChunkedArray>(check(builder.Finish()));
  const auto field = arrow::field(name, column->type());
  const auto& inside = table.arrow();
  return Table(check(table.has(name) ? inside->SetColumn(table.index_of(name), field, column)
                                     : inside->AddColumn(table.columns(), field, column)));
}

[[noreturn]] void refuse_unseen(const std::string& column, const std::string& what) {
  throw Error(Code::data, concat("column '", column, "': ", what), "unseen = \"other\" lets them pass");
}

}  // namespace

DistinctValues distinct_values(const Table& table, const std::string& name, ColumnType trained) {
  const Grouping groups = group_rows(table, {name});
  std::vector<int64_t> firsts;
  for (int64_t g = 0; g < groups.groups(); ++g) firsts.push_back(groups.first(g));
  const Table values = table.select({name}).take(firsts);
  const std::vector<std::string> keys = keys_as(values, name, trained);
  const std::vector<uint8_t> missing = no_value(values, name);
  const bool texts = values.type(name) == ColumnType::text;
  const std::vector<double> numbers = texts ? std::vector<double>() : values.numbers(name);

  DistinctValues out;
  std::unordered_map<std::string_view, int32_t> known;
  std::vector<int32_t> value_of(firsts.size(), DistinctValues::kMissing);
  for (size_t g = 0; g < firsts.size(); ++g) {
    if (missing[g]) continue;
    const auto [place, fresh] = known.try_emplace(keys[g], static_cast<int32_t>(out.keys.size()));
    value_of[g] = place->second;
    if (fresh) {
      out.keys.push_back(keys[g]);
      out.counts.push_back(0);
      if (!texts) out.numbers.push_back(numbers[g]);
    }
    out.counts[static_cast<size_t>(place->second)] += groups.size(static_cast<int64_t>(g));
  }
  out.row.reserve(groups.code.size());
  for (const int32_t group : groups.code) out.row.push_back(value_of[static_cast<size_t>(group)]);
  return out;
}

Unseen parse_unseen(const std::string& name) {
  return name == "error" ? Unseen::error : name == "missing" ? Unseen::missing : Unseen::other;
}

Categories Categories::learn(const Table& train, const std::string& name, const CategoryRule& rule) {
  Categories out;
  out.column_ = name;
  out.type_ = train.type(name);
  const DistinctValues values = distinct_values(train, name, out.type_);
  std::vector<size_t> order(values.keys.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (!values.numbers.empty() && values.numbers[a] != values.numbers[b]) return values.numbers[a] < values.numbers[b];
    return values.keys[a] < values.keys[b];
  });
  std::vector<size_t> kept = order;
  std::erase_if(kept, [&](size_t i) { return values.counts[i] < rule.min_count; });
  if (static_cast<int64_t>(kept.size()) > rule.max_categories) {
    std::vector<size_t> rank(order.size());
    for (size_t place = 0; place < order.size(); ++place) rank[order[place]] = place;
    std::stable_sort(kept.begin(), kept.end(), [&](size_t a, size_t b) { return values.counts[a] > values.counts[b]; });
    kept.resize(static_cast<size_t>(rule.max_categories));
    std::sort(kept.begin(), kept.end(), [&](size_t a, size_t b) { return rank[a] < rank[b]; });
  }
  out.has_rest_ = kept.size() < order.size();
  int64_t bytes = 0;
  for (const size_t i : kept) {
    out.keys_.push_back(values.keys[i]);
    out.counts_.push_back(values.counts[i]);
    bytes += static_cast<int64_t>(values.keys[i].size());
  }
  out.missing_rows_ = std::count(values.row.begin(), values.row.end(), DistinctValues::kMissing);
  if (bytes > kMaxCategoryBytes)
    throw Error(Code::data, concat("column '", name, "': its ", counted(out.size(), "different value"), " take ",
                                   format_bytes(static_cast<double>(bytes)), "; the limit is ",
                                   format_bytes(static_cast<double>(kMaxCategoryBytes))),
                "free text is no category: leave the column out, or set max_categories");
  out.index_keys();
  return out;
}

void Categories::index_keys() {
  for (size_t i = 0; i < keys_.size(); ++i) index_.emplace(keys_[i], static_cast<int32_t>(i));
}

std::vector<int32_t> Categories::find(StepRun& run, const Table& table, Unseen unseen) const {
  const DistinctValues values = distinct_values(table, column_, type_);
  std::vector<int32_t> category;
  std::vector<std::string> strange;
  int64_t strange_rows = 0;
  for (size_t i = 0; i < values.keys.size(); ++i) {
    const auto known = index_.find(values.keys[i]);
    category.push_back(known == index_.end() ? kUnseen : known->second);
    if (known != index_.end()) continue;
    strange_rows += values.counts[i];
    run.unseen[column_] += values.counts[i];
    strange.push_back(spelled(values.keys[i]));
  }
  if (!strange.empty()) {
    const std::string what = concat(counted(strange_rows, "row"), " of ", counted(static_cast<int64_t>(strange.size()), "value"),
                                    " that training did not have", has_rest_ ? ", or too seldom" : "", " (",
                                    listed(strange, 3), ")");
    if (unseen == Unseen::error) refuse_unseen(column_, what);
    run.notes.push_back(concat(spelled(column_), ": ", what));
  }
  std::vector<int32_t> out;
  out.reserve(values.row.size());
  for (const int32_t value : values.row) out.push_back(value < 0 ? kMissing : category[static_cast<size_t>(value)]);
  return out;
}

Json Categories::save() const {
  return {{"column", column_}, {"type", column_type_name(type_)}, {"categories", keys_},
          {"counts", counts_}, {"missing", missing_rows_},        {"rest", has_rest_}};
}

Categories Categories::load(const Json& state) {
  Categories out;
  out.column_ = state_text(state_field(state, "column"));
  out.type_ = state_column_type(state_field(state, "type"));
  out.keys_ = state_names(state_field(state, "categories"));
  const Json& counts = state_field(state, "counts");
  if (!counts.is_array() || counts.size() != out.keys_.size()) fail(Code::data, "the fitted state has not one count a category");
  for (const Json& count : counts) out.counts_.push_back(state_count(count));
  out.missing_rows_ = state_count(state_field(state, "missing"));
  out.has_rest_ = state_flag(state_field(state, "rest"));
  if (out.size() > kMaxCategories) fail(Code::data, "the fitted state has ", out.size(), " categories; the limit is ", kMaxCategories);
  out.index_keys();
  return out;
}

std::string spelled(const std::string& value) {
  constexpr size_t kLongest = 60;
  const std::string whole = printable(value);
  if (whole.size() <= kLongest) return whole;
  size_t end = kLongest;
  // Bytes that begin with the bits 10 continue a character.
  while ((whole[end] & 0xc0) == 0x80) --end;
  return whole.substr(0, end) + "…";
}

Table with_codes(const Table& table, const std::string& name, const std::vector<int64_t>& codes) {
  return with_cells<arrow::Int64Builder>(table, name, codes, [](int64_t code) { return code; });
}

Table with_labels(const Table& table, const std::string& name, const std::vector<int64_t>& codes,
                  const std::vector<std::string>& labels) {
  return with_cells<arrow::StringBuilder>(table, name, codes, [&](int64_t code) { return labels[static_cast<size_t>(code)]; });
}

}  // namespace crisp
