/// Writing SVG: escaped text, short coordinates, classes instead of colours (the stylesheet gives light and
/// dark).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace crisp::report {

/// `text` safe between tags and inside quoted attributes; hidden and broken characters are made visible
/// first.
std::string escape_markup(std::string_view text);

/// A coordinate in pixels with one decimal, "12.3" or "12"; 0 where it is not finite.
std::string coordinate(double pixels);

struct Point {
  double x = 0, y = 0;
};

/// Path data of one line through the points in relative steps of tenths of a pixel; points that are not
/// finite break the line. Rounding does not add up along the way.
std::string line_path(std::span<const Point> points);

enum class Anchor { start, middle, end };

/// One drawing. Classes are those of chart_style(); `tip` becomes a <title>, which browsers show on hover.
class Svg {
 public:
  /// `label` says what the drawing shows to those who cannot see it.
  Svg(double width, double height, std::string_view label);

  void rect(double x, double y, double width, double height, std::string_view classes,
            std::string_view tip = {}, double radius = 0);
  void line(double x1, double y1, double x2, double y2, std::string_view classes, std::string_view tip = {});
  void path(std::string_view data, std::string_view classes, std::string_view tip = {});
  void circle(double x, double y, double radius, std::string_view classes, std::string_view tip = {});
  void text(double x, double y, std::string_view text, std::string_view classes = {},
            Anchor anchor = Anchor::start);
  /// Text turned to read upwards (the name of a vertical axis).
  void text_upwards(double x, double y, std::string_view text, std::string_view classes);
  /// What follows until end_clip() is not drawn outside this rectangle.
  void begin_clip(double x, double y, double width, double height);
  void end_clip();
  /// As rect(), with the fill's opacity (heat tables).
  void shade(double x, double y, double width, double height, double opacity, std::string_view classes,
             std::string_view tip);

  /// The finished element; the object is spent.
  std::string finish();

  double width() const { return width_; }
  double height() const { return height_; }

 private:
  void close(std::string_view element, std::string_view classes, std::string_view tip);
  void attribute(std::string_view name, double value);
  std::string out_;
  double width_, height_;
};

/// About how many pixels `text` takes in the charts' 12-pixel font (wide fonts in mind).
double text_pixels(std::string_view text);

/// `text` cut to about `pixels`.
std::string fitted_pixels(std::string_view text, double pixels);

/// The stylesheet of all drawings: classes on CSS variables, with colours for light and dark pages.
std::string_view chart_style();
/// The colours as CSS variables, to be put into a rule: `:root{` + … + `}`.
std::string_view chart_colours_light();
std::string_view chart_colours_dark();

/// A drawing as a file of its own: with the stylesheet inside, so that it follows the reader's light or dark.
std::string standalone(std::string_view svg);

}  // namespace crisp::report
