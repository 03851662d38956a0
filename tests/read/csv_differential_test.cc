/// Thousands of random polluted CSV texts, for many block sizes and thread counts, against the naive reader.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "naive_csv.h"
#include "reading.h"

namespace crisp {
namespace {

class Polluter {
 public:
  explicit Polluter(uint64_t seed) : random_(seed) {}

  std::string table(char separator) {
    separator_ = separator;
    const int columns = below(5) + 2;
    std::vector<int> flavours;
    for (int j = 0; j < columns; ++j) flavours.push_back(below(7));
    std::string out;
    for (int j = 0; j < columns; ++j)
      out += (j > 0 ? std::string(1, separator) : "") + "c" + std::to_string(j);
    out += line_end();
    for (int i = below(40); i > 0; --i) {
      // Rarely a row with a value too many or too few.
      const int values = below(400) == 0 ? columns + below(3) - 1 : columns;
      for (int j = 0; j < values; ++j) {
        if (j > 0) out += separator;
        out += cell(flavours[static_cast<size_t>(j % columns)]);
      }
      out += i > 1 || below(2) == 0 ? line_end() : "";
    }
    return out;
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

  std::string line_end() {
    static const char* const kEnds[] = {"\n",   "\n", "\n",   "\n",       "\r\n",
                                        "\r\n", "\r", "\n\n", "\r\n\r\n", "\n\r"};
    return kEnds[below(10)];
  }

  /// Each column keeps to one flavour, mostly: so late surprises in all combinations occur.
  std::string cell(int flavour) {
    const std::string plain = value(below(25) == 0 ? below(7) : flavour);
    const int how = below(12);
    if (how == 0 && plain.find('"') == plain.npos) return concat('"', plain, '"');
    if (how == 1 && below(30) == 0) return concat('"', plain);      // may never be closed
    if (how == 2 && below(60) == 0) return concat("\"x\"", plain);  // text behind the quote
    if (how == 3) return concat(' ', plain, ' ');
    return plain;
  }

  std::string value(int flavour) {
    static const char* const kMissing[] = {"", "NA", "nan", "null", "N/A", "None"};
    static const char* const kReals[] = {"1.5",
                                         "-0",
                                         ".5",
                                         "5.",
                                         "1e3",
                                         "-inf",
                                         "Infinity",
                                         "1e-400",
                                         "0.1",
                                         "1E+2",
                                         "12345678901234567890",
                                         "-0.0",
                                         "9007199254740993.0"};
    static const char* const kTexts[] = {"x",     "007", "+1",  "1e400",     "0x1f",
                                         "1_000", "-",   ".",   "1.2.3",     "e5",
                                         "in",    "a b", "5\"", "--1",       "gr\xc3\xbc\xc3\x9f",
                                         "1e",    "1e+", "-.",  "2016-13-01"};
    static const char* const kQuoted[] = {"\"a\nb\"", "\"a\r\nb\"", "\"\"\"\"", "\"x\"\"y\"", "\"\"",
                                          "\"NA\"",   "\"1\"",      "\"\n\"",   "\"\r\"",     "\"2,5;7\t8\""};
    static const char* const kTimes[] = {"2016-12-06", "2016-12-06 12:30", "2016-01-28 12:30:45Z",
                                         "0001-02-03"};
    static const char* const kBooleans[] = {"true", "False", "TRUE", "false"};
    if (below(8) == 0) return kMissing[below(6)];
    switch (flavour) {
      case 0:
      case 1:
        return std::to_string(static_cast<int64_t>(random_()) >> below(64));
      case 2:
        return kReals[below(13)];
      case 3:
        return kTexts[below(19)];
      case 4:
        return kQuoted[below(10)];
      case 5:
        return kTimes[below(4)];
      default:
        return kBooleans[below(4)];
    }
  }

  std::mt19937_64 random_;
  char separator_ = ',';
};

std::string compared(const Table& table, const NaiveColumn& column, size_t row,
                     const std::vector<std::string>& texts, const std::vector<double>& numbers) {
  if (column.type != "real" || column.missing[row] != 0) return texts[row];
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%a", numbers[row]);
  return table.rows() > 0 ? buffer : "";
}

void expect_same(const Table& table, const NaiveTable& naive) {
  ASSERT_EQ(static_cast<size_t>(table.columns()), naive.columns.size());
  for (const NaiveColumn& column : naive.columns) {
    ASSERT_EQ(column_type_name(table.type(column.name)), column.type) << column.name;
    ASSERT_EQ(table.missing(column.name), column.missing) << column.name;
    const auto texts = table.texts(column.name);
    const auto numbers = column.type == "real" ? table.numbers(column.name) : std::vector<double>();
    for (size_t i = 0; i < texts.size(); ++i) {
      ASSERT_EQ(compared(table, column, i, texts, numbers), column.texts[i])
          << column.name << " row " << i + 1;
    }
  }
}

TEST(CsvDifferential, EqualsTheNaiveReaderForAllBlocksAndThreads) {
  const Scratch scratch;
  int failures = 0, checked = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    const char separator = ",;\t|"[seed % 4];
    const std::string text = Polluter(seed).table(separator);
    const NaiveTable naive = read_naively(text, separator);
    ReadRequest request;
    request.path = scratch.file("t.csv", text);
    request.csv.separator = separator;
    std::string first_failure, first_report;
    for (const int64_t block :
         {int64_t{1}, int64_t{2}, int64_t{7}, int64_t{31}, int64_t{64}, int64_t{333}, int64_t{1} << 20}) {
      request.csv.block_bytes = block;
      request.threads = static_cast<int>((seed + static_cast<uint64_t>(block)) % 4) + 1;
      SCOPED_TRACE(concat("seed ", seed, ", blocks of ", block, "\n", text));
      if (naive.failed) {
        const std::string failure = failure_of(scratch, [&] { read_table(request); });
        ASSERT_EQ(failure.substr(0, 9), "65 t.csv:");
        if (first_failure.empty()) first_failure = failure;
        ASSERT_EQ(failure, first_failure);  // the same one, whatever the blocks
        ++failures;
      } else {
        ReadReport report;
        expect_same(read_table(request, &report), naive);
        if (first_report.empty()) first_report = report.to_json().dump();
        ASSERT_EQ(report.to_json().dump(), first_report);
        if (HasFatalFailure()) return;
        ++checked;
      }
    }
  }
  EXPECT_GT(failures, 100);
  EXPECT_GT(checked, 1000);
}

}  // namespace
}  // namespace crisp
