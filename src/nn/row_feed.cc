#include "nn/row_feed.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "cuda/error.h"
#include "cuda/shuffle.h"

namespace crisp::nn {
namespace {

constexpr uint64_t kOrderStream = 0x6f72646572'000000u;
constexpr std::chrono::milliseconds kPatience{50};

/// The window that the row is in; behind the last row the last one.
size_t window_of(const std::vector<RowWindows::Plan>& plans, int64_t place) {
  const auto found = std::find_if(plans.begin(), plans.end(), [&](const RowWindows::Plan& plan) { return place < plan.end; });
  return static_cast<size_t>(std::min(found, plans.end() - 1) - plans.begin());
}

}  // namespace

RowFeed::RowFeed(const FitData& data, uint64_t seed, const BatchCut& cut, int64_t step_rows)
    : data_(data), seed_(seed), rows_(data.train_rows()), step_rows_(step_rows) {
  CRISP_ASSERT(rows_ > 0);
  if (data.stream) {
    windows_.emplace(*data.stream, seed, cut);
  } else {
    order_.resize(static_cast<size_t>(rows_));
  }
}

RowFeed::~RowFeed() { stop_reading(); }

bool RowFeed::shuffle(int64_t epoch) {
  const bool first = epoch_ < 0;
  if (epoch == epoch_) return false;
  std::iota(order_.begin(), order_.end(), 0u);
  crisp::shuffle(std::span(order_), seed_, kOrderStream + static_cast<uint64_t>(epoch));
  epoch_ = epoch;
  window_ = data_.train;
  return first;
}

void RowFeed::read_ahead(const RowWindows::Plan& plan) {
  ahead_plan_ = plan;
  stop_ = false;
  ahead_ = std::async(std::launch::async, [this] { return windows_->read(ahead_plan_, stop_); });
}

void RowFeed::stop_reading() {
  stop_ = true;
  if (ahead_.valid()) ahead_.wait();
  ahead_ = {};
}

bool RowFeed::go_to(int64_t epoch, int64_t place, const std::function<void()>& waiting) {
  if (!windows_) return shuffle(epoch);
  if (now_.epoch == epoch && place >= now_.begin && place < now_.end) return false;
  const std::vector<RowWindows::Plan> plans = windows_->of_epoch(epoch);
  const size_t wanted = window_of(plans, place);
  if (!ahead_.valid() || ahead_plan_.epoch != epoch || ahead_plan_.begin != plans[wanted].begin) {
    stop_reading();
    now_ = {};  // no more than two windows at a time
    read_ahead(plans[wanted]);
  }
  while (ahead_.wait_for(kPatience) != std::future_status::ready) waiting();
  now_ = ahead_.get();
  window_ = now_.labelled();
  read_ahead(wanted + 1 < plans.size() ? plans[wanted + 1] : windows_->of_epoch(epoch + 1).front());
  return true;
}

std::span<const uint32_t> RowFeed::next(int64_t place) const {
  const std::vector<uint32_t>& order = windows_ ? now_.order : order_;
  const auto begin = static_cast<size_t>(place - now_.begin);
  return std::span(order).subspan(begin, std::min(static_cast<size_t>(step_rows_), order.size() - begin));
}

int64_t RowFeed::steps_before(int64_t epoch, int64_t place) const {
  if (!windows_) return steps_of(place);
  int64_t steps = 0;
  for (const RowWindows::Plan& plan : windows_->of_epoch(epoch)) {
    if (plan.begin < place) steps += steps_of(std::min(place, plan.end) - plan.begin);
  }
  return steps;
}

}  // namespace crisp::nn
