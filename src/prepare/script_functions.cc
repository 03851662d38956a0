#include "prepare/script_functions.h"

#include <algorithm>

namespace crisp {

const char* const kScriptFinite = R"(
def finite(self, values: Tensor) -> Tensor:
    return values.masked_fill(~torch.isfinite(values), float('nan'))
)";

const char* const kScriptRounded = R"(
def rounded(self, values: Tensor, power: float) -> Tensor:
    scaled = values * power
    half = scaled.abs() - torch.floor(scaled.abs()) == 0.5
    near = torch.where(half, torch.sign(scaled) * torch.ceil(scaled.abs()), torch.round(scaled))
    return torch.where(torch.floor(scaled) == scaled, values, near / power)
)";

namespace {

/// Days since 1970 to the civil calendar, and back: Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms". Years begin in March there, so that the leap day comes last.
constexpr const char* kDate = R"(
def civil_date(self, seconds: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    days = torch.floor(seconds / 86400.0) + 719468.0
    era = torch.floor(days / 146097.0)
    day = days - era * 146097.0
    year = torch.floor((day - torch.floor(day / 1460.0) + torch.floor(day / 36524.0) - torch.floor(day / 146096.0)) / 365.0)
    day = day - (365.0 * year + torch.floor(year / 4.0) - torch.floor(year / 100.0))
    month = torch.floor((5.0 * day + 2.0) / 153.0)
    day = day - torch.floor((153.0 * month + 2.0) / 5.0) + 1.0
    month = torch.where(month < 10.0, month + 3.0, month - 9.0)
    return year + era * 400.0 + (month <= 2.0).to(7), month, day
)";
constexpr const char* kNewYear = R"(
def new_year(self, year: Tensor) -> Tensor:
    before = year - 1.0
    return 365.0 * before + torch.floor(before / 4.0) - torch.floor(before / 100.0) + torch.floor(before / 400.0) - 719162.0
)";
constexpr const char* kDayOfYear = R"(
def day_of_year(self, seconds: Tensor) -> Tensor:
    year, month, day = self.civil_date(seconds)
    return torch.floor(seconds / 86400.0) - self.new_year(year) + 1.0
)";
/// A week belongs to the year that its Thursday is in.
constexpr const char* kWeek = R"(
def week(self, seconds: Tensor) -> Tensor:
    days = torch.floor(seconds / 86400.0)
    thursday = days - torch.remainder(days + 3.0, 7.0) + 3.0
    year, month, day = self.civil_date(thursday * 86400.0)
    return torch.floor((thursday - self.new_year(year)) / 7.0) + 1.0
)";
constexpr const char* kYear = R"(
def date_part(self, seconds: Tensor, part: int) -> Tensor:
    year, month, day = self.civil_date(seconds)
    return [year, month, day][part]
)";
/// kernels/geo/great_circle_row.h
constexpr const char* kHaversine = R"(
def haversine_radians(self, lat1: Tensor, lon1: Tensor, lat2: Tensor, lon2: Tensor) -> Tensor:
    radians = 0.017453292519943295
    half_lat = torch.sin((lat2 - lat1) * (0.5 * radians))
    half_lon = torch.sin((lon2 - lon1) * (0.5 * radians))
    h = half_lat * half_lat + torch.cos(lat1 * radians) * torch.cos(lat2 * radians) * (half_lon * half_lon)
    return 2.0 * torch.asin(torch.sqrt(h.clamp(max=1.0)))
)";
constexpr const char* kBearing = R"(
def bearing(self, lat1: Tensor, lon1: Tensor, lat2: Tensor, lon2: Tensor) -> Tensor:
    radians = 0.017453292519943295
    start = lat1 * radians
    end = lat2 * radians
    turn = (lon2 - lon1) * radians
    east = torch.sin(turn) * torch.cos(end)
    north = torch.cos(start) * torch.sin(end) - torch.sin(start) * torch.cos(end) * torch.cos(turn)
    degrees = torch.atan2(east, north) / radians
    turned = torch.where(degrees < 0.0, degrees + 360.0, degrees)
    return turned.masked_fill(turned >= 360.0, 0.0)
)";

constexpr ColumnType kReal = ColumnType::real, kInteger = ColumnType::integer, kTime = ColumnType::timestamp;

const std::vector<ScriptFunction>& functions() {
  static const std::vector<ScriptFunction> list = {
      {"abs", "torch.abs($1)", kReal, true, false, {}},
      {"sign", "torch.sign($1)", kInteger, false, false, {}},
      {"sqrt", "torch.sqrt($1)"},
      {"exp", "torch.exp($1)"},
      {"log", "torch.log($1)"},
      {"log2", "torch.log2($1)"},
      {"log10", "torch.log10($1)"},
      {"log1p", "torch.log1p($1)"},
      {"power", "torch.pow($1, $2)"},
      {"floor", "torch.floor($1)", kReal, true, false, {}},
      {"ceil", "torch.ceil($1)", kReal, true, false, {}},
      {"clip", "torch.minimum(torch.maximum($1, $2), $3)"},
      {"sin", "torch.sin($1)"},
      {"cos", "torch.cos($1)"},
      {"tan", "torch.tan($1)"},
      {"asin", "torch.asin($1)"},
      {"acos", "torch.acos($1)"},
      {"atan", "torch.atan($1)"},
      {"atan2", "torch.atan2($1, $2)"},
      {"number", "$1 + 0.0"},
      {"integer", "torch.trunc($1)", kInteger, false, false, {}},
      {"timestamp", "torch.round($1 * 1000000.0) / 1000000.0", kTime, false, true, {}},
      {"year", "self.date_part($1, 0)", kInteger, false, true, {kDate, kYear}},
      {"month", "self.date_part($1, 1)", kInteger, false, true, {kDate, kYear}},
      {"day", "self.date_part($1, 2)", kInteger, false, true, {kDate, kYear}},
      {"hour", "torch.floor(torch.remainder($1, 86400.0) / 3600.0)", kInteger, false, true, {}},
      {"minute", "torch.floor(torch.remainder($1, 3600.0) / 60.0)", kInteger, false, true, {}},
      {"second", "torch.floor(torch.remainder($1, 60.0))", kInteger, false, true, {}},
      {"weekday", "torch.remainder(torch.floor($1 / 86400.0) + 3.0, 7.0) + 1.0", kInteger, false, true, {}},
      {"day_of_year", "self.day_of_year($1)", kInteger, false, true, {kDate, kNewYear, kDayOfYear}},
      {"week", "self.week($1)", kInteger, false, true, {kDate, kNewYear, kWeek}},
      {"date", "torch.floor($1 / 86400.0) * 86400.0", kTime, false, true, {}},
      {"epoch_seconds", "$1 + 0.0", kReal, false, true, {}},
      {"haversine",
       "self.haversine_radians($1, $2, $3, $4) * (6371.0088 / 1.609344)",
       kReal,
       false,
       false,
       {kHaversine}},
      {"haversine_km",
       "self.haversine_radians($1, $2, $3, $4) * 6371.0088",
       kReal,
       false,
       false,
       {kHaversine}},
      {"bearing", "self.bearing($1, $2, $3, $4)", kReal, false, false, {kBearing}},
  };
  return list;
}

}  // namespace

const ScriptFunction* script_function(const std::string& name) {
  const auto found = std::find_if(functions().begin(), functions().end(),
                                  [&](const ScriptFunction& f) { return name == f.name; });
  return found == functions().end() ? nullptr : &*found;
}

}  // namespace crisp
