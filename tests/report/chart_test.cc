#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "report/axis.h"
#include "report/chart.h"
#include "report/chart_attribution.h"
#include "report/chart_bars.h"
#include "report/chart_dependence.h"
#include "report/chart_heat.h"
#include "report/chart_histogram.h"
#include "report/chart_learning.h"
#include "report/chart_lines.h"
#include "report/chart_map.h"
#include "report/chart_scatter.h"
#include "report/chart_swarm.h"
#include "core/format.h"
#include "report/simplify.h"

namespace crisp::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(),
                 kInf = std::numeric_limits<double>::infinity();
const char* const kHostile = "<script>alert(1)</script>\" onload='x' \x1b &amp;";

size_t occurrences(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

// Every chart once, with the given name in every text and the given number among its values.
std::vector<Chart> charts(const std::string& name, double value) {
  HistogramChart histogram{
      name, name, name, {0, 1, 2, 3}, {{name, {1, value, 2}}, {name, {2, 1}}}, Cutoff{value, name}};
  BarChart rows{name, name, {{name, value, name, value, 2, value}, {name, 1}}, name, Reference{value, name}};
  BarChart columns = rows;
  columns.columns = true;
  LineChart lines{name, name, name, {{name, {0, 1, value, 3}, {0, value, 2, 1}}}};
  LineChart square = lines;
  square.unit_square = square.dots = true;
  square.references = {{0, value, 1, 0.5, name}};
  square.marks = {{value, 0.5, name, name}};
  square.cutoff = Cutoff{value, name};
  RocChart roc{name, {{name, {0, value, 1}, {0, 0.5, 1}, value}}, OperatingPoint{value, 0.5, name}};
  HeatChart heat{name, name, name, {name, name}, {name, name}, {{1, value}, {3}}};
  ScatterChart scatter{name, name, name, {{name, {1, 2, value}, {value, 1, 2}, {name}}}};
  ScatterChart equal = scatter;
  equal.equal_axes = true;
  equal.references = {{value, 0, 1, value, name}};
  HeatChart large{name, name, name, std::vector<std::string>(25, name), std::vector<std::string>(25, name), {{1, value}, {12345}}};
  AttributionChart reasons{name, {{name, value, 0, name, name}, {name, 0, value}}};
  WaterfallChart waterfall{name, value, name, name, {{name, value, name}}};
  SwarmChart swarm{name, name, name, name, name, {{name, {1, value, 1}, {0, value}}, {name}}};
  DependenceChart dependence{name, name, name, {1, value, 2}, {value, 1, 2}, {0.5, 1, value}, name, name, name};
  TrackMap map{name,
               {{40, -74}, {value, -74.1}, {40.1, -74.2}},
               {{0, name}, {7, name}},
               {{{40, -74}, {41, value}}},
               name,
               name};
  return {histogram, rows, columns, lines, square, roc, heat, large, scatter, equal, reasons, waterfall, swarm, dependence, map};
}

// Tags are balanced and attributes quoted: enough of XML to catch an unescaped text.
void expect_well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at)) {
    bool quoted = false;
    size_t end = at + 1;
    for (; end < svg.size() && (quoted || svg[end] != '>'); ++end) quoted ^= svg[end] == '"';
    ASSERT_LT(end, svg.size());
    const std::string tag = svg.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag[0] == '/') {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ("/" + open.back(), tag);
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    at = end;
  }
  EXPECT_TRUE(open.empty());
}

TEST(Charts, EscapeEveryText) {
  for (const Chart& chart : charts(kHostile, 0.5)) {
    const std::string svg = chart.svg();
    EXPECT_EQ(svg.find("<script"), std::string::npos) << svg;
    EXPECT_EQ(svg.find("onload='"), std::string::npos);
    EXPECT_EQ(svg.find('\x1b'), std::string::npos);
    expect_well_formed(svg);
  }
}

TEST(Charts, SurviveEveryNumber) {
  for (const double value : {kNan, kInf, -kInf, 0.0, -1.0, 1e308, -1e308, 5e-324, 1e-300, 1e15}) {
    for (const Chart& chart : charts("name", value)) {
      const std::string svg = chart.svg();
      expect_well_formed(svg);
      for (const char* wrong : {"\"nan", "\"inf", "\"-nan", "\"-inf", "e+", "=\"\""})
        EXPECT_EQ(svg.find(wrong), std::string::npos) << value << " " << svg;
    }
  }
}

TEST(Charts, SurviveEmptiness) {
  const std::vector<Chart> empty = {HistogramChart{},   BarChart{},       LineChart{},
                                    RocChart{},         HeatChart{},      ScatterChart{},
                                    AttributionChart{}, WaterfallChart{}, TrackMap{},
                                    SwarmChart{},       DependenceChart{}};
  for (const Chart& chart : empty) expect_well_formed(chart.svg());
  BarChart columns;
  columns.columns = true;
  expect_well_formed(draw(columns));
}

TEST(Charts, AreAccessible) {
  for (const Chart& chart : charts("name", 0.5)) {
    EXPECT_EQ(chart.svg().find("<svg class=\"ch\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\""), 0u);
    EXPECT_NE(chart.svg().find("aria-label=\"name\""), std::string::npos);
    EXPECT_NE(chart.svg().find("<title>"), std::string::npos);
  }
}

TEST(Charts, SameInputSameBytes) {
  const auto once = charts("name", 0.3), again = charts("name", 0.3);
  for (size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].svg(), again[i].svg());
}

Json history(int epochs) {
  Json all = Json::array();
  for (int epoch = 1; epoch <= epochs; ++epoch)
    all.push_back({{"epoch", epoch}, {"step", epoch * 10}, {"rate", 0.1}, {"train_loss", 1.0 / epoch}, {"validation_loss", nullptr},
                   {"validation_roc_auc", 0.5 + 0.01 * epoch}});
  return all;
}

TEST(LearningCharts, SetTrainingBesideValidationAndMarkTheBest) {
  const auto charts = learning_charts(history(5), {{"best_epoch", 3}});
  ASSERT_EQ(charts.size(), 2u);  // a rate that does not change is not drawn
  EXPECT_EQ(charts[0].title, "Loss over the epochs");
  ASSERT_EQ(charts[0].series.size(), 2u);
  EXPECT_EQ(charts[0].series[0].name, "training rows");
  EXPECT_EQ(charts[0].series[0].y[1], 0.5);
  EXPECT_TRUE(std::isnan(charts[0].series[1].y[1]));
  EXPECT_EQ(charts[1].title, "roc_auc over the epochs");
  EXPECT_NE(draw(charts[0]).find("best epoch 3"), std::string::npos);
}

TEST(LearningCharts, SurviveWhatIsNoHistory) {
  EXPECT_TRUE(learning_charts(history(1), {}).empty());
  EXPECT_TRUE(learning_charts(nullptr, nullptr).empty());
  Json odd = history(2);
  odd.push_back(7);
  odd.push_back({{"train_", "x"}, {"", 1}, {"train_loss", "text"}});
  for (const LineChart& chart : learning_charts(odd, {{"best_epoch", "none"}})) expect_well_formed(draw(chart));
}

TEST(HeatChart, LeavesOutNumbersThatWouldTouch) {
  HeatChart chart{"table", "truth", "answer", std::vector<std::string>(20, "name"), std::vector<std::string>(20, "name"), {}};
  chart.values.assign(20, std::vector<double>(20, 7));
  EXPECT_NE(draw(chart).find(">7</text>"), std::string::npos);
  chart.values[3][4] = 12345;
  EXPECT_EQ(draw(chart).find(">7</text>"), std::string::npos);
  EXPECT_NE(draw(chart).find("12,345"), std::string::npos);  // in its tip
}

TEST(Axis, TicksAreRound) {
  std::string text;
  for (const Tick& tick : nice_ticks({0, 1, false}, 5)) text += tick.text + " ";
  EXPECT_EQ(text, "0 0.2 0.4 0.6 0.8 1.0 ");
  text.clear();
  for (const Tick& tick : nice_ticks({-3, 2500, false}, 5)) text += tick.text + " ";
  EXPECT_EQ(text, "0 500 1,000 1,500 2,000 2,500 ");
  EXPECT_LE(nice_ticks({-1e300, 1e300, false}, 5).size(), 12u);
  EXPECT_GE(nice_ticks({7, 7, false}, 5).size(), 2u);
}

TEST(Histogram, CountsEveryFiniteValueOnce) {
  const std::vector<double> values = {0, 0.5, 1, 1.5, 2, 99, -5, kNan};
  const auto counts = bin_counts(values, std::vector<double>{0, 1, 2});
  EXPECT_EQ(counts, (std::vector<double>{3, 4}));
}

TEST(Histogram, LongTailIsCut) {
  std::vector<double> values(1000, 1.0);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i % 100) / 100;
  values.push_back(1e6);
  EXPECT_LT(even_edges({values}, 10).back(), 2);
  EXPECT_EQ(even_edges({values}, 10, false).back(), 1e6);
  EXPECT_EQ(bin_counts(values, even_edges({values}, 10)).back(), 1) << "the far value stays counted";
}

TEST(Histogram, CutoffIsNamedAndInside) {
  HistogramChart chart{"t", "x", "y", {0, 1, 2}, {{"a", {1, 2}}}, Cutoff{500, "cutoff"}};
  EXPECT_NE(draw(chart).find("cutoff 500"), std::string::npos);
  expect_well_formed(draw(chart));
}

TEST(Simplify, KeepsCornersAndStaysWithinTolerance) {
  std::vector<Point> points;
  for (int i = 0; i <= 100; ++i) points.push_back({static_cast<double>(i), i <= 50 ? 0.0 : i - 50.0});
  const auto few = simplified(points, 0.1);
  ASSERT_EQ(few.size(), 3u);
  EXPECT_EQ(few[1].x, 50);
}

TEST(Simplify, NoDroppedPointLiesFarFromTheLine) {
  std::mt19937 random(3);
  std::vector<Point> points{{0, 0}};
  for (int i = 0; i < 3000; ++i)
    points.push_back({points.back().x + static_cast<double>(random() % 200) / 100 - 1,
                      points.back().y + static_cast<double>(random() % 200) / 100 - 1});
  const auto few = simplified(points, 0.5);
  EXPECT_LT(few.size(), points.size() / 2);
  for (const Point& p : points) {
    double nearest = kInf;
    for (size_t i = 0; i + 1 < few.size(); ++i) {
      const double dx = few[i + 1].x - few[i].x, dy = few[i + 1].y - few[i].y, length = dx * dx + dy * dy;
      const double t =
          length > 0 ? std::clamp(((p.x - few[i].x) * dx + (p.y - few[i].y) * dy) / length, 0.0, 1.0) : 0;
      nearest = std::min(nearest, std::hypot(p.x - few[i].x - t * dx, p.y - few[i].y - t * dy));
    }
    EXPECT_LE(nearest, 0.5 + 1e-9);
  }
}

TEST(LinePath, BreaksAtMissingPointsAndDoesNotDrift) {
  const std::vector<Point> points = {{0, 0}, {1.04, 0}, {2.08, 0}, {kNan, 0}, {5, 5}, {6, 4}};
  EXPECT_EQ(line_path(points), "M0 0l1 0l1.1 0M5 5l1-1");
}

TEST(Map, KeepsProportionsAtItsLatitude) {
  // At 60° north a degree east is half a degree north: equal steps in degrees draw twice as tall as wide.
  const TrackMap map{"m", {{60, 10}, {60, 10.2}, {60.1, 10.2}}};
  const std::string svg = draw(map);
  const size_t at = svg.find("class=\"s1\"");
  const std::string path = svg.substr(svg.rfind("d=\"M", at) + 3, 60);
  const size_t step = path.find('l');
  const double east = displayed_value(path.substr(step + 1, path.find(' ', step) - step - 1)).value_or(0);
  const size_t second = path.find('l', step + 1);
  const std::string up = path.substr(second + 1);
  const double north =
      displayed_value(up.substr(up.find('-') + 1, up.find('"') - up.find('-') - 1)).value_or(0);
  EXPECT_GT(east, 50);
  EXPECT_NEAR(north / east, 1.0, 0.01) << path;
}

TEST(Map, CrossesTheDateLineInOnePiece) {
  const TrackMap map{"m", {{10, 179.9}, {10, -179.9}, {10.1, -179.8}}};
  const TrackMap same{"m", {{10, 19.9}, {10, 20.1}, {10.1, 20.2}}};
  const auto track = [](const std::string& svg) {
    return svg.substr(svg.rfind("<path d", svg.find("class=\"s1\"")), 40);
  };
  EXPECT_EQ(track(draw(map)), track(draw(same)));
}

TEST(Map, LongTracksStaySmall) {
  TrackMap map{"m"};
  for (int i = 0; i < 100000; ++i) map.track.push_back({40 + 1e-6 * i, -74 + 0.01 * std::sin(i / 3000.0)});
  map.context.assign(20, map.track);
  EXPECT_LT(draw(map).size(), 60'000u);
  EXPECT_LT(draw(map, 0.1).size(), draw(map).size() / 3);
}

TEST(Map, MarksJumpsWithTheirSpeed) {
  const TrackMap map{"m", {{40, -74}, {40.01, -74}, {40.3, -73.9}, {40.31, -73.9}}, {{1, "582 mph"}}};
  const std::string svg = draw(map);
  EXPECT_EQ(occurrences(svg, "class=\"jump\""), 1u);
  EXPECT_NE(svg.find(">582 mph</text>"), std::string::npos);
  const size_t line = svg.rfind("<path d", svg.find("class=\"s1\""));
  EXPECT_EQ(occurrences(svg.substr(line, svg.find('>', line) - line), "M"), 2u)
      << "the jump is not part of the track";
}

TEST(Attribution, SumsWhatItDoesNotShow) {
  AttributionChart chart{"t"};
  for (int i = 0; i < 15; ++i) chart.reasons.push_back({"feature_" + std::to_string(i), 1, 0.5});
  const std::string svg = draw(chart);
  EXPECT_NE(svg.find("5 others: 7.5 of the score, 5 because high, 2.5 because low"), std::string::npos)
      << svg;
}

TEST(Swarm, DotsOfOneValueStandSideBySideAndCarryTheirColour) {
  const SwarmChart chart{"t", "", "value", "low", "high", {{"a", {2, 2, 2, -1}, {0, 0.5, 1, kNan}}}};
  const std::string svg = draw(chart);
  for (const char* shade : {"shade h0", "shade h1", "shade h4", "shade h7"}) EXPECT_EQ(occurrences(svg, shade), 1u) << shade;
  EXPECT_EQ(occurrences(svg, "shade h"), 4u);
  std::set<std::string> places;
  for (const char* shade : {"shade h1", "shade h4", "shade h7"}) {
    const size_t end = svg.find(shade), at = svg.rfind("d=\"", end);
    places.insert(svg.substr(at, svg.find("h0", at) - at));
  }
  EXPECT_EQ(places.size(), 3u);
  EXPECT_NE(svg.find("value low to high"), std::string::npos);
}

TEST(Swarm, ManyRowsStaySmall) {
  SwarmChart chart{"t"};
  for (int row = 0; row < 15; ++row) {
    chart.rows.push_back({"feature"});
    for (int i = 0; i < 10000; ++i) chart.rows.back().values.push_back(std::sin(i)), chart.rows.back().shades.push_back(i / 1e4);
  }
  EXPECT_LT(draw(chart).size(), 160'000u);
  EXPECT_LT(draw(chart, 0.1).size(), draw(chart).size() / 4);
}

TEST(Dependence, DrawsEveryPointThatIsOne) {
  const DependenceChart chart{"t", "x", "y", {1, 2, kNan, 4}, {1, kInf, 3, 4}, {1, 1, 1, 0}, "other", "0", "9"};
  const std::string svg = draw(chart);
  EXPECT_EQ(occurrences(svg, "shade h7"), 1u);
  EXPECT_EQ(occurrences(svg, "shade h1"), 1u);
  EXPECT_EQ(occurrences(svg.substr(svg.find("shade h1") - 40), "h0\""), 2u);
  EXPECT_NE(svg.find("other 0 to 9"), std::string::npos);
}

TEST(Standalone, CarriesItsStyle) {
  const std::string file = standalone(draw(BarChart{"t", "v", {{"a", 1}}}));
  EXPECT_NE(file.find("prefers-color-scheme:dark"), std::string::npos);
  expect_well_formed(file);
}

}  // namespace
}  // namespace crisp::report
