#include "report/chart_learning.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <string>

namespace crisp::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// A figure of the history: what is drawn ("loss"), whose rows it speaks of ("train"), and its key.
struct Figure {
  std::string name, rows, key;
};

Figure figure_of(const std::string& key) {
  for (const std::string rows : {"train", "validation"}) {
    if (key.starts_with(rows + "_") && key.size() > rows.size() + 1)
      return {key.substr(rows.size() + 1), rows, key};
  }
  return {key, "", key};
}

/// In the order in which they first occur, those of training and validation rows before others.
std::vector<Figure> figures_in(const Json& history) {
  std::vector<Figure> figures;
  for (const Json& epoch : history) {
    if (!epoch.is_object()) continue;
    for (const auto& [key, value] : epoch.items()) {
      if (key.empty() || key == "epoch" || key == "step" || key == "seconds") continue;
      if (std::none_of(figures.begin(), figures.end(), [&](const Figure& f) { return f.key == key; }))
        figures.push_back(figure_of(key));
    }
  }
  std::stable_partition(figures.begin(), figures.end(),
                        [](const Figure& figure) { return !figure.rows.empty(); });
  return figures;
}

double number_at(const Json& object, const std::string& key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_number() ? found->get<double>() : kNan;
}

LineSeries series_of(const Json& history, const Figure& figure) {
  LineSeries series{figure.rows == "train"        ? "training rows"
                    : figure.rows == "validation" ? "validation rows"
                                                  : ""};
  for (const Json& epoch : history) {
    series.x.push_back(number_at(epoch, "epoch"));
    series.y.push_back(number_at(epoch, figure.key));
  }
  return series;
}

bool changes(const LineSeries& series) {
  return std::any_of(series.y.begin(), series.y.end(), [&](double y) { return y != series.y.front(); });
}

/// "Loss over the epochs"; names of metrics stay as they are written elsewhere: "roc_auc over the epochs".
std::string title_of(std::string label) {
  if (label.find('_') == std::string::npos)
    label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
  return label + " over the epochs";
}

}  // namespace

std::vector<LineChart> learning_charts(const Json& history, const Json& facts) {
  std::vector<LineChart> charts;
  if (!history.is_array() || history.size() < 2) return charts;
  const double best = number_at(facts, "best_epoch");
  for (const Figure& figure : figures_in(history)) {
    LineSeries series = series_of(history, figure);
    if (figure.rows.empty() && !changes(series)) continue;
    const std::string label = figure.name == "rate" ? "learning rate" : figure.name;
    const auto same = [&](const LineChart& chart) { return !figure.rows.empty() && chart.y_label == label; };
    auto chart = std::find_if(charts.begin(), charts.end(), same);
    if (chart == charts.end()) {
      charts.push_back({title_of(label), "epoch", label});
      if (std::isfinite(best)) charts.back().cutoff = Cutoff{best, "best epoch"};
      chart = charts.end() - 1;
    }
    chart->series.push_back(std::move(series));
  }
  return charts;
}

}  // namespace crisp::report
