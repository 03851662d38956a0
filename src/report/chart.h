/// What a page can draw. Each chart is a plain struct with a `title`, a `note` below it, and a draw() that
/// turns it into SVG; `detail` (0–1) thins the points where a page must stay small. The same struct gives the
/// same bytes.
#pragma once

#include <functional>
#include <string>
#include <utility>

namespace crisp::report {

constexpr double kChartWidth = 440;  ///< two charts stand side by side on a wide page; one fills a phone

/// Any chart, ready to be drawn later at the detail that the page can afford.
class Chart {
 public:
  template <class Spec>
  requires requires(const Spec& spec) { draw(spec, 1.0); }
  Chart(Spec spec) : title_(spec.title), note_(spec.note) {
    draw_ = [spec = std::move(spec)](double detail) { return draw(spec, detail); };
  }
  const std::string& title() const { return title_; }
  const std::string& note() const { return note_; }
  std::string svg(double detail = 1) const { return draw_(detail); }

 private:
  std::string title_, note_;
  std::function<std::string(double)> draw_;
};

}  // namespace crisp::report
