#include "detect/reasons.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/numbers.h"

namespace crisp {
namespace {

std::vector<RowReason> reasons_of(const Pipeline& pipeline, std::span<const double> parts, const std::string& group) {
  const double score = std::accumulate(parts.begin(), parts.end(), 0.0);
  std::vector<RowReason> reasons;
  for (size_t j = 0; j < pipeline.features().size(); ++j) {
    RowReason reason;
    reason.feature = pipeline.features()[j];
    reason.high = parts[2 * j];
    reason.low = parts[2 * j + 1];
    reason.share = score > 0 ? (reason.high + reason.low) / score : 0;
    reason.usual = pipeline.reference().usual(j, group);
    reasons.push_back(std::move(reason));
  }
  return reasons;
}

}  // namespace

std::vector<std::vector<RowReason>> explain_rows(Exec& exec, const Pipeline& pipeline, const Scored& scored,
                                                 std::span<const int64_t> rows) {
  if (rows.empty()) return {};
  const std::vector<double> parts = pipeline.attribute(exec, scored, rows);
  const Table values = scored.rows.take({rows.begin(), rows.end()});
  const size_t width = 2 * pipeline.features().size();

  std::vector<std::vector<RowReason>> result;
  for (size_t i = 0; i < rows.size(); ++i) {
    result.push_back(reasons_of(pipeline, std::span(parts).subspan(i * width, width),
                                scored.groups.empty() ? std::string() : scored.groups[static_cast<size_t>(rows[i])]));
  }
  for (size_t j = 0; j < pipeline.features().size(); ++j) {
    const std::vector<double> column = values.numbers(pipeline.features()[j]);
    for (size_t i = 0; i < rows.size(); ++i) result[i][j].value = column[i];
  }
  for (auto& reasons : result) {
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const RowReason& a, const RowReason& b) { return a.share > b.share; });
  }
  return result;
}

bool RowReason::is_high() const {
  if (std::isfinite(value) && std::isfinite(usual) && value != usual) return value > usual;
  return high >= low;
}

std::string reasons_text(const std::vector<RowReason>& reasons, size_t most) {
  std::string text;
  for (size_t i = 0; i < std::min(most, reasons.size()); ++i) {
    const RowReason& reason = reasons[i];
    if (i > 0) text += "; ";
    text += concat(reason.feature, reason.is_high() ? " high: " : " low: ", report::number(reason.value), " (usual ",
                   report::number(reason.usual), "), ", report::percent(reason.share, 0));
  }
  return text;
}

std::vector<int64_t> highest_rows(std::span<const double> scores, int64_t most) {
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)];
  });
  order.resize(std::min<size_t>(order.size(), static_cast<size_t>(std::max<int64_t>(most, 0))));
  return order;
}

}  // namespace crisp
