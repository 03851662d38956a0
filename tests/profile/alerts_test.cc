#include <gtest/gtest.h>

#include <set>

#include "profile/alerts.h"

namespace crisp {
namespace {

std::set<std::string> kinds_of(const Table& table) {
  Exec exec(Device::cpu(), 1);
  std::set<std::string> kinds;
  for (const Alert& alert : profile_table(exec, table).alerts) kinds.insert(alert.kind);
  return kinds;
}

using Kinds = std::set<std::string>;

/// 100 values by their row.
template <class Value>
auto hundred(Value value) {
  std::vector<decltype(value(0))> out;
  for (int i = 0; i < 100; ++i) out.push_back(value(i));
  return out;
}

/// A second column that is real and all different: no row repeats and nothing else is said.
Table with_filler(const Table& table) {
  return table.with_numbers("filler", hundred([](int i) { return i * 0.5 + 0.25; }));
}

Kinds of_numbers(auto value) {
  return kinds_of(with_filler(Table().with_numbers("x", hundred([&](int i) -> double { return value(i); }))));
}

Kinds of_texts(auto value) {
  return kinds_of(
      with_filler(Table().with_texts("x", hundred([&](int i) -> std::string { return value(i); }))));
}

TEST(Alerts, SayNothingOfAnOrdinaryColumn) {
  EXPECT_EQ(of_numbers([](int i) { return i % 37 + 0.5; }), Kinds{});
}

TEST(Alerts, Constant) {
  EXPECT_EQ(of_numbers([](int) { return 4.0; }), Kinds{"CONSTANT"});
}

TEST(Alerts, EmptyColumn) {
  EXPECT_EQ(of_numbers([](int) { return NAN; }), Kinds{"EMPTY"});
}

TEST(Alerts, MissingBeyondOnePercent) {
  EXPECT_EQ(of_numbers([](int i) { return i < 1 ? NAN : i % 37 + 0.5; }), Kinds{});
  EXPECT_EQ(of_numbers([](int i) { return i < 2 ? NAN : i % 37 + 0.5; }), Kinds{"MISSING"});
}

TEST(Alerts, ZerosBeyondTenPercent) {
  EXPECT_EQ(of_numbers([](int i) { return i < 10 ? 0.0 : i % 37 + 0.5; }), Kinds{});
  EXPECT_EQ(of_numbers([](int i) { return i < 11 ? 0.0 : i % 37 + 0.5; }), Kinds{"ZEROS"});
}

TEST(Alerts, Infinite) {
  EXPECT_EQ(of_numbers([](int i) { return i == 7 ? HUGE_VAL : i % 37 + 0.5; }), Kinds{"INFINITE"});
}

TEST(Alerts, Skewed) {
  std::vector<double> values(1000, 0.0);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(i % 7 + 1) + static_cast<double>(i) * 1e-6;
  values[3] = 1e9;
  EXPECT_EQ(kinds_of(Table().with_numbers("x", values)), Kinds{"SKEWED"});
}

TEST(Alerts, Unique) {
  EXPECT_EQ(of_texts([](int i) { return concat("id", i); }), Kinds{"UNIQUE"});
}

TEST(Alerts, HighCardinalityBeyondFiftyTexts) {
  EXPECT_EQ(of_texts([](int i) { return concat("t", i % 50); }), Kinds{});
  EXPECT_EQ(of_texts([](int i) { return concat("t", i % 51); }), Kinds{"HIGH_CARDINALITY"});
}

TEST(Alerts, Imbalance) {
  EXPECT_EQ(of_texts([](int i) { return i % 3 == 0 ? "a" : "b"; }), Kinds{});
  EXPECT_EQ(of_texts([](int i) { return i % 20 == 0 ? "a" : "b"; }), Kinds{"IMBALANCE"});
}

TEST(Alerts, Duplicates) {
  EXPECT_TRUE(kinds_of(Table().with_texts("x", {"a", "b", "c", "a"})).contains("DUPLICATES"));
}

TEST(Alerts, EveryKindHasARule) {
  Kinds kinds;
  for (const auto& [kind, rule] : alert_rules()) kinds.insert(kind);
  EXPECT_EQ(kinds, (Kinds{"EMPTY", "DUPLICATES", "CONSTANT", "UNIQUE", "HIGH_CARDINALITY", "IMBALANCE",
                          "INFINITE", "MISSING", "ZEROS", "SKEWED"}));
}

}  // namespace
}  // namespace crisp
