#include "train/row_windows.h"

#include <algorithm>
#include <numeric>

#include "cuda/error.h"
#include "cuda/shuffle.h"
#include "train/peers.h"

namespace crisp {
namespace {

constexpr uint64_t kGroupStream = 0x67726f7570'000000u;
constexpr uint64_t kWindowStream = 0x77696e646f'000000u;

/// Where the rows of a window lie: those of whole batches in lanes, a part of each batch from each, and the rest behind them.
struct Lanes {
  Lanes(int64_t rows, const BatchCut& cut) : cut(cut), batches(rows / cut.batch), rows(rows) {}

  int64_t in_batches() const { return batches * cut.batch; }
  /// Rows of a batch before its part.
  int64_t before(int64_t part, int64_t batch_rows) const { return std::min(part * cut.part_rows, batch_rows); }
  int64_t parts_of(int64_t batch_rows) const { return (batch_rows + cut.part_rows - 1) / cut.part_rows; }

  const BatchCut& cut;
  int64_t batches, rows;
};

/// The places of a window that this process learns from: a range of the lanes, and one of the rest.
class OwnRows {
 public:
  explicit OwnRows(const Lanes& lanes) {
    const int64_t rest = lanes.rows - lanes.in_batches();
    const Share whole = share_of(lanes.parts_of(lanes.cut.batch), lanes.cut.rank, lanes.cut.processes);
    const Share last = share_of(lanes.parts_of(rest), lanes.cut.rank, lanes.cut.processes);
    lanes_ = {lanes.batches * lanes.before(whole.begin, lanes.cut.batch), lanes.batches * lanes.before(whole.end, lanes.cut.batch)};
    rest_ = {lanes.in_batches() + lanes.before(last.begin, rest), lanes.in_batches() + lanes.before(last.end, rest)};
  }

  int64_t size() const { return lanes_.size() + rest_.size(); }
  bool has(int64_t place) const { return inside(lanes_, place) || inside(rest_, place); }
  /// Whether one of the places [begin, end) is.
  bool any(int64_t begin, int64_t end) const { return before(end) > before(begin); }
  /// The number of a place's row in this process: own ones first.
  int64_t number(int64_t place) const { return has(place) ? before(place) : size() + place - before(place); }

 private:
  static bool inside(const Share& range, int64_t place) { return place >= range.begin && place < range.end; }
  int64_t before(int64_t place) const {
    const auto in = [&](const Share& range) { return std::clamp(place, range.begin, range.end) - range.begin; };
    return in(lanes_) + in(rest_);
  }
  Share lanes_, rest_;
};

/// The places of a window in the order of its batches.
std::vector<uint32_t> batch_order(const Lanes& lanes, const RowWindows::Plan& plan, uint64_t seed) {
  std::vector<uint32_t> places(static_cast<size_t>(lanes.rows)), order(places.size());
  std::iota(places.begin(), places.end(), 0u);
  const uint64_t stream = kWindowStream + static_cast<uint64_t>(plan.epoch);
  for (int64_t part = 0; part < lanes.parts_of(lanes.cut.batch); ++part) {
    const int64_t first = lanes.before(part, lanes.cut.batch), size = lanes.before(part + 1, lanes.cut.batch) - first;
    const std::span<uint32_t> lane(places.data() + lanes.batches * first, static_cast<size_t>(lanes.batches * size));
    shuffle(lane, seed, stream, static_cast<uint64_t>(plan.begin + lanes.batches * first));
    for (int64_t batch = 0; batch < lanes.batches; ++batch) {
      std::copy_n(lane.data() + batch * size, size, order.data() + batch * lanes.cut.batch + first);
    }
  }
  std::copy(places.begin() + lanes.in_batches(), places.end(), order.begin() + lanes.in_batches());
  return order;
}

}  // namespace

int64_t RowStream::rows() const {
  const auto counts = groups();
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

std::vector<RowWindows::Plan> RowWindows::of_epoch(int64_t epoch) const {
  const auto counts = stream_.groups();
  std::vector<uint32_t> order(counts.size());
  std::iota(order.begin(), order.end(), 0u);
  shuffle(std::span(order), seed_, kGroupStream + static_cast<uint64_t>(epoch));
  std::vector<Plan> plans;
  for (const uint32_t group : order) {
    const int64_t rows = counts[group];
    if (rows == 0) continue;
    if (plans.empty() || plans.back().end - plans.back().begin + rows > stream_.window_rows()) {
      const int64_t begin = plans.empty() ? 0 : plans.back().end;
      plans.push_back({epoch, begin, begin, {}});
    }
    plans.back().groups.push_back(group);
    plans.back().end += rows;
  }
  return plans;
}

RowWindow RowWindows::read(const Plan& plan, const std::atomic<bool>& stop) const {
  const Lanes lanes(plan.end - plan.begin, cut_);
  const OwnRows own(lanes);
  RowWindow window{plan.epoch, plan.begin, plan.end, Matrix(own.size(), stream_.columns()), {}, {}};
  window.target.resize(static_cast<size_t>(lanes.rows));
  int64_t place = 0;
  for (const int64_t group : plan.groups) {
    if (stop) return window;
    const int64_t rows = stream_.groups()[static_cast<size_t>(group)];
    StreamedRows read;
    if (own.any(place, place + rows)) {
      read = stream_.read(group);
      CRISP_ASSERT(read.rows.rows() == rows && read.rows.columns() == stream_.columns());
    } else {
      read.target = stream_.targets(group);
    }
    CRISP_ASSERT(static_cast<int64_t>(read.target.size()) == rows);
    for (int64_t i = 0; i < rows; ++i, ++place) {
      const int64_t number = own.number(place);
      window.target[static_cast<size_t>(number)] = read.target[static_cast<size_t>(i)];
      if (own.has(place)) std::copy_n(std::as_const(read.rows).view().row(i), stream_.columns(), window.rows.view().row(number));
    }
  }
  window.order = batch_order(lanes, plan, seed_);
  for (uint32_t& row : window.order) row = static_cast<uint32_t>(own.number(row));
  return window;
}

}  // namespace crisp
