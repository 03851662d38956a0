#include "prepare/arrow_function.h"

namespace crisp {
namespace {

/// Without its zone, because Arrow would look for a time-zone database, which a bare machine does not have.
arrow::Datum without_zone(const Value& value) {
  const auto zoneless = arrow::timestamp(arrow::TimeUnit::MICRO);
  if (!value.constant()) return check(value.data.make_array()->View(zoneless));
  const auto& scalar = value.data.scalar_as<arrow::TimestampScalar>();
  return scalar.is_valid ? arrow::Datum(std::make_shared<arrow::TimestampScalar>(scalar.value, zoneless))
                         : arrow::Datum(arrow::MakeNullScalar(zoneless));
}

Value part(Call& c, const char* function) { return make_value(arrow_call(function, {without_zone(c[0])})); }

Value year(Call& c) { return part(c, "year"); }
Value month(Call& c) { return part(c, "month"); }
Value day(Call& c) { return part(c, "day"); }
Value hour(Call& c) { return part(c, "hour"); }
Value minute(Call& c) { return part(c, "minute"); }
Value second(Call& c) { return part(c, "second"); }
Value day_of_year(Call& c) { return part(c, "day_of_year"); }
Value week(Call& c) { return part(c, "iso_week"); }

Value weekday(Call& c) {
  const arrow::compute::DayOfWeekOptions options(/*count_from_zero=*/false, /*week_start=*/1);
  return make_value(arrow_call("day_of_week", {without_zone(c[0])}, &options));
}

Value date(Call& c) {
  const arrow::compute::RoundTemporalOptions options(1, arrow::compute::CalendarUnit::DAY);
  const auto floored = arrow_call("floor_temporal", {without_zone(c[0])}, &options);
  const auto ticks = check(arrow::compute::Cast(floored, arrow::int64()));
  return make_value(check(arrow::compute::Cast(ticks, arrow_type(ColumnType::timestamp))));
}

Value epoch_seconds(Call& c) { return c.result(c.numbers(0)); }

Value timestamp(Call& c) {
  if (c[0].type == ColumnType::timestamp) return c[0];
  if (c[0].type == ColumnType::text) return convert(c[0], ColumnType::timestamp);
  if (!c[0].numeric()) fail(Code::config, "a timestamp is made of text or of seconds since 1970");
  return timestamp_from_seconds(c[0]);
}

}  // namespace

std::vector<Function> calendar_functions() {
  const char* g = "calendar";
  return {
      make_function(
          g, "timestamp", "x:any", "timestamp",
          "text such as '2020-12-06T08:30:00Z' (no zone: UTC), or seconds since 1970, as a timestamp",
          "timestamp('2020-12-06')", "2020-12-06T00:00:00Z", timestamp),
      make_function(g, "year", "t:timestamp", "integer", "year, UTC", "year('2020-12-06')", "2020", year),
      make_function(g, "month", "t:timestamp", "integer", "month, 1 to 12", "month('2020-12-06')", "12",
                    month),
      make_function(g, "day", "t:timestamp", "integer", "day of the month", "day('2020-12-06')", "6", day),
      make_function(g, "hour", "t:timestamp", "integer", "hour, UTC, 0 to 23", "hour(t)", "8, 8, 8, 9", hour),
      make_function(g, "minute", "t:timestamp", "integer", "minute, 0 to 59", "minute(t)", "0, 1, 0, 6",
                    minute),
      make_function(g, "second", "t:timestamp", "integer", "second, 0 to 59", "second(t)", "0, 0, 30, 40",
                    second),
      make_function(g, "weekday", "t:timestamp", "integer", "1 is Monday, 7 is Sunday",
                    "weekday('2020-12-06')", "7", weekday),
      make_function(g, "day_of_year", "t:timestamp", "integer", "1 to 366", "day_of_year('2020-12-06')",
                    "341", day_of_year),
      make_function(g, "week", "t:timestamp", "integer", "week of the year, ISO 8601", "week('2020-12-06')",
                    "49", week),
      make_function(g, "date", "t:timestamp", "timestamp", "midnight (UTC) of the same day",
                    "date(timestamp('2020-12-06T08:30:00Z'))", "2020-12-06T00:00:00Z", date),
      make_function(g, "epoch_seconds", "t:timestamp", "real", "seconds since 1970, UTC",
                    "epoch_seconds('1970-01-02')", "86400.0", epoch_seconds),
  };
}

}  // namespace crisp
