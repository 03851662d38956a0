/// Files and readings for the tests of the readers.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "cuda/error.h"
#include "read/read.h"

namespace crisp {

/// A folder that goes with the test.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "crisp-read-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  std::string at(const std::string& name) const { return path_ + "/" + name; }
  std::string file(const std::string& name, const std::string& contents) const {
    std::ofstream(at(name), std::ios::binary) << contents;
    return at(name);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// "65 message / hint" of the failure, the scratch folder taken out; "" where there was none.
template <class Action>
std::string failure_of(const Scratch& scratch, Action action) {
  try {
    action();
  } catch (const Error& error) {
    std::string text = concat(static_cast<int>(error.code()), " ", error.what());
    if (!error.hint().empty()) text += " / " + error.hint();
    for (size_t at; (at = text.find(scratch.path() + "/")) != std::string::npos;) {
      text.erase(at, scratch.path().size() + 1);
    }
    return text;
  }
  return "";
}

/// Reads CSV text.
inline Table read_csv(const std::string& text, CsvOptions options = {}, ReadReport* report = nullptr) {
  const Scratch scratch;
  ReadRequest request;
  request.path = scratch.file("t.csv", text);
  request.csv = std::move(options);
  return read_table(request, report);
}

/// What reading CSV text fails with.
inline std::string csv_failure(const std::string& text, ReadRequest request = {}) {
  const Scratch scratch;
  request.path = scratch.file("t.csv", text);
  return failure_of(scratch, [&] { read_table(request); });
}

/// "name:type" of every column.
inline std::string types_of(const Table& table) {
  std::string out;
  for (const ColumnInfo& column : table.schema()) {
    out += (out.empty() ? "" : " ") + column.name + ":" + column_type_name(column.type);
  }
  return out;
}

}  // namespace crisp
