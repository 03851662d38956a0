#include "report/chart_map.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "report/axis.h"
#include "report/chart.h"
#include "core/format.h"
#include "report/simplify.h"

namespace crisp::report {
namespace {

constexpr double kMetresPerDegree = 6371008.8 * std::numbers::pi / 180;  // mean Earth radius (IUGG)
constexpr double kMetresPerMile = 1609.344;
constexpr double kSmallestSpan = 200;  // metres: a parked vehicle still gets a readable frame
constexpr double kTallest = 360, kShortest = 230, kPadding = 30;
constexpr size_t kMostTrackPoints = 50000, kMostContextPoints = 4000, kMostContextTracks = 150;

bool on_globe(const GeoPoint& p) { return std::abs(p.latitude) <= 90 && std::abs(p.longitude) <= 540; }

// Degrees east of `origin` by the short way round: tracks across the date line stay in one piece.
double east_of(double longitude, double origin) { return std::remainder(longitude - origin, 360.0); }

struct Projection {
  double origin = 0, cosine = 1;  // longitude in the middle; cosine of the latitude in the middle
  double metres_per_pixel = 1;
  double middle_east = 0, middle_north = 0;  // metres
  double width = kChartWidth, height = kShortest;

  double east(const GeoPoint& p) const { return east_of(p.longitude, origin) * kMetresPerDegree * cosine; }
  double north(const GeoPoint& p) const { return p.latitude * kMetresPerDegree; }
  Point operator()(const GeoPoint& p) const {
    if (!on_globe(p)) return {NAN, NAN};
    return {width / 2 + (east(p) - middle_east) / metres_per_pixel,
            height / 2 - (north(p) - middle_north) / metres_per_pixel};
  }
};

Projection fit(const std::vector<GeoPoint>& track) {
  Projection to;
  const auto first = std::find_if(track.begin(), track.end(), on_globe);
  if (first == track.end()) return to;
  to.origin = first->longitude;
  Range latitude, x, y;
  for (const GeoPoint& p : track) {
    if (on_globe(p)) latitude.include(p.latitude);
  }
  to.cosine = std::max(0.01, std::cos((latitude.low + latitude.high) / 2 * std::numbers::pi / 180));
  for (const GeoPoint& p : track) {
    if (on_globe(p)) x.include(to.east(p)), y.include(to.north(p));
  }
  to.middle_east = (x.low + x.high) / 2, to.middle_north = (y.low + y.high) / 2;
  const double wide = std::max(x.high - x.low, kSmallestSpan), tall = std::max(y.high - y.low, kSmallestSpan);
  to.height =
      std::clamp(std::round((to.width - 2 * kPadding) * tall / wide) + 2 * kPadding, kShortest, kTallest);
  to.metres_per_pixel = std::max(wide / (to.width - 2 * kPadding), tall / (to.height - 2 * kPadding));
  return to;
}

// Pieces of a track in pixels, broken where a position is missing and at the marked jumps.
std::vector<std::vector<Point>> pieces(const Projection& to, const std::vector<GeoPoint>& track,
                                       const std::vector<TrackJump>& jumps) {
  std::vector<std::vector<Point>> out(1);
  for (size_t i = 0; i < track.size(); ++i) {
    const Point p = to(track[i]);
    if (std::isfinite(p.x)) out.back().push_back(p);
    const bool jump =
        std::any_of(jumps.begin(), jumps.end(), [&](const TrackJump& j) { return j.from == i; });
    if ((!std::isfinite(p.x) || jump) && !out.back().empty()) out.emplace_back();
  }
  return out;
}

// Stretches of a background track near the frame; what lies elsewhere is not worth its bytes.
std::string context_path(const Projection& to, const std::vector<GeoPoint>& track, double detail) {
  constexpr double kNear = 40;
  const auto near = [&](const Point& p) {
    return p.x > -kNear && p.y > -kNear && p.x < to.width + kNear && p.y < to.height + kNear;
  };
  std::string data;
  for (const auto& piece : pieces(to, track, {})) {
    std::vector<Point> stretch;
    const auto flush = [&] {
      const auto most = static_cast<size_t>(kMostContextPoints * std::max(detail, 0.02));
      if (stretch.size() > 1)
        data += line_path(simplified(every_nth(stretch, most), 0.7 / std::max(detail, 0.05)));
      stretch.clear();
    };
    for (const Point& p : piece) near(p) ? stretch.push_back(p) : flush();
    flush();
  }
  return data;
}

// The largest 1, 2 or 5 times a power of ten of `unit` metres that fits into `room` metres.
double scale_length(double room, double unit) {
  const double amount = room / unit, power = std::pow(10.0, std::floor(std::log10(amount)));
  const double lead = amount / power;
  return power * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1);
}

// Where texts already stand, so that the next one goes beside them.
class Labels {
 public:
  explicit Labels(const Projection& to) : width_(to.width), height_(to.height) {}
  void occupy(double left, double top, double right, double bottom) {
    boxes_.push_back({left, top, right, bottom});
  }

  /// Writes `text` at the first of the places around `at` that is free and inside. An `end` of the track
  /// starts beside it and is written in any case; the name of a line starts above it and is left out where
  /// all is taken.
  void write(Svg& svg, const Point& at, const std::string& text, std::string_view classes, bool end) {
    constexpr double kReach = 11, kHigh = 12;
    const double half = text_pixels(text) / 2;
    const Point places[] = {
        {at.x + kReach + half, at.y + 4}, {at.x - kReach - half, at.y + 4}, {at.x, at.y - kReach},
        {at.x, at.y + kReach + 9},        {at.x + half, at.y - 22},         {at.x - half, at.y + 32}};
    const auto* first = std::begin(places) + (end ? 0 : 2);
    const auto* place = std::find_if(first, std::end(places), [&](const Point& p) {
      return free({p.x - half, p.y - kHigh, p.x + half, p.y + 3});
    });
    if (place == std::end(places) && !end) return;
    Point p = place == std::end(places) ? places[0] : *place;
    p.x = std::clamp(p.x, half + 2, std::max(half + 2, width_ - half - 2));
    occupy(p.x - half, p.y - kHigh, p.x + half, p.y + 3);
    svg.text(p.x, p.y, text, classes, Anchor::middle);
  }

 private:
  struct Box {
    double left, top, right, bottom;
  };
  bool free(const Box& box) const {
    if (box.left < 2 || box.top < 2 || box.right > width_ - 2 || box.bottom > height_ - 2) return false;
    return std::none_of(boxes_.begin(), boxes_.end(), [&](const Box& other) {
      return box.left < other.right && other.left < box.right && box.top < other.bottom &&
             other.top < box.bottom;
    });
  }
  std::vector<Box> boxes_;
  double width_, height_;
};

constexpr double kScaleRoom = 130, kScaleWidth = 200, kScaleHeight = 44;

// The scale goes to the lower corner that hides less of the track; returns its left edge.
double scale_corner(const Projection& to, const std::vector<GeoPoint>& track) {
  size_t left = 0, right = 0;
  for (const GeoPoint& position : track) {
    const Point p = to(position);
    if (!(p.y > to.height - kScaleHeight)) continue;
    left += p.x<kScaleWidth, right += p.x> to.width - kScaleWidth;
  }
  return left <= right ? 14 : to.width - kScaleWidth + 14;
}

void draw_scale(Svg& svg, const Projection& to, double x, Labels& labels) {
  const double room = kScaleRoom * to.metres_per_pixel, y = to.height - 22;
  const double miles = scale_length(room, kMetresPerMile), kilometres = scale_length(room, 1000);
  const double mile_pixels = miles * kMetresPerMile / to.metres_per_pixel,
               km_pixels = kilometres * 1000 / to.metres_per_pixel;
  svg.line(x, y, x + std::max(mile_pixels, km_pixels), y, "mark thin");
  svg.line(x, y - 5, x, y + 5, "mark thin");
  svg.line(x + mile_pixels, y - 5, x + mile_pixels, y, "mark thin");
  svg.line(x + km_pixels, y, x + km_pixels, y + 5, "mark thin");
  svg.text(x + mile_pixels + 5, y - 3, format_number(miles) + " mi", "sm halo");
  const std::string metric = kilometres < 1 ? format_number(kilometres * 1000) + " m" : format_number(kilometres) + " km";
  svg.text(x + km_pixels + 5, y + 12, metric, "sm halo");
  labels.occupy(x, y - 18, x + std::max(mile_pixels, km_pixels) + 50, to.height);
}

void draw_north(Svg& svg, const Projection& to, Labels& labels) {
  svg.line(to.width - 16, 30, to.width - 16, 14, "mark thin");
  svg.path("M" + coordinate(to.width - 19.5) + " 18l3.5-7l3.5 7z", "end");
  svg.text(to.width - 16, 43, "N", "sm mu", Anchor::middle);
  labels.occupy(to.width - 28, 0, to.width, 48);
}

std::string position_text(const GeoPoint& p) { return format_fixed(p.latitude, 4) + ", " + format_fixed(p.longitude, 4); }

void draw_ends(Svg& svg, const Projection& to, const TrackMap& map, Labels& labels) {
  const auto first = std::find_if(map.track.begin(), map.track.end(), on_globe);
  const auto last = std::find_if(map.track.rbegin(), map.track.rend(), on_globe);
  if (first == map.track.end()) {
    svg.text(to.width / 2, to.height / 2, "no positions", "mu", Anchor::middle);
    return;
  }
  const Point start = to(*first), end = to(*last);
  for (const Point& p : {start, end}) labels.occupy(p.x - 7, p.y - 7, p.x + 7, p.y + 7);
  svg.rect(end.x - 5, end.y - 5, 10, 10, "end", map.end_text + " at " + position_text(*last));
  svg.circle(start.x, start.y, 5.5, "ring", map.start_text + " at " + position_text(*first));
  labels.write(svg, start, map.start_text, "b halo", true);
  labels.write(svg, end, map.end_text, "b halo", true);
}

void draw_jumps(Svg& svg, const Projection& to, const TrackMap& map, Labels& labels) {
  for (const TrackJump& jump : map.jumps) {
    if (jump.from + 1 >= map.track.size()) continue;
    const Point a = to(map.track[jump.from]), b = to(map.track[jump.from + 1]);
    if (!std::isfinite(a.x) || !std::isfinite(b.x)) continue;
    svg.path(line_path(std::vector<Point>{a, b}), "jump", "jump: " + jump.text);
    labels.write(svg, {(a.x + b.x) / 2, (a.y + b.y) / 2}, jump.text, "b warn halo", false);
  }
}

}  // namespace

std::string draw(const TrackMap& map, double detail) {
  const Projection to = fit(map.track);
  Svg svg(to.width, to.height, map.title);
  svg.begin_clip(0, 0, to.width, to.height);
  svg.rect(0.5, 0.5, to.width - 1, to.height - 1, "map", {}, 6);
  const auto tracks = static_cast<size_t>(kMostContextTracks * std::clamp(detail, 0.0, 1.0));
  std::string background;
  for (size_t i = 0; i < std::min(tracks, map.context.size()); ++i)
    background += context_path(to, map.context[i], detail);
  svg.path(background, "ctx");
  std::string line;
  for (const auto& piece : pieces(to, map.track, map.jumps))
    line += line_path(simplified(every_nth(piece, kMostTrackPoints), 0.35 / std::max(detail, 0.1)));
  svg.path(line, "s1");
  Labels labels(to);
  draw_scale(svg, to, scale_corner(to, map.track), labels);
  draw_north(svg, to, labels);
  draw_ends(svg, to, map, labels);
  draw_jumps(svg, to, map, labels);
  svg.end_clip();
  return svg.finish();
}

}  // namespace crisp::report
