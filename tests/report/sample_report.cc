#include "sample_report.h"

#include <cmath>
#include <cstdint>
#include <numeric>

#include "report/chart_attribution.h"
#include "report/chart_dependence.h"
#include "report/chart_swarm.h"
#include "report/chart_bars.h"
#include "report/chart_heat.h"
#include "report/chart_histogram.h"
#include "report/chart_lines.h"
#include "report/chart_map.h"
#include "report/chart_scatter.h"
#include "core/format.h"
#include "report/terminal.h"

namespace crisp::report {
namespace {

// A small generator of its own: the sample must not change when the project's random numbers do.
struct Dice {
  uint64_t state;
  double uniform() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 11) * 0x1p-53;
  }
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }
};

std::vector<double> scores(Dice& dice, int count, double mean, double spread) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) out.push_back(mean + spread * std::exp(0.55 * dice.normal()));
  return out;
}

// A vessel's way through the harbour: north along the river, a turn, and back.
std::vector<GeoPoint> track(Dice& dice, int fixes, double turn) {
  std::vector<GeoPoint> out;
  double heading = 0.35 + 0.1 * dice.normal(), latitude = 40.60 + 0.01 * dice.normal(),
         longitude = -74.05 + 0.006 * dice.normal();
  for (int i = 0; i < fixes; ++i) {
    heading += 0.03 * dice.normal() + (i > fixes / 2 && i < fixes * 3 / 4 ? turn * 4 / fixes : 0);
    latitude += 0.10 / fixes * std::cos(heading), longitude += 0.13 / fixes * std::sin(heading);
    out.push_back({latitude, longitude});
  }
  return out;
}

TextTable recipe_table() {
  TextTable table;
  table.columns = {"step",
                   "does",
                   "rows",
                   "columns",
                   Column("missing", Align::automatic, "Blank cells in all columns"),
                   Column("kept", Align::automatic, "Rows kept of those before the step", 100)};
  table.rows = {{"read", "7 files, Parquet", "1,284,310", "4", "3,112", "–"},
                {"drop_missing", "latitude, longitude", "1,281,198", "4", "0", "99.8 %"},
                {"sessionise", "gap > 600 s within sensor_id", "1,281,198", "5", "0", "100.0 %"},
                {"derive", "distance, duration, speed, acceleration", "1,281,198", "9", "31,940", "100.0 %"},
                {"aggregate", "one row a trip, 29 features", "9,418", "33", "0", "0.7 %"},
                {"filter", "count >= 10", "8,207", "33", "0", "87.1 %"},
                {"scale", "robust, fitted per sensor_id", "8,207", "33", "0", "100.0 %"}};
  table.note = "1,211 trips had fewer than 10 fixes and were dropped.";
  return table;
}

TextTable metrics_table() {
  TextTable table;
  table.columns = {"metric", "this model", "always owner", "one forest for all"};
  table.rows = {{"accuracy", Cell("76.4 %", Tone::good), "50.0 %", "51.2 %"},
                {"balanced accuracy", Cell("76.4 %", Tone::good), "50.0 %", "51.2 %"},
                {"accuracy, owner drove", "84.1 %", "100.0 %", "93.5 %"},
                {"accuracy, other drove", Cell("68.7 %", Tone::good), Cell("0.0 %", Tone::bad),
                 Cell("8.9 %", Tone::bad)},
                {"ROC-AUC", Cell("0.843", Tone::good), "0.500", "0.502"}};
  return table;
}

TextTable sensor_table(Dice& dice) {
  TextTable table;
  table.columns = {Column("sensor_id", Align::left),
                   "trips",
                   Column("flagged", Align::automatic, "Share of trips above the cutoff", 100),
                   Column("accuracy", Align::automatic, "", 100),
                   "ROC-AUC",
                   "scores"};
  for (int i = 0; i < 40; ++i) {
    std::vector<double> heights;
    for (int b = 0; b < 16; ++b)
      heights.push_back(std::floor(40 * std::exp(-0.5 * std::pow((b - 4 - 4 * dice.uniform()) / 3, 2))));
    table.rows.push_back({std::to_string(338000000 + static_cast<int>(dice.uniform() * 999999)),
                          format_count(20 + static_cast<int>(80 * dice.uniform())),
                          format_percent(0.1 + 0.5 * dice.uniform()), format_percent(0.6 + 0.35 * dice.uniform()),
                          format_fixed(0.7 + 0.29 * dice.uniform(), 3), Cell::distribution(heights)});
  }
  return table;
}

HistogramChart score_chart(Dice& dice) {
  const auto owner = scores(dice, 1400, 0.5, 0.35), other = scores(dice, 1400, 0.75, 0.75);
  HistogramChart chart{"Anomaly score by who really drove", "anomaly score", "trips"};
  chart.edges = even_edges({owner, other}, 40);
  chart.series = {{"owner", bin_counts(owner, chart.edges)}, {"other", bin_counts(other, chart.edges)}};
  chart.cutoff = Cutoff{1.42, "cutoff"};
  chart.note =
      "Trips to the right of the cutoff are taken for another driver. The last bin holds everything beyond "
      "it.";
  return chart;
}

RocChart roc_chart() {
  RocChart chart{
      "ROC curve", {}, OperatingPoint{0.159, 0.687}, "On the test days; each point is a possible cutoff."};
  RocSeries mine{"forest per sensor", {}, {}, 0.843}, all{"one for all", {}, {}, 0.502};
  for (int i = 0; i <= 200; ++i) {
    const double x = i / 200.0;
    mine.false_positive_rate.push_back(x), mine.true_positive_rate.push_back(std::pow(x, 0.19));
    all.false_positive_rate.push_back(x),
        all.true_positive_rate.push_back(x + 0.012 * std::sin(9 * x) * (1 - x));
  }
  chart.series = {mine, all};
  return chart;
}

BarChart hour_chart(Dice& dice) {
  BarChart chart{"Flagged trips by hour of departure (UTC)", "% flagged", {}};
  for (int hour = 0; hour < 24; ++hour) {
    const double value = 22 + 14 * std::sin((hour - 20) / 24.0 * 6.28) + 5 * dice.uniform();
    chart.bars.push_back({std::to_string(hour), value, format_fixed(value, 1) + " %", value - 4, value + 4});
    chart.bars.back().highlight = value > 36;
  }
  chart.columns = true;
  chart.reference = Reference{23.4, "all trips 23.4 %"};
  chart.note = "Lines: 95 % intervals. Highlighted: hours above the average beyond chance.";
  return chart;
}

BarChart metric_chart() {
  BarChart chart{"Beside \"always the owner\"", "this model", {}};
  const double nan = std::nan("");
  chart.bars = {{"accuracy", 0.764, "76.4 %", 0.747, 0.781, 0.5},
                {"owner drove", 0.841, "84.1 %", 0.821, 0.861, 1.0},
                {"other drove", 0.687, "68.7 %", 0.662, 0.712, 0.0},
                {"ROC-AUC", 0.843, "0.843", nan, nan, 0.5}};
  chart.highest = 1;
  chart.baseline_name = "always owner";
  return chart;
}

AttributionChart reasons_chart(int trip) {
  AttributionChart chart{"Why this trip stands out", {}};
  chart.reasons = {{"speed_max", 1.92, 0, "582 mph", "usual 9–14"},
                   {"acceleration_max", 1.31, 0, "48 mph/s", "usual 0.1–0.4"},
                   {"distance_max", 0.84, 0.02, "9.7 mi", "usual 0.1–0.3"},
                   {"speed_p10", 0, 0.51, "0.0 mph", "usual 2.1–6.0"},
                   {"time", 0, 0.33, "0.21 h", "usual 0.8–2.4"},
                   {"slow_accelerations", 0.22, 0, "7", "usual 0–2"},
                   {"length", 0.05, 0.14, "11.2 mi", "usual 6–18"}};
  for (int i = 0; i < 22; ++i) chart.reasons.push_back({"other_" + std::to_string(i), 0.01, 0.006});
  if (trip % 2) chart.reasons.erase(chart.reasons.begin(), chart.reasons.begin() + 2);
  return chart;
}

TrackMap trip_map(Dice& dice, int trip, int fixes) {
  TrackMap map{"Track of the trip", track(dice, fixes, 2.6)};
  for (int i = 0; i < 30; ++i) map.context.push_back(track(dice, fixes, 2.4 + 0.5 * dice.normal()));
  if (trip % 2 == 0) {
    const size_t from = map.track.size() / 3;
    for (size_t i = from + 1; i < from + 3; ++i)
      map.track[i].longitude += 0.11, map.track[i].latitude += 0.02;
    map.jumps = {{from, "582 mph"}, {from + 2, "561 mph"}};
  }
  map.note = "Grey: other trips of this sensor. Dashed: steps faster than any vessel.";
  return map;
}

void add_trips(Section& section, Dice& dice, int trips, int fixes) {
  for (int i = 0; i < trips; ++i) {
    Section& panel = section.panel(
        "Trip " + std::to_string(14 + i) + " of sensor 338417" + std::to_string(220 + i),
        "score " + format_fixed(5.83 - 0.4 * i, 2) + " · cutoff 1.42", i < 2 ? Tone::bad : Tone::warning);
    panel.text("6 Dec 2025, 14:0" + std::to_string(i % 10) +
               " UTC · 96 fixes · 11.2 miles in 13 minutes · driver in truth: other");
    panel.chart(reasons_chart(i)).chart(trip_map(dice, i, fixes));
  }
}

}  // namespace

Page sample_page(int trips, int fixes) {
  Dice dice{7};
  Page page("Who was driving?",
            "A forest per vessel, fitted on 1–5 December, judged on the trips of 6–7 December 2025");
  page.figures({{"ROC-AUC", "0.843", "one forest for all: 0.502", Tone::good},
                {"Balanced accuracy", "76.4 %", "always the owner: 50.0 %", Tone::good},
                {"Other drivers found", "68.7 %", "963 of 1,402 trips"},
                {"Trips judged", "2,804", "of 140 sensors"},
                {"Run time", "3.8 s", "2 threads, CPU"}});
  page.section("Summary")
      .text(
          "A trip is taken for another driver's when its anomaly score lies above the cutoff of its sensor's "
          "own forest. "
          "Half of the test trips are really another driver's.")
      .note("Labels are made by mixing in trips of other vessels: figures for cars will differ.",
            Tone::warning)
      .table(metrics_table())
      .chart(metric_chart())
      .chart(HeatChart{"Confusion table",
                       "really drove",
                       "model says",
                       {"owner", "other"},
                       {"owner", "other"},
                       {{1179, 223}, {439, 963}}});
  page.section("Data")
      .text("What each step of the recipe did to the table.")
      .table(recipe_table())
      .details("The recipe")
      .code("[[prepare]]\nstep = \"sessionise\"\nby = \"sensor_id\"\ngap = \"600 s\"\n");
  page.section("Scores").chart(score_chart(dice)).chart(roc_chart());
  page.section("Where is the risk?")
      .chart(hour_chart(dice))
      .chart(BarChart{"Accuracy by area",
                      "accuracy",
                      {{"Upper Bay", 0.81, "81.0 %"},
                       {"East River", 0.77, "77.2 %"},
                       {"Kill Van Kull", 0.71, "71.4 %"},
                       {"<script>alert(1)</script>", 0.62, "62.0 %"}},
                      "baseline",
                      Reference{0.764, "all trips 76.4 %"},
                      1.0})
      .table(sensor_table(dice));
  add_trips(page.section("Most anomalous trips"), dice, trips, fixes);
  ScatterChart scatter{"Speed and length of trips",
                       "length (miles)",
                       "speed_max (mph)",
                       {{"owner", {}, {}}, {"other", {}, {}}}};
  for (int i = 0; i < 800; ++i) {
    scatter.series[static_cast<size_t>(i % 2)].x.push_back(std::exp(1.8 + 0.5 * dice.normal()));
    scatter.series[static_cast<size_t>(i % 2)].y.push_back(10 + 3 * dice.normal() + i % 2 * 4);
  }
  LineChart lines{"Score of one sensor over the week",
                  "day",
                  "score",
                  {{"mean", {}, {}}, {"90th percentile", {}, {}}},
                  true};
  for (int i = 0; i < 100; ++i) {
    for (size_t s = 0; s < 2; ++s) {
      lines.series[s].x.push_back(i * 0.07),
          lines.series[s].y.push_back(0.6 + 0.5 * static_cast<double>(s) + 0.1 * std::sin(i / 6.0) +
                                      0.05 * dice.normal());
    }
  }
  WaterfallChart waterfall{
      "From base to score",
      0.62,
      "base",
      "score",
      {{"speed_max", 0.9, "31 mph"}, {"time", -0.22, "0.4 h"}, {"length", 0.11, "8 mi"}}};
  SwarmChart swarm{"What moved each trip", "moves the score by", "value", "low", "high"};
  for (const char* name : {"speed_max", "installment_commitment_of_the_owner", "sensor"}) {
    swarm.rows.push_back({name});
    for (int i = 0; i < 300; ++i) {
      swarm.rows.back().values.push_back(dice.normal());
      if (swarm.rows.size() < 3) swarm.rows.back().shades.push_back(swarm.rows.back().values.back() / 3 + 0.5);
    }
  }
  DependenceChart dependence{"speed_max", "speed_max", "moves the score by"};
  dependence.shade_name = "length of the trip", dependence.shade_low = "0.1", dependence.shade_high = "12,000";
  for (int i = 0; i < 500; ++i) {
    dependence.x.push_back(1e4 * dice.normal());
    dependence.shades.push_back(0.5 + dice.normal() / 4);
    dependence.y.push_back(std::tanh(dependence.x.back() / 1e4) * dependence.shades.back());
  }
  page.section("Further charts").chart(scatter).chart(lines).chart(waterfall).chart(swarm).chart(dependence);
  page.footer("seed 42 · data 1f3a…9c · crisp run personal.toml");
  return page;
}

std::string sample_terminal(bool colour, size_t width) {
  const TerminalStyle style{colour, true, width};
  Dice dice{7};
  const auto values = scores(dice, 2000, 0.5, 0.35);
  const auto edges = even_edges({values}, 12);
  const double cutoff = 1.42;
  TextTable sensors = sensor_table(dice);
  return heading("Data", style) + render(recipe_table(), style) + heading("Scores", style) +
         render_histogram(edges, bin_counts(values, edges), style, &cutoff) + heading("Result", style) +
         render(metrics_table(), style) + heading("Sensors", style) + render(sensors, style, 6) +
         heading("Files", style) +
         render_pairs(
             {{"report", "runs/personal/report.html"}, {"bundle", "runs/personal"}, {"time", "3.8 s"}},
             style);
}

}  // namespace crisp::report
