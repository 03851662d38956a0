#include "report/svg.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "report/display_text.h"

namespace crisp::report {
namespace {

constexpr double kFarthest = 1e6;         // pixels; beyond it nothing is seen and renderers overflow
constexpr double kCharacterPixels = 6.9;  // of 12-pixel text, on the wide side
constexpr double kDigitPixels = 0.8;      // more: tabular figures of the wide fonts take 7.7

int64_t tenths(double pixels) {
  return std::isfinite(pixels) ? std::llround(std::clamp(pixels, -kFarthest, kFarthest) * 10) : 0;
}

void append_tenths(std::string& out, int64_t value) {
  if (value < 0) out += '-';
  const int64_t size = std::abs(value);
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, size / 10).ptr);
  if (size % 10) {
    out += '.';
    out += static_cast<char>('0' + size % 10);
  }
}

const char* anchor_name(Anchor anchor) {
  return anchor == Anchor::start    ? ""
         : anchor == Anchor::middle ? " text-anchor=\"middle\""
                                    : " text-anchor=\"end\"";
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string coordinate(double pixels) {
  std::string out;
  append_tenths(out, tenths(pixels));
  return out;
}

std::string line_path(std::span<const Point> points) {
  std::string out;
  bool drawing = false;
  int64_t x = 0, y = 0;
  for (const Point& point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) {
      drawing = false;
      continue;
    }
    const int64_t to_x = tenths(point.x), to_y = tenths(point.y);
    const int64_t step_x = drawing ? to_x - x : to_x, step_y = drawing ? to_y - y : to_y;
    if (drawing && step_x == 0 && step_y == 0) continue;
    out += drawing ? 'l' : 'M';
    append_tenths(out, step_x);
    if (step_y >= 0) out += ' ';
    append_tenths(out, step_y);
    x = to_x, y = to_y, drawing = true;
  }
  return out;
}

Svg::Svg(double width, double height, std::string_view label) : width_(width), height_(height) {
  out_ = "<svg class=\"ch\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " +
         coordinate(width) + " " + coordinate(height) + "\" aria-label=\"" + escape_markup(label) + "\">";
}

void Svg::attribute(std::string_view name, double value) {
  ((out_ += ' ') += name) += "=\"";
  append_tenths(out_, tenths(value));
  out_ += '"';
}

void Svg::close(std::string_view element, std::string_view classes, std::string_view tip) {
  if (!classes.empty()) ((out_ += " class=\"") += classes) += '"';
  if (tip.empty()) {
    out_ += "/>";
    return;
  }
  out_ += "><title>" + escape_markup(tip) + "</title></";
  (out_ += element) += '>';
}

void Svg::rect(double x, double y, double width, double height, std::string_view classes,
               std::string_view tip, double radius) {
  out_ += "<rect";
  attribute("x", x), attribute("y", y), attribute("width", std::max(0.0, width)),
      attribute("height", std::max(0.0, height));
  if (radius > 0) attribute("rx", radius);
  close("rect", classes, tip);
}

void Svg::shade(double x, double y, double width, double height, double opacity, std::string_view classes,
                std::string_view tip) {
  out_ += "<rect";
  attribute("x", x), attribute("y", y), attribute("width", width), attribute("height", height),
      attribute("rx", 4);
  const auto hundredths =
      static_cast<int>(std::lround(std::clamp(std::isfinite(opacity) ? opacity : 0.0, 0.0, 0.99) * 100));
  out_ += " fill-opacity=\".";
  out_ += static_cast<char>('0' + hundredths / 10);
  out_ += static_cast<char>('0' + hundredths % 10);
  out_ += '"';
  close("rect", classes, tip);
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view classes, std::string_view tip) {
  out_ += "<line";
  attribute("x1", x1), attribute("y1", y1), attribute("x2", x2), attribute("y2", y2);
  close("line", classes, tip);
}

void Svg::path(std::string_view data, std::string_view classes, std::string_view tip) {
  if (data.empty()) return;
  ((out_ += "<path d=\"") += data) += '"';
  close("path", classes, tip);
}

void Svg::circle(double x, double y, double radius, std::string_view classes, std::string_view tip) {
  out_ += "<circle";
  attribute("cx", x), attribute("cy", y), attribute("r", radius);
  close("circle", classes, tip);
}

void Svg::text(double x, double y, std::string_view text, std::string_view classes, Anchor anchor) {
  out_ += "<text";
  attribute("x", x), attribute("y", y);
  out_ += anchor_name(anchor);
  if (!classes.empty()) ((out_ += " class=\"") += classes) += '"';
  out_ += ">" + escape_markup(text) + "</text>";
}

void Svg::text_upwards(double x, double y, std::string_view text, std::string_view classes) {
  const std::string at = coordinate(x) + " " + coordinate(y);
  out_ += "<text transform=\"translate(" + at + ")rotate(-90)\" text-anchor=\"middle\"";
  if (!classes.empty()) ((out_ += " class=\"") += classes) += '"';
  out_ += ">" + escape_markup(text) + "</text>";
}

// A nested <svg> clips what leaves it and, unlike <clipPath>, needs no id that would have to be unique on the
// page.
void Svg::begin_clip(double x, double y, double width, double height) {
  out_ += "<svg";
  attribute("x", x), attribute("y", y), attribute("width", width), attribute("height", height);
  out_ += " viewBox=\"" + coordinate(x) + " " + coordinate(y) + " " + coordinate(width) + " " +
          coordinate(height) + "\">";
}

void Svg::end_clip() { out_ += "</svg>"; }

std::string Svg::finish() { return std::move(out_) + "</svg>"; }

double text_pixels(std::string_view text) {
  const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return kCharacterPixels * static_cast<double>(display_width(printable(text))) + kDigitPixels * static_cast<double>(digits);
}

std::string fitted_pixels(std::string_view text, double pixels) {
  return fitted(printable(text), static_cast<size_t>(std::max(1.0, pixels / kCharacterPixels)));
}

std::string standalone(std::string_view svg) {
  std::string style = "<style>:root{";
  (style += chart_colours_light()) += "}@media(prefers-color-scheme:dark){:root{";
  (style += chart_colours_dark()) += "}}";
  (style += chart_style()) += ".ch{background:var(--surface)}</style>";
  std::string out(svg);
  const size_t end_of_tag = out.find('>');
  if (end_of_tag != std::string::npos) out.insert(end_of_tag + 1, style);
  return out + "\n";
}

}  // namespace crisp::report
