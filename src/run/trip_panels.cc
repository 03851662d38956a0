#include "run/trip_panels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "report/chart_attribution.h"
#include "report/chart_map.h"
#include "core/format.h"

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

/// Names of training rows of the same group, drawn thin behind a track: where this vehicle usually goes.
std::vector<std::string> context_of(const RunResult& result, const std::string& group, const std::string& name) {
  const Scored& learned = result.pipeline->training();
  std::vector<std::string> context;
  if (learned.groups.empty()) return context;
  const std::vector<std::string> names = learned.rows.texts(result.project.tracks->by);
  for (size_t i = 0; i < names.size() && context.size() < kContextTracks; ++i) {
    if (learned.groups[i] == group && names[i] != name) context.push_back(names[i]);
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
    if (steps[i] > 1 && steps[i] > 10 * usual) jumps.push_back({i, concat(format_number(steps[i]), " mi in one step")});
  }
  return jumps;
}

report::AttributionChart reasons_chart(const std::vector<RowReason>& reasons) {
  report::AttributionChart chart{"Why it stands out", {}};
  for (const RowReason& reason : reasons) {
    chart.reasons.push_back({reason.name, reason.high, reason.low, format_number(reason.value),
                             concat("usual ", format_number(reason.usual))});
  }
  chart.most = 8;
  chart.note = "Parts of the score: to the right because the value is high, to the left because it is low.";
  return chart;
}

std::string facts_of(const RunResult& result, const Table& row) {
  std::string text;
  const auto add = [&](const std::string& column) {
    if (row.has(column)) text += concat(text.empty() ? "" : " · ", column, " ", row.texts(column)[0]);
  };
  for (const SlicedBy& by : result.slices) add(by.column);
  for (const ColumnInfo& column : row.schema()) {
    if (column.type == ColumnType::timestamp) add(column.name);
  }
  return text;
}

report::TrackMap track_map(const RunResult& result, const Tracks& tracks, const std::string& group,
                           const std::string& name) {
  report::TrackMap map{"Its track", *tracks.find(name), {}, {}};
  map.jumps = jumps_of(map.track);
  for (const std::string& other : context_of(result, group, name)) {
    if (const auto* track = tracks.find(other)) map.context.push_back(*track);
  }
  if (!map.context.empty()) map.note = concat("Grey: trips that the model of this ", result.pipeline->per(), " learned from.");
  return map;
}

/// Every track that a panel will draw.
std::set<std::string> wanted_tracks(const RunResult& result, const Scored& scored, const TopRows& top,
                                    const std::vector<std::string>& names) {
  std::set<std::string> wanted;
  for (const int64_t place : top.rows) {
    const auto row = static_cast<size_t>(place);
    wanted.insert(names[row]);
    if (scored.groups.empty()) continue;
    for (const std::string& other : context_of(result, scored.groups[row], names[row])) wanted.insert(other);
  }
  return wanted;
}

}  // namespace

void add_top_panels(report::Section& section, const RunResult& result, const Scored& scored, const TopRows& top) {
  const bool named = result.project.tracks && scored.rows.has(result.project.tracks->by);
  const std::vector<std::string> names =
      named ? scored.rows.texts(result.project.tracks->by) : std::vector<std::string>();
  const Tracks tracks(result, named ? wanted_tracks(result, scored, top, names) : std::set<std::string>());
  for (size_t i = 0; i < top.rows.size(); ++i) {
    const auto row = static_cast<size_t>(top.rows[i]);
    report::Section& panel = section.panel(
        named ? names[row] : concat("Row ", row + 1),
        concat("score ", format_fixed(scored.scores[row], 2), " · cutoff ", format_fixed(result.pipeline->cutoff(), 2)),
        scored.anomalous[row] ? report::Tone::bad : report::Tone::muted);
    panel.text(facts_of(result, scored.rows.slice(top.rows[i], 1))).chart(reasons_chart(top.reasons[i]));
    if (!named || !tracks.find(names[row])) continue;
    panel.chart(track_map(result, tracks, scored.groups.empty() ? std::string() : scored.groups[row], names[row]));
  }
}

}  // namespace crisp
