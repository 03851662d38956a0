#include "run/impostors.h"

#include <algorithm>
#include <charconv>

#include "core/stable_hash.h"
#include "cuda/error.h"
#include "cuda/shuffle.h"

namespace crisp {
namespace {

using Rows = std::vector<int64_t>;

/// As many rows as `own` has, or as there are, from those of `all` rows that are not its own. `own` ascends.
Rows draw_others(const Rows& own, size_t all, uint64_t seed, const std::string& group) {
  const size_t others = all - own.size();
  // The n-th other row stands behind so many own ones: own[j] has j own and own[j] - j other rows before it.
  const auto row_of = [&](size_t n) {
    size_t low = 0, high = own.size();
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (static_cast<size_t>(own[middle]) - middle <= n) low = middle + 1;
      else high = middle;
    }
    return static_cast<int64_t>(n + low);
  };
  Rows drawn;
  for (const size_t n : random_choice(others, std::min(own.size(), others), seed, stable_hash(group))) drawn.push_back(row_of(n));
  return drawn;
}

/// `table` with the group column set to `values`, in the type that it had.
Table with_group(const Table& table, const std::string& column, const std::vector<std::string>& values) {
  if (table.type(column) != ColumnType::integer) return table.with_texts(column, values);
  std::vector<int64_t> numbers;
  for (const std::string& value : values) {
    int64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    numbers.push_back(number);
  }
  return table.with_integers(column, numbers);
}

}  // namespace

ImpostorTest mix_impostors(const Table& test, const std::vector<std::string>& train_groups, const ImpostorPlan& plan) {
  std::map<std::string, int64_t> train_rows;
  for (const std::string& group : train_groups) ++train_rows[group];
  const std::vector<std::string> owner_of = test.texts(plan.group);
  std::map<std::string, Rows> rows_of;
  for (size_t i = 0; i < owner_of.size(); ++i) rows_of[owner_of[i]].push_back(static_cast<int64_t>(i));

  ImpostorTest result;
  Rows chosen;
  std::vector<std::string> claimed, labels, truth;
  for (const auto& [group, own] : rows_of) {
    const auto trained = train_rows.find(group);
    if (trained == train_rows.end() || trained->second < plan.min_train_rows) {
      result.left_out_rows += static_cast<int64_t>(own.size());
      continue;
    }
    ++result.groups;
    const Rows mixed_in = draw_others(own, owner_of.size(), plan.seed, group);
    result.impostor_rows += static_cast<int64_t>(mixed_in.size());
    for (const Rows* part : {&own, &mixed_in}) {
      for (const int64_t row : *part) {
        chosen.push_back(row);
        claimed.push_back(group);
        truth.push_back(owner_of[static_cast<size_t>(row)]);
        labels.push_back(part == &own ? plan.genuine : plan.impostor);
      }
    }
  }
  CRISP_REQUIRE(!chosen.empty(), Code::data, "no group of '", plan.group, "' has ", plan.min_train_rows,
                " training rows and a test row: there is nobody to test");
  CRISP_REQUIRE(result.impostor_rows > 0, Code::data, "every test row has the same '", plan.group,
                "': there is nobody to play the impostor");
  const Table rows = with_group(test.take(chosen), plan.group, claimed);
  result.rows = rows.with_texts(plan.label, labels).with_texts(concat("true_", plan.group), truth);
  return result;
}

}  // namespace crisp
