#include "naive_csv.h"

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <regex>
#include <set>

namespace crisp {
namespace {

using Record = std::vector<NaiveValue>;

std::optional<std::vector<Record>> split(const std::string& text, char separator) {
  std::vector<Record> records;
  Record record;
  NaiveValue value;
  enum { kStart, kPlain, kQuoted, kBehindQuote } state = kStart;
  const auto end_value = [&] {
    record.push_back(value);
    value = {};
    state = kStart;
  };
  const auto end_record = [&] {
    if (record.empty() && state == kStart) return;  // a blank line
    end_value();
    records.push_back(record);
    record.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (state == kQuoted) {
      if (c != '"') {
        value.text += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        value.text += '"';
        ++i;
      } else {
        state = kBehindQuote;
      }
    } else if (c == separator) {
      end_value();
    } else if (c == '\n' || c == '\r') {
      end_record();
    } else if (state == kStart && c == '"') {
      value.quoted = true;
      state = kQuoted;
    } else if (state == kBehindQuote) {
      return std::nullopt;
    } else {
      value.text += c;
      state = kPlain;
    }
  }
  if (state == kQuoted) return std::nullopt;
  end_record();
  return records;
}

std::string trim(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_missing(const std::string& text) {
  static const std::set<std::string> kMissing = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"};
  return kMissing.contains(trim(text));
}

bool is_integer(const std::string& text) {
  static const std::regex kPattern("0|-?[1-9][0-9]*");
  if (!std::regex_match(text, kPattern)) return false;
  const std::string digits = text[0] == '-' ? text.substr(1) : text;
  const std::string limit = text[0] == '-' ? "9223372036854775808" : "9223372036854775807";
  return digits.size() < limit.size() || (digits.size() == limit.size() && digits <= limit);
}

bool is_real(const std::string& text) {
  static const std::regex kPattern("-?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?");
  static const std::regex kInfinity("-?inf(inity)?", std::regex::icase);
  if (std::regex_match(text, kInfinity)) return true;
  return std::regex_match(text, kPattern) && !std::isinf(std::strtod(text.c_str(), nullptr));
}

bool is_boolean(const std::string& text) {
  static const std::regex kPattern("true|True|TRUE|false|False|FALSE");
  return std::regex_match(text, kPattern);
}

bool is_timestamp(const std::string& text) {
  static const std::regex kPattern("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])( 12:30(:45)?Z?)?");
  return std::regex_match(text, kPattern);
}

std::string decide_type(const std::vector<NaiveValue>& values) {
  std::set<std::string> kinds;
  for (const NaiveValue& value : values) {
    const std::string text = trim(value.text);
    if (is_missing(text)) continue;
    kinds.insert(is_integer(text)     ? "integer"
                 : is_real(text)      ? "real"
                 : is_boolean(text)   ? "boolean"
                 : is_timestamp(text) ? "timestamp"
                                      : "text");
  }
  if (kinds == std::set<std::string>{"integer", "real"}) return "real";
  return kinds.size() == 1 ? *kinds.begin() : "text";
}

/// Only the forms that is_timestamp() knows.
std::string normal_timestamp(const std::string& text) {
  if (text.size() == 10) return text + "T00:00:00Z";
  const bool seconds = text.size() > 16 && text[16] == ':';
  return text.substr(0, 10) + "T12:30:" + (seconds ? "45" : "00") + "Z";
}

/// What a value of the type is compared as: numbers by their exact value.
std::string canonical(const std::string& text, const std::string& type) {
  if (type == "text") return text;
  const std::string bare = trim(text);
  if (type == "integer") return bare;
  if (type == "boolean") return bare[0] == 't' || bare[0] == 'T' ? "true" : "false";
  if (type == "timestamp") return normal_timestamp(bare);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%a", std::strtod(bare.c_str(), nullptr));
  return buffer;
}

}  // namespace

NaiveTable read_naively(const std::string& text, char separator) {
  NaiveTable table;
  const auto records = split(text, separator);
  table.failed = !records || records->empty();
  if (table.failed) return table;
  for (const NaiveValue& name : records->front()) table.columns.push_back({name.text, "", {}, {}});
  for (const Record& record : *records) table.failed = table.failed || record.size() != table.columns.size();
  if (table.failed) return table;
  for (size_t j = 0; j < table.columns.size(); ++j) {
    NaiveColumn& column = table.columns[j];
    std::vector<NaiveValue> values;
    for (size_t i = 1; i < records->size(); ++i) values.push_back((*records)[i][j]);
    column.type = decide_type(values);
    for (const NaiveValue& value : values) {
      const bool missing = is_missing(value.text) && !(value.quoted && column.type == "text");
      column.missing.push_back(missing);
      column.texts.push_back(missing ? "" : canonical(value.text, column.type));
    }
  }
  return table;
}

}  // namespace crisp
