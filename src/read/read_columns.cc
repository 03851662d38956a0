#include "read/read_columns.h"

#include <arrow/compute/api.h>

#include <algorithm>
#include <unordered_set>

#include "cuda/error.h"
#include "read/csv_value.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

/// Parses every text; Append is the builder's, Parse one of parse_forced_*.
template <class Builder, class Value, class Parse>
std::shared_ptr<arrow::Array> parse_all(const Table& table, const std::string& name, ColumnType type,
                                        const MissingValues& blanks, Parse parse) {
  Builder builder(arrow_type(type), arrow::default_memory_pool());
  const std::vector<std::string> texts = table.texts(name);
  const std::vector<uint8_t> missing = table.missing(name);
  for (size_t i = 0; i < texts.size(); ++i) {
    Value value{};
    const std::string_view text = trimmed(texts[i]);
    if (missing[i] != 0 || blanks.contains(text)) {
      check(builder.AppendNull());
      continue;
    }
    CRISP_REQUIRE(parse(text, value), Code::data, "row ", i + 1, ", column '", name, "': '",
                  texts[i].substr(0, 40), "' is not of type ", column_type_name(type));
    check(builder.Append(value));
  }
  return check(builder.Finish());
}

std::shared_ptr<arrow::Array> parsed(const Table& table, const std::string& name, ColumnType type,
                                     const CsvOptions& rules) {
  const MissingValues blanks(rules.missing);
  switch (type) {
    case ColumnType::boolean:
      return parse_all<arrow::BooleanBuilder, bool>(table, name, type, blanks, parse_forced_boolean);
    case ColumnType::integer:
      return parse_all<arrow::Int64Builder, int64_t>(table, name, type, blanks, parse_forced_integer);
    case ColumnType::real:
      return parse_all<arrow::DoubleBuilder, double>(table, name, type, blanks, parse_forced_real);
    case ColumnType::timestamp:
      return parse_all<arrow::TimestampBuilder, int64_t>(
          table, name, type, blanks, [&](std::string_view text, int64_t& us) {
            return parse_timestamp(text, rules.timestamp_formats, us);
          });
    case ColumnType::text:
      break;
  }
  const auto same = [](std::string_view text, std::string& out) { return out.assign(text), true; };
  return parse_all<arrow::StringBuilder, std::string>(table, name, type, MissingValues({}), same);
}

bool is_number(ColumnType type) { return type == ColumnType::integer || type == ColumnType::real; }

}  // namespace

void require_columns(const std::vector<std::string>& wanted, const std::vector<std::string>& names,
                     const std::string& file) {
  const std::unordered_set<std::string> known(names.begin(), names.end());
  std::unordered_set<std::string> seen;
  for (const std::string& name : wanted) {
    CRISP_REQUIRE(seen.insert(name).second, Code::config, "column '", name, "' is asked for twice");
    if (known.contains(name)) continue;
    const std::string near = nearest_name(name, names);
    throw Error(Code::data, concat(file, ": there is no column '", name, "'"),
                near.empty() ? concat("the file has ", names.size(), " columns")
                             : concat("did you mean '", near, "'?"));
  }
}

void note_promotions(const ColumnReport& column, std::vector<std::string>& notes) {
  for (const Promotion& p : column.promotions) {
    notes.push_back(concat(p.file, ": column '", column.name, "' is ", column_type_name(p.to), ", not ",
                           column_type_name(p.from), ", because of '", p.value, "' in row ", p.row));
  }
}

Table with_type(const Table& table, const std::string& column, ColumnType type, const CsvOptions& rules) {
  const ColumnType from = table.type(column);
  if (from == type) return table;
  const int index = table.index_of(column);
  std::shared_ptr<arrow::ChunkedArray> values;
  if (is_number(from) && is_number(type)) {
    const auto cast = arrow::compute::Cast(table.arrow()->column(index), arrow_type(type));
    check(cast.status(), concat("column '", column, "'"));
    values = cast->chunked_array();
  } else {
    values = std::make_shared<arrow::ChunkedArray>(parsed(table, column, type, rules));
  }
  return Table(
      check(table.arrow()->SetColumn(index, arrow::field(column, arrow_type(type)), std::move(values))));
}

Table with_types(Table table, const ReadRequest& request) {
  for (const auto& [name, type] : request.types) {
    if (!table.has(name)) continue;
    const bool numbers = is_number(type) && table.type(name) == ColumnType::real;
    if (numbers && request.fractions.contains(name)) continue;
    // Texts that are numbers: whole ones do not tell themselves from others before all have been parsed.
    const bool texts = table.type(name) == ColumnType::text && request.fractions.contains(name);
    table = with_type(table, name, texts ? ColumnType::real : type, request.csv);
  }
  return table;
}

}  // namespace crisp
