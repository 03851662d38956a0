#include "read/read.h"

namespace crisp {

const char* file_format_name(FileFormat format) {
  static constexpr const char* kNames[] = {"csv", "parquet", "arrow", "json_lines"};
  return kNames[static_cast<int>(format)];
}

int64_t ReadReport::rows() const {
  int64_t sum = 0;
  for (const FileReport& file : files) sum += file.rows;
  return sum;
}

int64_t ReadReport::bytes() const {
  int64_t sum = 0;
  for (const FileReport& file : files) sum += file.bytes;
  return sum;
}

Json ReadReport::to_json() const {
  Json out;
  out["rows"] = rows();
  out["bytes"] = bytes();
  out["files"] = Json::array();
  for (const FileReport& file : files) {
    Json entry = {{"path", file.path},
                  {"format", file_format_name(file.format)},
                  {"rows", file.rows},
                  {"bytes", file.bytes}};
    if (file.format == FileFormat::csv) entry["separator"] = std::string(1, file.separator);
    out["files"].push_back(std::move(entry));
  }
  out["columns"] = Json::array();
  for (const ColumnReport& column : columns) {
    Json entry = {{"name", column.name}, {"type", column_type_name(column.type)}};
    if (column.forced) entry["forced"] = true;
    if (column.all_missing) entry["all_missing"] = true;
    for (const Promotion& p : column.promotions) {
      entry["promotions"].push_back({{"from", column_type_name(p.from)},
                                     {"to", column_type_name(p.to)},
                                     {"file", p.file},
                                     {"row", p.row},
                                     {"value", p.value}});
    }
    out["columns"].push_back(std::move(entry));
  }
  out["notes"] = notes;
  return out;
}

}  // namespace crisp
