/// Profiles of tables that are gone through in pieces, and of more values than are kept.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cuda/random.h"
#include "profile/profile.h"
#include "profile/value_counts.h"
#include "read/write.h"

namespace crisp {
namespace {

struct Streamed : testing::Test {
  Streamed() {
    std::string name = (std::filesystem::temp_directory_path() / "crisp-profile-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~Streamed() override { std::filesystem::remove_all(folder); }

  TableProfile profile_file(const std::string& path, int64_t resident = 0) {
    ReadRequest request;
    request.path = path;
    const TableScan scan(request, resident, reading);
    Exec exec(Device::cpu(), 2);
    return profile_table(exec, scan);
  }

  std::string folder;
  ReadReport reading;
};

TableProfile profile_in_memory(const Table& table, int threads = 2) {
  Exec exec(Device::cpu(), threads);
  return profile_table(exec, table);
}

/// Everything but the moments is exact, whatever the pieces.
void expect_same(const TableProfile& found, const TableProfile& wanted) {
  EXPECT_EQ(found.rows, wanted.rows);
  EXPECT_EQ(found.duplicates, wanted.duplicates);
  ASSERT_EQ(found.columns.size(), wanted.columns.size());
  for (size_t j = 0; j < found.columns.size(); ++j) {
    const ColumnProfile &a = found.columns[j], &b = wanted.columns[j];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.type, b.type) << a.name;
    EXPECT_EQ(std::tie(a.count, a.missing, a.distinct, a.zeros), std::tie(b.count, b.missing, b.distinct, b.zeros)) << a.name;
    ASSERT_EQ(a.frequent.size(), b.frequent.size()) << a.name;
    for (size_t i = 0; i < a.frequent.size(); ++i) EXPECT_EQ(a.frequent[i].value, b.frequent[i].value);
    if (!b.has_distribution()) continue;
    EXPECT_EQ(a.quantiles, b.quantiles) << a.name;
    EXPECT_EQ(a.histogram.counts, b.histogram.counts) << a.name;
    EXPECT_NEAR(a.mean, b.mean, 1e-12 * std::abs(b.mean) + 1e-12) << a.name;
    EXPECT_NEAR(a.deviation / b.deviation, 1, 1e-12) << a.name;
  }
}

Table mixed_table(int64_t rows) {
  std::vector<double> reals;
  std::vector<int64_t> whole;
  std::vector<std::string> texts;
  for (int64_t i = 0; i < rows; ++i) {
    const auto k = static_cast<uint64_t>(i);
    reals.push_back(i % 13 == 5 ? NAN : std::floor(random_uniform(1, 0, k) * 1e4) / 7);
    whole.push_back(static_cast<int64_t>(random_below(1, 1, k, 3000)));
    texts.push_back(concat("t", random_below(1, 2, k, 40)));
  }
  return Table().with_numbers("real", reals).with_integers("whole", whole).with_texts("text", texts);
}

TEST_F(Streamed, FilesGiveWhatTheTableInMemoryGives) {
  const Table table = mixed_table(200'000);
  const TableProfile wanted = profile_in_memory(table);
  for (const char* name : {"/t.parquet", "/t.csv", "/t.csv.gz", "/t.arrow"}) {
    write_table(table, folder + name);
    expect_same(profile_file(folder + name), wanted);
    EXPECT_EQ(reading.rows(), 200'000) << name;
  }
  expect_same(profile_file(folder + "/t.csv", int64_t{1} << 30), wanted);
}

TEST_F(Streamed, TypesThatSettleLate) {
  std::string text = "a,b,c\n";
  for (int i = 0; i < 150'000; ++i) text += concat(i % 100, ",", i % 50, ",\n");
  text += "7,x,2020-01-01\n1.5,3,2020-01-02\n";
  std::ofstream(folder + "/t.csv") << text;
  ReadRequest request;
  request.path = folder + "/t.csv";
  expect_same(profile_file(request.path), profile_in_memory(read_table(request)));
  EXPECT_EQ(reading.notes.size(), 2u);
}

TEST_F(Streamed, ColumnsInTheAskedOrder) {
  const Table table = mixed_table(1000);
  for (const char* name : {"/t.parquet", "/t.csv"}) {
    write_table(table, folder + name);
    ReadRequest request;
    request.path = folder + name;
    request.columns = {"text", "real"};
    const TableScan scan(request, 0, reading);
    Exec exec(Device::cpu(), 2);
    expect_same(profile_table(exec, scan), profile_in_memory(table.select(request.columns)));
  }
}

TEST_F(Streamed, AFileThatChangesMeanwhileIsRefused) {
  write_table(mixed_table(1000), folder + "/t.csv");
  ReadRequest request;
  request.path = folder + "/t.csv";
  const TableScan scan(request, 0, reading);
  std::ofstream(request.path, std::ios::app) << "1.5,1,x\n";
  Exec exec(Device::cpu(), 1);
  EXPECT_THROW(profile_table(exec, scan), Error);
}

TEST(ManyValues, AreEstimatedAndSaidToBe) {
  constexpr int64_t kRows = 300'000;
  std::vector<double> unique;
  std::vector<int64_t> some;
  for (int64_t i = 0; i < kRows; ++i) {
    unique.push_back(static_cast<double>(i) * 1.25);
    some.push_back(i % 10 == 0 ? 42 : static_cast<int64_t>(random_below(1, 0, static_cast<uint64_t>(i), 100'000)));
  }
  std::vector<int64_t> distinct = some;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  const Table table = Table().with_numbers("unique", unique).with_integers("some", some);
  const TableProfile found = profile_in_memory(table);
  EXPECT_EQ(found.columns[0].distinct, kRows);  // no value of the sample repeats
  EXPECT_FALSE(found.columns[0].distinct_exact);
  EXPECT_NEAR(static_cast<double>(found.columns[1].distinct) / static_cast<double>(distinct.size()), 1, 0.02);
  EXPECT_EQ(found.columns[1].frequent[0].value, "42");
  EXPECT_EQ(found.columns[1].frequent[0].count, std::count(some.begin(), some.end(), 42));
  EXPECT_EQ(found.columns[0].quantiles[3], 1.25 * (kRows - 1) / 2);
  EXPECT_NE(profile_text(found, "x", {}).find("≈"), std::string::npos);
  EXPECT_EQ(to_text(profile_json(profile_in_memory(table, 7), "x", {})), to_text(profile_json(found, "x", {})));
}

TEST(KeySamples, CountRepeatsExactlyOrNearly) {
  for (const int64_t keys : {500, 1000, 40'000}) {
    KeySample sample(1000);
    for (int64_t i = 0; i < 5 * keys; ++i) {
      const auto key = static_cast<uint64_t>(i % keys);
      sample.add(key);
    }
    EXPECT_EQ(sample.exact(), keys <= 1000);
    const double tolerance = keys <= 1000 ? 0 : 0.15;  // more than three standard errors
    EXPECT_NEAR(static_cast<double>(sample.distinct()) / static_cast<double>(keys), 1, tolerance);
    EXPECT_NEAR(static_cast<double>(sample.repeats()) / static_cast<double>(4 * keys), 1, tolerance);
  }
}

}  // namespace
}  // namespace crisp
