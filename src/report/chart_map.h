/// A map of one GPS track, without any map service: the track, its jumps, its ends, a scale, and other trips
/// in the background that show where roads and waterways are.
#pragma once

#include <string>
#include <vector>

namespace crisp::report {

/// Degrees (WGS 84). A position that is not finite or off the globe breaks the line.
struct GeoPoint {
  double latitude = 0, longitude = 0;
};

/// The step from track point `from` to the next one is marked, with a text such as "582 mph".
struct TrackJump {
  size_t from = 0;
  std::string text = {};
};

struct TrackMap {
  std::string title = {};
  std::vector<GeoPoint> track = {};
  std::vector<TrackJump> jumps = {};
  std::vector<std::vector<GeoPoint>> context = {};  ///< other trips, drawn thin; clipped to the frame
  std::string start_text = "start", end_text = "end";
  std::string note = {};
};

/// Equirectangular projection at the track's middle latitude: true to scale within 1 % over a city. Lines are
/// simplified to under half a pixel.
std::string draw(const TrackMap& map, double detail = 1);

}  // namespace crisp::report
