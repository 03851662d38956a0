#include "kernels/geo/great_circle.h"
#include "kernels/geo/great_circle_row.h"
#include "prepare/arrow_function.h"

namespace crisp {
namespace {

/// The four columns of a pair of points, and room for the answer.
struct Pairs {
  std::vector<double> values[4], out;
  PointPairs view() const {
    const auto part = [&](int i) {
      return ArrayView<const double>{values[i].data(), static_cast<int64_t>(values[i].size())};
    };
    return {part(0), part(1), part(2), part(3)};
  }
  ArrayView<double> result() { return {out.data(), static_cast<int64_t>(out.size())}; }
};

Pairs read_pairs(const Call& c) {
  Pairs pairs;
  for (size_t i = 0; i < 4; ++i) pairs.values[i] = c.numbers(i);
  pairs.out.resize(pairs.values[0].size());
  return pairs;
}

Value distance(Call& c, double radius) {
  Pairs pairs = read_pairs(c);
  haversine(c.on.exec(), pairs.view(), radius, pairs.result());
  return c.result(pairs.out);
}

Value miles(Call& c) { return distance(c, kEarthRadiusKm / kKmPerMile); }
Value kilometres(Call& c) { return distance(c, kEarthRadiusKm); }

Value course(Call& c) {
  Pairs pairs = read_pairs(c);
  bearing(c.on.exec(), pairs.view(), pairs.result());
  return c.result(pairs.out);
}

}  // namespace

std::vector<Function> geo_functions() {
  const char* g = "geo";
  const char* points = "lat1:real lon1:real lat2:real lon2:real";
  return {
      make_function(
          g, "haversine", points, "real",
          "great-circle distance in miles between two points in degrees (Earth's mean radius 6371.0088 km)",
          "round(haversine(0, 0, 0, 1), 4)", "69.0934", miles),
      make_function(g, "haversine_km", points, "real", "the same in kilometres",
                    "round(haversine_km(0, 0, 0, 1), 4)", "111.1951", kilometres),
      make_function(g, "bearing", points, "real",
                    "course from the first point to the second, degrees clockwise from north",
                    "bearing(0, 0, 0, 1)", "90.0", course),
  };
}

}  // namespace crisp
