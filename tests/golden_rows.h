/// Reads the small CSV files of tests/data: rows of names followed by numbers.
#pragma once

#include <charconv>
#include <cmath>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace crisp {

struct GoldenRow {
  std::string name, kind;
  std::vector<double> values;
};

inline double golden_number(const std::string& text) {
  if (text == "nan") return NAN;
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc())
    throw std::runtime_error(text);
  return value;
}

/// `path` below tests/data. Rows whose third cell is no number (headings) are left out.
inline std::vector<GoldenRow> golden_rows(const std::string& path) {
  std::ifstream file(std::string(CRISP_TEST_DATA) + "/" + path);
  if (!file) throw std::runtime_error("no " + path);
  std::vector<GoldenRow> rows;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    if (cells.size() < 3 || cells[2] == "values...") continue;
    rows.push_back({cells[0], cells[1], {}});
    for (size_t i = 2; i < cells.size(); ++i) rows.back().values.push_back(golden_number(cells[i]));
  }
  return rows;
}

inline const GoldenRow& golden_row(const std::vector<GoldenRow>& rows, const std::string& name,
                                   const std::string& kind) {
  for (const GoldenRow& row : rows) {
    if (row.name == name && row.kind == kind) return row;
  }
  throw std::runtime_error("no " + name + " " + kind);
}

}  // namespace crisp
