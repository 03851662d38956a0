/// Distance and direction between two points on a sphere; the maths of one pair.
#pragma once

#include <cmath>

#include "cuda/host_device.h"

namespace crisp {

/// Mean radius of the Earth, R1 of the IUGG (Moritz, "Geodetic Reference System 1980"): 6371.0088 km.
constexpr double kEarthRadiusKm = 6371.0088;
constexpr double kKmPerMile = 1.609344;
constexpr double kRadiansPerDegree = 0.017453292519943295;

/// Great-circle distance in radians by the haversine formula, which keeps its digits for close points where
/// the law of cosines loses them. Degrees in; NaN in gives NaN.
CRISP_HD inline double haversine_radians(double lat1, double lon1, double lat2, double lon2) {
  const double half_lat = std::sin((lat2 - lat1) * (0.5 * kRadiansPerDegree));
  const double half_lon = std::sin((lon2 - lon1) * (0.5 * kRadiansPerDegree));
  const double cosines = std::cos(lat1 * kRadiansPerDegree) * std::cos(lat2 * kRadiansPerDegree);
  const double h = half_lat * half_lat + cosines * (half_lon * half_lon);
  // Rounding may carry antipodes past 1, where asin ends; a NaN must stay one.
  return 2.0 * std::asin(std::sqrt(h > 1.0 ? 1.0 : h));
}

/// Initial course from the first point to the second, degrees clockwise from north in [0, 360).
CRISP_HD inline double bearing_degrees(double lat1, double lon1, double lat2, double lon2) {
  const double from = lat1 * kRadiansPerDegree, to = lat2 * kRadiansPerDegree;
  const double turn = (lon2 - lon1) * kRadiansPerDegree;
  const double east = std::sin(turn) * std::cos(to);
  const double north = std::cos(from) * std::sin(to) - std::sin(from) * std::cos(to) * std::cos(turn);
  const double degrees = std::atan2(east, north) / kRadiansPerDegree;
  const double turned = degrees < 0 ? degrees + 360.0 : degrees;
  return turned >= 360.0 ? 0.0 : turned;  // a tiny negative angle rounds up to 360
}

}  // namespace crisp
