#include "run/trip_panels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "report/chart_attribution.h"
#include "report/chart_map.h"
#include "report/numbers.h"

namespace crisp {
namespace {

constexpr size_t kContextTracks = 12;

/// The events of the rows that panels show, by the value that names them.
class Tracks {
 public:
  Tracks(const RunResult& result, const std::set<std::string>& wanted) {
    if (!result.project.tracks || result.events.rows() == 0) return;
    const TracksPlan& plan = *result.project.tracks;
    const std::vector<std::string> names = result.events.texts(plan.by);
    const std::vector<double> latitude = result.events.numbers(plan.latitude);
    const std::vector<double> longitude = result.events.numbers(plan.longitude);
    for (size_t i = 0; i < names.size(); ++i) {
      if (wanted.count(names[i])) points_[names[i]].push_back({latitude[i], longitude[i]});
    }
  }
  const std::vector<report::GeoPoint>* find(const std::string& name) const {
    const auto found = points_.find(name);
    return found == points_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, std::vector<report::GeoPoint>> points_;
};

/// Names of other rows of the same group, drawn thin behind a track: where this vehicle usually goes.
std::vector<std::string> context_of(const RunResult& result, size_t row, const std::vector<std::string>& names) {
  std::vector<std::string> context;
  if (result.scored.groups.empty()) return context;
  for (size_t i = 0; i < names.size() && context.size() < kContextTracks; ++i) {
    const bool own = !result.evaluation || !result.evaluation->truth[i];
    if (i != row && own && result.scored.groups[i] == result.scored.groups[row]) context.push_back(names[i]);
  }
  return context;
}

double miles_between(const report::GeoPoint& a, const report::GeoPoint& b) {
  // Equirectangular: only finds the longest steps of a track, the distances themselves are the recipe's.
  constexpr double kMilesPerDegree = 69.09;
  const double north = b.latitude - a.latitude;
  const double east = (b.longitude - a.longitude) * std::cos(a.latitude * 3.14159265358979 / 180);
  return kMilesPerDegree * std::sqrt(north * north + east * east);
}

/// Steps of the track that are over ten times its median step, and over a mile: jumps of the receiver.
std::vector<report::TrackJump> jumps_of(const std::vector<report::GeoPoint>& track) {
  std::vector<double> steps;
  for (size_t i = 0; i + 1 < track.size(); ++i) steps.push_back(miles_between(track[i], track[i + 1]));
  if (steps.empty()) return {};
  const double usual = quantile(steps, 0.5);
  std::vector<report::TrackJump> jumps;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] > 1 && steps[i] > 10 * usual) jumps.push_back({i, concat(report::number(steps[i]), " mi in one step")});
  }
  return jumps;
}

report::AttributionChart reasons_chart(const std::vector<RowReason>& reasons) {
  report::AttributionChart chart{"Why it stands out", {}};
  for (const RowReason& reason : reasons) {
    chart.reasons.push_back({reason.feature, reason.high, reason.low, report::number(reason.value),
                             concat("usual ", report::number(reason.usual))});
  }
  chart.most = 8;
  chart.note = "Parts of the score: to the right because the value is high, to the left because it is low.";
  return chart;
}

std::string facts_of(const RunResult& result, size_t row) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " · ") + part; };
  for (const SlicedBy& by : result.slices) add(concat(by.column, " ", result.scored.rows.texts(by.column)[row]));
  for (const ColumnInfo& column : result.scored.rows.schema()) {
    if (column.type == ColumnType::timestamp) add(concat(column.name, " ", result.scored.rows.texts(column.name)[row]));
  }
  return text;
}

}  // namespace

void add_top_panels(report::Section& section, const RunResult& result) {
  const std::string by = result.project.tracks ? result.project.tracks->by : std::string();
  const bool named = !by.empty() && result.scored.rows.has(by);
  const std::vector<std::string> names = named ? result.scored.rows.texts(by) : std::vector<std::string>();
  std::set<std::string> wanted;
  for (const int64_t row : result.top) {
    if (!named) break;
    wanted.insert(names[static_cast<size_t>(row)]);
    for (const std::string& other : context_of(result, static_cast<size_t>(row), names)) wanted.insert(other);
  }
  const Tracks tracks(result, wanted);
  for (size_t i = 0; i < result.top.size(); ++i) {
    const auto row = static_cast<size_t>(result.top[i]);
    const bool anomalous = result.scored.anomalous[row] != 0;
    report::Section& panel = section.panel(
        named ? names[row] : concat("Row ", row + 1),
        concat("score ", report::fixed(result.scored.scores[row], 2), " · cutoff ", report::fixed(result.pipeline->cutoff(), 2)),
        anomalous ? report::Tone::bad : report::Tone::muted);
    panel.text(facts_of(result, row)).chart(reasons_chart(result.reasons[i]));
    if (!named || !tracks.find(names[row])) continue;
    report::TrackMap map{"Its track", *tracks.find(names[row]), {}, {}};
    map.jumps = jumps_of(map.track);
    for (const std::string& other : context_of(result, row, names)) {
      if (const auto* track = tracks.find(other)) map.context.push_back(*track);
    }
    map.note = map.context.empty() ? "" : concat("Grey: other rows of this ", result.pipeline->per(), ".");
    panel.chart(std::move(map));
  }
}

}  // namespace crisp
