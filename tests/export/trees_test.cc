/// Models of trees as TorchScript: numbers, codes and missing values, one number and several a leaf, every link.
#include <gtest/gtest.h>

#include "tests/export/scripted.h"
#include "tests/models/random_trees.h"

namespace crisp {
namespace {

/// What a model answers for rows of x0 ... x4, unprepared.
Exported exported(const TreeModel& model, const FittedRecipe& recipe, const Table& table) {
  Exported out;
  out.recipe = &recipe;
  out.input = {table.schema(), {}};
  for (const ColumnInfo& column : table.schema()) out.features.push_back(column.name);
  out.missing = true;
  out.task = model.outputs() > 1 ? Task::classification : Task::regression;
  for (int64_t k = 0; k < model.outputs() && model.outputs() > 1; ++k) out.classes.push_back(concat(k));
  out.outputs = model.outputs();
  out.about = {{"model", "trees"}, {"task", task_name(out.task)}};
  out.script = [&model](TorchScript& script, const std::string& rows, const std::string&) { return model.script(script, rows); };
  out.score = [&model](Exec& exec, const Matrix& rows, std::span<const std::string>) {
    std::vector<double> values(static_cast<size_t>(rows.rows() * model.outputs()));
    model.scorer(exec)->score(exec, rows.view(), values);
    return values;
  };
  return out;
}

Comparison compared(const TreeModel& model, const Table& table) {
  Exec exec(Device::cpu(), 1);
  const FittedRecipe recipe = Recipe::parse(Json::array()).fit(exec, table);
  const Exported source = exported(model, recipe, table);
  const ScriptModule module = script_module(exec, source);
  const auto runner = net_library().open_script(net_library().save_script(module.file));
  return compare(exec, source, module, *runner, table);
}

Table table_of(const std::vector<float>& rows, size_t columns) {
  Table table;
  for (size_t j = 0; j < columns; ++j) {
    std::vector<double> numbers;
    for (size_t i = j; i < rows.size(); i += columns) numbers.push_back(static_cast<double>(rows[i]));
    table = table.with_numbers(concat("x", j), numbers);
  }
  return table;
}

TEST(ScriptedTrees, AnswerAsTheModelDoes) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch here";
  const Table rows = table_of(random_rows(2000), 5);
  for (const bool vectors : {false, true}) {
    for (const bool sets : {false, true}) {
      for (const TreeLink link : {TreeLink::identity, TreeLink::softmax, TreeLink::one_against_rest}) {
        TreeParts parts = random_trees(vectors, 3, 11, sets);
        if (link == TreeLink::identity && !vectors) parts.trees.outputs = 1, parts.base = {0.25};
        if (link == TreeLink::identity && vectors) continue;  // no task has several numbers that are no classes
        parts.link = link;
        parts.scale = 0.5;
        const Comparison found = compared(*make_tree_model(parts), rows);
        EXPECT_EQ(found.rows, 2000);
        EXPECT_LT(found.largest, 1e-12);
      }
    }
  }
}

TEST(ScriptedTrees, OfOneNumberHaveEveryLink) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch here";
  const Table rows = table_of(random_rows(300), 5);
  for (const TreeLink link : {TreeLink::logistic, TreeLink::exponential, TreeLink::sigmoid, TreeLink::signed_square}) {
    TreeParts parts = random_trees(false, 1, 3, true);
    parts.link = link;
    const Comparison found = compared(*make_tree_model(parts), rows);
    EXPECT_EQ(found.rows, 300);
    EXPECT_LT(found.largest, 1e-12);
  }
}

/// Rounded by tree on both sides: the same sums to the bit.
TEST(ScriptedTrees, AddUpInSinglePrecisionWhereTheModelDoes) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch here";
  const Table rows = table_of(random_rows(300), 5);
  for (const bool sets : {false, true}) {
    TreeParts parts = random_trees(false, 1, 5, sets);
    parts.base = {0};
    parts.trees.single_start = {static_cast<double>(0.3f)};
    EXPECT_EQ(compared(*make_tree_model(parts), rows).largest, 0);
    parts = random_trees(sets, 3, 6, sets);
    parts.trees.single_start = {1, static_cast<double>(0.3f), -2};
    parts.link = TreeLink::softmax;
    EXPECT_LT(compared(*make_tree_model(parts), rows).largest, 1e-15);
  }
}

/// 0.1 as a double is not the float 0.1; both sides must round before they compare.
TEST(ScriptedTrees, CompareAs32BitNumbers) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch here";
  TreeParts parts = chain_of_trees(1);
  parts.trees.threshold[0] = 0.1f;
  const Table rows = Table().with_numbers("x0", {0.1, 0.1 + 1e-9, 0.1 + 1e-7, 0.1 - 1e-9, -5, 5});
  EXPECT_EQ(compared(*make_tree_model(parts), rows).largest, 0);
}

}  // namespace
}  // namespace crisp
