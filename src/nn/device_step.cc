#include "nn/device_step.h"

#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string_view>

namespace crisp::nn {
namespace {

static_assert(std::is_trivially_copyable_v<StepValues> && sizeof(StepValues) % alignof(uint32_t) == 0);

/// Numbers that the rows lie in, from the first to the last; rows of windows overlap.
int64_t extent(const MatrixView<const float>& rows) { return rows.rows > 0 ? (rows.rows - 1) * rows.ld + rows.columns : 0; }

int64_t packet_bytes(int64_t rows) { return static_cast<int64_t>(sizeof(StepValues) + static_cast<size_t>(rows) * sizeof(uint32_t)); }

}  // namespace

bool ResidentRows::Room::take(Exec& exec, const float* values, int64_t size) {
  const bool fits = size <= buffer.size();
  if (!fits) {
    buffer = {};  // before the new one is asked for
    buffer = DeviceBuffer<float>(exec, size);
  }
  copy_bytes(exec, buffer.data(), values, checked_bytes<float>(size));
  return fits;
}

bool ResidentRows::take(Exec& exec, const LabelledRows& rows) {
  const LabelledRows before = here_;
  const auto target = static_cast<int64_t>(rows.target.size()), weights = static_cast<int64_t>(rows.weights.size());
  bool same = rows_.take(exec, rows.rows.data, extent(rows.rows));
  same = target_.take(exec, rows.target.data(), target) && same;
  same = weights_.take(exec, rows.weights.data(), weights) && same;
  here_ = {{rows_.buffer.data(), rows.rows.rows, rows.rows.columns, rows.rows.ld}, target_.span(target), weights_.span(weights), rows.answers};
  return same && before.rows.ld == rows.rows.ld && before.rows.columns == rows.rows.columns && before.answers == rows.answers &&
         before.weights.empty() == rows.weights.empty();
}

DeviceStep::DeviceStep(Exec& exec, int64_t most_rows, int64_t batch_rows, int64_t answers, std::span<const float> class_weights)
    : exec_(exec),
      answers_(answers),
      packet_(exec, packet_bytes(most_rows)),
      target_(exec, batch_rows * answers),
      weights_(exec, batch_rows),
      class_weights_(exec, class_weights.data(), static_cast<int64_t>(class_weights.size())) {
  ways_.reserve(kOnTheirWay);
  for (size_t k = 0; k < kOnTheirWay; ++k) ways_.emplace_back(exec, packet_bytes(most_rows));
}

bool DeviceStep::records_graphs() {
  const char* asked = std::getenv("CRISP_CUDA_GRAPH");
  return !asked || std::string_view(asked) != "0";
}

void DeviceStep::take_rows(const LabelledRows& rows) {
  if (!rows_.take(exec_, rows)) recorded_.clear();
}

const LabelledRows& DeviceStep::judged_rows(const LabelledRows& rows, bool kept) {
  if (kept && judged_kept_) return judged_.here();
  judged_.take(exec_, rows);
  judged_kept_ = kept;
  if (order_.size() < rows.rows.rows) {
    std::vector<uint32_t> order(static_cast<size_t>(rows.rows.rows));
    std::iota(order.begin(), order.end(), 0u);
    order_ = DeviceBuffer<uint32_t>(exec_, order.data(), rows.rows.rows);
  }
  return judged_.here();
}

std::span<const uint32_t> DeviceStep::index(int64_t count) const {
  return {reinterpret_cast<const uint32_t*>(packet_.data() + sizeof(StepValues)), static_cast<size_t>(count)};
}

void DeviceStep::send(const StepValues& values, std::span<const uint32_t> index) {
  if (flying_.size() == ways_.size()) arrive();  // the slot is its packet's until then
  Way& way = ways_[next_way_];
  std::memcpy(way.packet.data(), &values, sizeof values);
  std::memcpy(way.packet.data() + sizeof values, index.data(), index.size_bytes());
  copy_bytes(exec_, packet_.data(), way.packet.data(), sizeof values + index.size_bytes());
}

void DeviceStep::run(int64_t rows, const std::function<void()>& work) {
  if (!records_graphs() || (recorded_.size() == kMostGraphs && !recorded_.contains(rows))) return work();
  Recorded& recorded = recorded_[rows];
  if (!recorded.seen) {  // as it is: libraries set themselves up at their first call
    work();
    recorded.seen = true;
    return;
  }
  if (!recorded.graph) recorded.graph = Graph(exec_, work);
  recorded.graph.launch(exec_);
}

void DeviceStep::expect_loss(int64_t step) {
  Way& way = ways_[next_way_];
  copy_bytes(exec_, way.loss.data(), &values()->loss, sizeof(LossSum));
  way.done.record(exec_);
  way.step = step;
  flying_.push_back(next_way_);
  next_way_ = (next_way_ + 1) % ways_.size();
}

void DeviceStep::arrive() {
  const Way& way = ways_[flying_.front()];
  way.done.wait();
  known_.push_back({way.step, way.loss[0]});
  flying_.pop_front();
}

std::optional<StepLoss> DeviceStep::next_loss(bool all) {
  while (all && !flying_.empty()) arrive();
  if (known_.empty()) return std::nullopt;
  const StepLoss first = known_.front();
  known_.pop_front();
  return first;
}

void DeviceStep::forget() {
  while (next_loss(true)) {
  }
}

LossSum DeviceStep::take_loss() {
  LossSum sum;
  copy_bytes(exec_, &sum, &values()->loss, sizeof sum);
  exec_.synchronize();
  fill_bytes(exec_, &values()->loss, 0, sizeof sum);
  return sum;
}

}  // namespace crisp::nn
