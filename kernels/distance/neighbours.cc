// The CPU engine: blocks of queries meet the database's panels, as many at a time as the second-level cache holds. Where
// there are few queries the database is cut too, and the lists of the pieces are merged.
#include "kernels/distance/neighbours.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/distance/distance_bound.h"
#include "kernels/distance/neighbours_gpu.h"
#include "kernels/distance/tiles.h"

namespace crisp {

using namespace distance;

struct NeighbourIndex::State {
  Device device;
  Metric metric;
  int64_t rows, columns;
  PaddedRows padded;
  std::vector<float> shift;
  Panels panels;
  std::shared_ptr<const gpu::IndexUpload> upload;
};

namespace {

constexpr int64_t kQueryBlock = 10 * kGroupRows;
constexpr int64_t kCacheFloats = int64_t{128} << 10;  // of panels; half a megabyte
constexpr int64_t kWantedTasks = 64;
constexpr int64_t kLeastSegment = 512;  // panels

/// How a search is cut; the answer does not depend on it.
struct Cut {
  int64_t blocks, segments, panels_each;
};

Cut cut_search(int64_t queries, int64_t panels) {
  const int64_t blocks = (queries + kQueryBlock - 1) / kQueryBlock;
  const int64_t most = std::max<int64_t>(1, panels / kLeastSegment);
  const int64_t segments = std::clamp<int64_t>(kWantedTasks / std::max<int64_t>(blocks, 1), 1, most);
  return {blocks, segments, (panels + segments - 1) / segments};
}

/// A block of queries, in groups that are ready for the tiles.
class BlockSearch {
 public:
  BlockSearch(const NeighbourIndex::State& index, const PaddedRows& queries, int64_t first, int64_t count, int32_t k)
      : index_(index),
        count_(count),
        found_(static_cast<size_t>(count * k), nobody()),
        groups_(static_cast<size_t>((count + kGroupRows - 1) / kGroupRows)) {
    for (size_t g = 0; g < groups_.size(); ++g) {
      const int64_t start = static_cast<int64_t>(g) * kGroupRows;
      groups_[g].fill(index, queries, first + start, static_cast<int>(std::min<int64_t>(kGroupRows, count - start)),
                      found_.data() + start * k, k);
    }
  }

  void scan(int64_t first, int64_t last) {
    const Tiles& tiles = chosen_tiles();
    const Database database{index_.metric, &index_.padded, &index_.panels};
    const int64_t step = std::max<int64_t>(1, kCacheFloats / (index_.columns * kPanelRows));
    for (int64_t p = first; p < last; p += step) {
      for (Group& group : groups_) tiles.scan(database, group.view, p, std::min(p + step, last));
    }
  }

  std::vector<Neighbour>& found() { return found_; }

 private:
  struct Group {
    AlignedFloats values;
    double norms[kGroupRows];
    float limits[kGroupRows];
    NearestList lists[kGroupRows];
    QueryGroup view;

    void fill(const NeighbourIndex::State& index, const PaddedRows& queries, int64_t first, int count,
              Neighbour* heaps, int32_t k) {
      values = AlignedFloats(index.columns * kGroupRows);
      pack_group(index.metric, queries, first, count, index.shift.data(), index.metric == Metric::l1 ? 1.0f : -2.0f,
                 values.data(), norms);
      for (int r = 0; r < kGroupRows; ++r) {
        lists[r] = {heaps + r * k, k};
        // Nothing is too far as long as a list is not full; the rows beyond the last query find nothing.
        limits[r] = r < count ? NAN : -HUGE_VALF;
      }
      view = {values.data(), norms, &queries, first, count, lists, limits};
    }
  };

  const NeighbourIndex::State& index_;
  int64_t count_;
  std::vector<Neighbour> found_;
  std::vector<Group> groups_;
};

struct Answer {
  Metric metric;
  MatrixView<int32_t> ids;
  MatrixView<float> distances;

  /// The first k of `found`, sorted, become query i's row.
  void write(int64_t i, Neighbour* found, int64_t size) const {
    std::partial_sort(found, found + ids.columns, found + size, comes_before);
    for (int64_t j = 0; j < ids.columns; ++j) {
      ids.at(i, j) = static_cast<int32_t>(found[j].id);
      distances.at(i, j) = distance_of(metric, double_from_bits(found[j].key));
    }
  }
};

void search_blocks(Exec& exec, const NeighbourIndex::State& index, const PaddedRows& queries, const Answer& answer) {
  const Cut cut = cut_search(queries.rows, index.panels.panels());
  const int64_t k = answer.ids.columns;
  std::vector<Neighbour> pieces(static_cast<size_t>(cut.segments > 1 ? queries.rows * cut.segments * k : 0));
  exec.threads().run(cut.blocks * cut.segments, [&](int64_t task) {
    const int64_t first = task / cut.segments * kQueryBlock, segment = task % cut.segments;
    const int64_t count = std::min(kQueryBlock, queries.rows - first), panel = segment * cut.panels_each;
    BlockSearch search(index, queries, first, count, static_cast<int32_t>(k));
    search.scan(panel, std::min(panel + cut.panels_each, index.panels.panels()));
    for (int64_t i = 0; i < count; ++i) {
      Neighbour* found = search.found().data() + i * k;
      if (cut.segments == 1) {
        answer.write(first + i, found, k);
      } else {
        std::copy_n(found, k, pieces.data() + ((first + i) * cut.segments + segment) * k);
      }
    }
  });
  if (cut.segments == 1) return;
  exec.threads().for_ranges(queries.rows, kQueryBlock, [&](int64_t begin, int64_t end) {
    const int64_t size = cut.segments * k;
    for (int64_t i = begin; i < end; ++i) answer.write(i, pieces.data() + i * size, size);
  });
}

void check_search(Exec& exec, const NeighbourIndex& index, int64_t columns, int64_t k) {
  CRISP_ASSERT(exec.device() == index.device());
  CRISP_REQUIRE(columns == index.columns(), Code::data, "the rows have ", columns, " columns, those to search have ",
                index.columns());
  CRISP_REQUIRE(k >= 1 && k <= kMostNeighbours, Code::config, "cannot look for ", k, " neighbours: from 1 to ",
                kMostNeighbours, " are possible");
  CRISP_REQUIRE(k <= index.rows(), Code::data, "cannot look for ", k, " neighbours among ", index.rows(),
                " rows: ask for fewer");
}

}  // namespace

NeighbourIndex::NeighbourIndex(Exec& exec, Metric metric, MatrixView<const float> rows) {
  CRISP_REQUIRE(rows.rows > 0 && rows.columns > 0, Code::data, "no rows to look for neighbours among");
  CRISP_REQUIRE(rows.rows < std::numeric_limits<int32_t>::max() && rows.columns <= kMostColumns, Code::data,
                rows.rows, " rows of ", rows.columns, " columns are too many to look for neighbours among");
  const NvtxRange range("neighbour_index");
  auto state = std::make_shared<State>();
  state->device = exec.device();
  state->metric = metric;
  state->rows = rows.rows;
  state->columns = rows.columns;
  if (exec.is_cuda()) {
    state->upload = gpu::upload_index(exec, metric, rows);
  } else {
    state->padded = pad_rows(exec, metric, rows);
    state->shift = middle_of(rows);
    state->panels = pack_panels(exec, metric, state->padded, state->shift.data());
  }
  state_ = std::move(state);
}

Metric NeighbourIndex::metric() const { return state_->metric; }
int64_t NeighbourIndex::rows() const { return state_->rows; }
int64_t NeighbourIndex::columns() const { return state_->columns; }
const Device& NeighbourIndex::device() const { return state_->device; }

void nearest_neighbours(Exec& exec, const NeighbourIndex& index, MatrixView<const float> queries,
                        MatrixView<int32_t> ids, MatrixView<float> distances) {
  check_search(exec, index, queries.columns, ids.columns);
  CRISP_ASSERT(ids.rows == queries.rows && distances.rows == queries.rows && distances.columns == ids.columns);
  if (queries.rows == 0) return;
  const NvtxRange range("nearest_neighbours");
  const NeighbourIndex::State& state = index.state();
  if (exec.is_cuda()) return gpu::nearest_neighbours(exec, *state.upload, queries, ids, distances);
  search_blocks(exec, state, pad_rows(exec, state.metric, queries), {state.metric, ids, distances});
}

}  // namespace crisp
