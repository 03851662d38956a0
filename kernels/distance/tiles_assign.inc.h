// The nearest of some centroids for every row of a panel. Included by tiles.inc.h.
namespace crisp::distance {
namespace {

/// Least and second least estimate of each lane, and whose the least is.
struct TwoLeast {
  Register least, second, index;

  void add(Register estimate, Register id) {
    second = register_min(second, register_max(least, estimate));
#if defined(__AVX512F__)
    index = _mm512_mask_mov_ps(index, _mm512_cmp_ps_mask(estimate, least, _CMP_LT_OQ), id);
#elif defined(__AVX2__)
    index = _mm256_blendv_ps(index, id, _mm256_cmp_ps(estimate, least, _CMP_LT_OQ));
#elif defined(__SSE2__)
    const Register below = _mm_cmplt_ps(estimate, least);
    index = _mm_or_ps(_mm_and_ps(below, id), _mm_andnot_ps(below, index));
#else
    index = lower_index(estimate, id);
#endif
    least = register_min(least, estimate);
  }

#if !defined(__SSE2__)
  Register lower_index(Register estimate, Register id) const {
    float x[kRegisterLanes], y[kRegisterLanes], old[kRegisterLanes], now[kRegisterLanes];
    store_register(x, estimate);
    store_register(y, least);
    store_register(old, index);
    store_register(now, id);
    for (int l = 0; l < kRegisterLanes; ++l) old[l] = x[l] < y[l] ? now[l] : old[l];
    return load_register(old);
  }
#endif
};

/// By measure, of all centroids: for the few rows that estimates cannot decide.
[[gnu::noinline]] int32_t nearest_by_measure(const PaddedRows& centroids, const float* row) {
  Neighbour best = nobody();
  for (int64_t c = 0; c < centroids.rows; ++c) {
    const double measure = measure_rows<Metric::l2>(centroids.row(c), 1.0, row, 1.0, centroids.columns);
    const Neighbour next{measure_key(measure), c};
    if (comes_before(next, best)) best = next;
  }
  return static_cast<int32_t>(best.id);
}

/// Meets kPair rows with all centroids; index lanes hold the bits of the centroid's number.
inline void assign_pair(const CentroidGroups& centroids, const Panels& panels, int64_t panel, int lane,
                        TwoLeast* best) {
  for (int half = 0; half < 2; ++half) {
    best[half] = {all_of(HUGE_VALF), all_of(HUGE_VALF), all_of(0.0f)};
  }
  const int64_t columns = panels.columns;
  for (int64_t c = 0; c < centroids.rows->rows; c += kTileRows) {
    const int64_t group = c / kGroupRows, offset = c % kGroupRows;
    TileSums<kTileRows> tile;
#pragma GCC unroll 12
    for (int r = 0; r < kTileRows; ++r) {
      tile.sum[r][0] = tile.sum[r][1] = all_of(centroids.norms[static_cast<size_t>(c + r)]);
    }
    add_columns<Products>(centroids.values.data() + group * columns * kGroupRows + offset,
                          panels.panel(panel) + lane, columns, tile);
#pragma GCC unroll 12
    for (int r = 0; r < kTileRows; ++r) {
      const Register id = all_of(__builtin_bit_cast(float, static_cast<int32_t>(c + r)));
      best[0].add(tile.sum[r][0], id);
      best[1].add(tile.sum[r][1], id);
    }
  }
}

void assign_panels(const CentroidGroups& centroids, const PaddedRows& rows, const Panels& panels, int64_t first,
                   int64_t last, int32_t* labels) {
  const double slack = 2 * relative_slack(panels.columns);
  alignas(64) float least[kPanelRows], second[kPanelRows];
  alignas(64) int32_t index[kPanelRows];
  for (int64_t p = first; p < last; ++p) {
    for (int lane = 0; lane < kPanelRows; lane += kPair) {
      TwoLeast best[2];
      assign_pair(centroids, panels, p, lane, best);
      for (int half = 0; half < 2; ++half) {
        const int at = lane + half * kRegisterLanes;
        store_register(least + at, best[half].least);
        store_register(second + at, best[half].second);
        store_register(reinterpret_cast<float*>(index + at), best[half].index);
      }
    }
    const int64_t count = rows.rows - p * kPanelRows < kPanelRows ? rows.rows - p * kPanelRows : kPanelRows;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t row = p * kPanelRows + i;
      const double norm = static_cast<double>(panels.norms[static_cast<size_t>(row)]);
      const double doubt = slack * (norm * (1.0 + slack) + centroids.largest_norm) + kLeastSlack;
      const bool sure = static_cast<double>(second[i]) - static_cast<double>(least[i]) > doubt;
      labels[row - first * kPanelRows] = sure ? index[i] : nearest_by_measure(*centroids.rows, rows.row(row));
    }
  }
}

}  // namespace
}  // namespace crisp::distance
