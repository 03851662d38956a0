#include "detect/reasons.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/interrupt.h"
#include "core/format.h"

namespace crisp {
namespace {

constexpr size_t kChunk = 1024;  // rows explained at a time: bounds the memory

/// The features with the largest parts, in falling order; ties by place.
std::vector<size_t> weightiest(std::span<const double> parts, size_t most) {
  std::vector<size_t> order(parts.size() / 2);
  std::iota(order.begin(), order.end(), size_t{0});
  const auto weight = [&](size_t j) { return parts[2 * j] + parts[2 * j + 1]; };
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
  std::partial_sort(order.begin(), end, order.end(),
                    [&](size_t a, size_t b) { return weight(a) != weight(b) ? weight(a) > weight(b) : a < b; });
  order.erase(end, order.end());
  return order;
}

std::vector<RowReason> reasons_of(const Pipeline& pipeline, std::span<const double> parts, const std::string& group,
                                  size_t most) {
  const double score = std::accumulate(parts.begin(), parts.end(), 0.0);
  std::vector<RowReason> reasons;
  for (const size_t j : weightiest(parts, most)) {
    RowReason reason;
    reason.feature = j;
    reason.name = pipeline.features()[j];
    reason.high = parts[2 * j];
    reason.low = parts[2 * j + 1];
    reason.share = score > 0 ? (reason.high + reason.low) / score : 0;
    reason.usual = pipeline.reference().usual(j, group);
    reasons.push_back(std::move(reason));
  }
  return reasons;
}

/// Appends the reasons of one chunk of rows.
void explain_chunk(Exec& exec, const Pipeline& pipeline, const Scored& scored, std::span<const int64_t> rows, size_t most,
                   std::vector<std::vector<RowReason>>& result) {
  const std::vector<double> parts = pipeline.attribute(exec, scored, rows);
  const size_t width = 2 * pipeline.features().size();
  for (size_t i = 0; i < rows.size(); ++i) {
    result.push_back(reasons_of(pipeline, std::span(parts).subspan(i * width, width),
                                scored.groups.empty() ? std::string() : scored.groups[static_cast<size_t>(rows[i])], most));
  }
}

}  // namespace

std::vector<std::vector<RowReason>> explain_rows(Exec& exec, const Pipeline& pipeline, const Scored& scored,
                                                 std::span<const int64_t> rows, size_t most) {
  std::vector<std::vector<RowReason>> result;
  result.reserve(rows.size());
  for (size_t begin = 0; begin < rows.size(); begin += kChunk) {
    check_interrupt();
    explain_chunk(exec, pipeline, scored, rows.subspan(begin, std::min(kChunk, rows.size() - begin)), most, result);
  }
  if (rows.empty()) return result;
  const Table values = scored.rows.take({rows.begin(), rows.end()});
  std::vector<std::vector<double>> columns;
  for (const std::string& feature : pipeline.features()) columns.push_back(values.numbers(feature));
  for (size_t i = 0; i < rows.size(); ++i) {
    for (RowReason& reason : result[i]) reason.value = columns[reason.feature][i];
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
    text += concat(reason.name, reason.is_high() ? " high: " : " low: ", format_number(reason.value), " (usual ",
                   format_number(reason.usual), "), ", format_percent(reason.share, 0));
  }
  return text;
}

}  // namespace crisp
