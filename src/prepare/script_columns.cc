#include "prepare/script_columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include "cuda/error.h"
#include "prepare/arrow_value.h"

namespace crisp {
namespace {

constexpr const char* kPlaceOfCode = R"(
def place_of_code(self, codes: Tensor, places: Tensor) -> Tensor:
    known = (codes >= 0.0) & (codes < float(places.size(0)))
    place = places.index_select(0, codes.masked_fill(~known, 0.0).to(4)).masked_fill(~known, -1.0)
    return place.masked_fill(torch.isnan(codes), float('nan'))
)";

constexpr const char* kPlaceOfNumber = R"(
def place_of_number(self, values: Tensor, keys: Tensor, places: Tensor) -> Tensor:
    at = torch.bucketize(values, keys).clamp(0, keys.size(0) - 1)
    place = places.index_select(0, at).masked_fill(keys.index_select(0, at) != values, -1.0)
    return place.masked_fill(torch.isnan(values), float('nan'))
)";

/// The table ends with what stands for an unseen and for a missing value.
constexpr const char* kAnswerOfPlace = R"(
def answer_of_place(self, place: Tensor, answers: Tensor) -> Tensor:
    at = torch.where(place < 0.0, float(answers.size(0) - 2), place)
    return answers.index_select(0, at.masked_fill(torch.isnan(place), float(answers.size(0) - 1)).to(4))
)";

/// A key as Categories write it, as the number that stands in the column.
std::optional<double> number_of(const std::string& key, ColumnType type) {
  if (type == ColumnType::boolean && (key == "true" || key == "false")) return key == "true" ? 1.0 : 0.0;
  if (type == ColumnType::timestamp) {
    const auto time = parse_timestamp(key);
    return time ? std::optional(static_cast<double>(*time) / 1e6) : std::nullopt;
  }
  double number = 0;
  const auto read = std::from_chars(key.data(), key.data() + key.size(), number);
  return read.ec == std::errc() && read.ptr == key.data() + key.size() ? std::optional(number) : std::nullopt;
}

}  // namespace

int64_t ScriptWords::code(const std::string& text) {
  const auto [place, fresh] = codes_.emplace(text, static_cast<int64_t>(texts_.size()));
  if (fresh) texts_.push_back(text);
  return place->second;
}

ScriptColumns::ScriptColumns(TorchScript& script, const std::vector<ColumnInfo>& input) : script_(script) {
  for (const ColumnInfo& column : input) {
    // Its place in the input is known when it is known which columns are read: see inputs().
    ScriptValue value{column.type, script.let(""), nullptr};
    if (column.type == ColumnType::text) value.words = std::make_shared<ScriptWords>();
    set(column.name, value);
    input_.push_back({column, value});
  }
}

const ScriptValue& ScriptColumns::at(const std::string& name) const {
  const auto found = columns_.find(name);
  if (found == columns_.end()) fail(Code::data, "there is no column '", name, "'");
  if (found->second.refused) throw Error(*found->second.refused);
  return found->second.value;
}

std::string ScriptColumns::set(const std::string& name, ColumnType type, const std::string& expression) {
  const std::string code = script_.let(expression);
  set(name, {type, code, nullptr});
  return code;
}

void ScriptColumns::rename(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::map<std::string, Entry> renamed;
  for (const auto& [to, from] : pairs) renamed[to] = columns_.at(from);
  for (const auto& [to, from] : pairs) columns_.erase(from);
  for (auto& [name, entry] : renamed) columns_[name] = std::move(entry);
}

void ScriptColumns::keep(const std::vector<ColumnInfo>& left) {
  std::map<std::string, Entry> kept;
  for (const ColumnInfo& column : left) {
    const auto found = columns_.find(column.name);
    CRISP_ASSERT(found != columns_.end());
    Entry& entry = kept[column.name] = found->second;
    if (entry.refused) continue;
    CRISP_ASSERT((entry.value.words != nullptr) == (column.type == ColumnType::text));
    entry.value.type = column.type;
  }
  columns_ = std::move(kept);
}

std::string ScriptColumns::place(const ScriptValue& value, const std::vector<std::string>& keys) {
  if (value.type != ColumnType::text) return place_of_number(value, keys);
  std::vector<int64_t> codes;
  for (const std::string& key : keys) codes.push_back(value.words->code(key));
  std::vector<double> places(std::max<size_t>(value.words->texts().size(), 1), -1.0);
  for (size_t i = 0; i < keys.size(); ++i) places[static_cast<size_t>(codes[i])] = static_cast<double>(i);
  script_.method(kPlaceOfCode);
  const std::string table = script_.constant<double>(places);
  return script_.let(concat("self.place_of_code(", value.code, ", ", table, ")"));
}

std::string ScriptColumns::place_of_number(const ScriptValue& value, const std::vector<std::string>& keys) {
  std::vector<std::pair<double, double>> sorted;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (const auto number = number_of(keys[i], value.type))
      sorted.emplace_back(*number, static_cast<double>(i));
  }
  std::sort(sorted.begin(), sorted.end());
  if (sorted.empty())
    sorted.emplace_back(std::numeric_limits<double>::infinity(), -1.0);  // a number that no cell holds
  std::vector<double> numbers, places;
  for (const auto& [number, place] : sorted) {
    numbers.push_back(number);
    places.push_back(place);
  }
  script_.method(kPlaceOfNumber);
  const std::string key_table = script_.constant<double>(numbers),
                    place_table = script_.constant<double>(places);
  return script_.let(concat("self.place_of_number(", value.code, ", ", key_table, ", ", place_table, ")"));
}

std::string ScriptColumns::answer(const std::string& place, const ScriptAnswers& answers) {
  std::vector<double> table = answers.of_key;
  table.push_back(answers.unseen);
  table.push_back(answers.missing);
  script_.method(kAnswerOfPlace);
  return script_.let(concat("self.answer_of_place(", place, ", ", script_.constant<double>(table), ")"));
}

std::vector<ScriptColumns::Input> ScriptColumns::inputs(const std::string& answer) const {
  const std::string lines = script_.lines_for(answer);
  std::vector<Input> used;
  for (const Input& input : input_) {
    if (lines.find(concat("    ", input.value.code, " = \n")) != std::string::npos) used.push_back(input);
  }
  return used;
}

}  // namespace crisp
