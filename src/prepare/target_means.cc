#include "prepare/target_means.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp {
namespace {

constexpr int64_t kMaxClasses = 100;
constexpr uint64_t kFoldStream = 0x7461726765740000;  // no other draw has it

TargetValues class_values(const Table& train, const std::string& name) {
  const Categories classes = Categories::learn(train, name, {});
  if (classes.size() < 2) fail(Code::data, "the target '", name, "' has one value only");
  if (classes.size() > kMaxClasses)
    throw Error(Code::data, concat("the target '", name, "' has ", classes.size(), " classes; the limit is ", kMaxClasses),
                "task = \"regression\" takes it as a number");
  TargetValues out;
  out.outputs = static_cast<size_t>(classes.size()) - 1;
  for (int64_t i = 1; i < classes.size() && classes.size() > 2; ++i) out.classes.push_back(classes.key(i));
  Exec host(Device::cpu(), 1);
  StepRecord unasked;
  StepRun run{host, unasked.notes, unasked.unseen};
  out.stratum = classes.find(run, train, Unseen::other);
  for (const int32_t row : out.stratum) {
    for (size_t k = 1; k <= out.outputs; ++k)
      out.values.push_back(row < 0 ? std::nan("") : static_cast<double>(row == static_cast<int32_t>(k)));
  }
  return out;
}

/// Sums over the rows that count, of one output.
struct Sums {
  std::vector<double> count, mean, squares;  // squares: of deviations from the group's own mean
  double all_mean = 0.0, all_variance = 0.0;
};

/// Two passes: means first, then squares around them, which do not cancel.
template <class Each>
Sums sum_groups(int64_t groups, Each each_row) {
  Sums s;
  s.count.assign(static_cast<size_t>(groups), 0.0);
  s.mean = s.squares = s.count;
  double rows = 0.0, total = 0.0;
  each_row([&](int32_t group, double y) {
    rows += 1.0;
    total += y;
    if (group < 0) return;
    s.count[static_cast<size_t>(group)] += 1.0;
    s.mean[static_cast<size_t>(group)] += y;
  });
  s.all_mean = rows > 0.0 ? total / rows : 0.0;
  for (size_t g = 0; g < s.mean.size(); ++g) s.mean[g] = s.count[g] > 0.0 ? s.mean[g] / s.count[g] : s.all_mean;
  double squares = 0.0;
  each_row([&](int32_t group, double y) {
    squares += (y - s.all_mean) * (y - s.all_mean);
    if (group < 0) return;
    const double off = y - s.mean[static_cast<size_t>(group)];
    s.squares[static_cast<size_t>(group)] += off * off;
  });
  s.all_variance = rows > 0.0 ? squares / rows : 0.0;
  return s;
}

/// How much the group's own mean weighs.
double weight(const Sums& s, size_t group, const Smoothing& smoothing) {
  const double n = s.count[group];
  if (n == 0.0) return 0.0;
  if (smoothing.rows) return n / (n + *smoothing.rows);
  const double between = s.all_variance * n, within = s.squares[group] / n;
  return between + within > 0.0 ? between / (between + within) : 0.0;
}

}  // namespace

TargetValues target_values(const Table& train, const EncodeRule& rule) {
  const ColumnType type = train.type(rule.target);
  const bool classes = rule.classes.value_or(type == ColumnType::text || type == ColumnType::boolean);
  if (classes) return class_values(train, rule.target);
  TargetValues out;
  out.values = train.numbers(rule.target);
  for (const double y : out.values) {
    if (std::isinf(y)) fail(Code::data, "the target '", rule.target, "' is infinite in a row");
  }
  if (std::all_of(out.values.begin(), out.values.end(), [](double y) { return std::isnan(y); }))
    fail(Code::data, "the target '", rule.target, "' is blank in all training rows");
  out.stratum.assign(out.values.size(), 0);
  return out;
}

CategoryMeans category_means(const TargetValues& target, std::span<const int32_t> group, int64_t groups,
                             const Smoothing& smoothing, std::span<const int> fold, int without) {
  // One row alone is in the first fold: nothing is left to learn from but itself.
  const bool any = fold.empty() || std::any_of(fold.begin(), fold.end(), [&](int f) { return f != without; });
  CategoryMeans out;
  out.values.resize(static_cast<size_t>(groups + 1) * target.outputs);
  for (size_t k = 0; k < target.outputs; ++k) {
    const Sums sums = sum_groups(groups, [&](auto use) {
      for (size_t i = 0; i < group.size(); ++i) {
        if (any && !fold.empty() && fold[i] == without) continue;
        const double y = target.values[i * target.outputs + k];
        if (!std::isnan(y)) use(group[i], y);
      }
    });
    for (size_t g = 0; g < static_cast<size_t>(groups); ++g) {
      const double own = weight(sums, g, smoothing);
      out.values[g * target.outputs + k] = own * sums.mean[g] + (1.0 - own) * sums.all_mean;
    }
    out.values[static_cast<size_t>(groups) * target.outputs + k] = sums.all_mean;
  }
  return out;
}

std::vector<int> deal_target_folds(const TargetValues& target, int folds, uint64_t seed) {
  std::vector<size_t> order(target.stratum.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::vector<uint64_t> draw;
  for (size_t i = 0; i < order.size(); ++i) draw.push_back(random_bits(seed, kFoldStream, i));
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return std::tie(draw[a], a) < std::tie(draw[b], b); });
  std::map<int32_t, int> dealt;
  std::vector<int> fold(order.size());
  for (const size_t i : order) fold[i] = dealt[target.stratum[i]]++ % folds;
  return fold;
}

}  // namespace crisp
