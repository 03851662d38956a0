#include "report/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "core/format.h"
#include "core/terminal.h"

namespace crisp::report {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos ||
           value.find("UTF8") != value.npos || value.find("utf-8") != value.npos;
  }
  return false;
}

const char* escape_code(Paint paint) {
  switch (paint) {
    case Paint::plain:
      return "";
    case Paint::bold:
      return "\x1b[1m";
    case Paint::dim:
      return "\x1b[2m";
    case Paint::good:
      return "\x1b[32m";
    case Paint::warning:
      return "\x1b[33m";
    case Paint::bad:
      return "\x1b[31m";
    case Paint::accent:
      return "\x1b[36m";
  }
  return "";
}

double largest(std::span<const double> values) {
  double top = 0;
  for (const double value : values) {
    if (std::isfinite(value)) top = std::max(top, value);
  }
  return top;
}

}  // namespace

TerminalStyle terminal_style(int file_descriptor, ColourChoice choice) {
  TerminalStyle style;
  style.colour = choice == ColourChoice::always || (choice == ColourChoice::automatic && has_colour(file_descriptor));
  style.unicode = locale_is_utf8();
  style.width = isatty(file_descriptor) == 1 ? terminal_width(file_descriptor) : 0;
  return style;
}

std::string painted(const std::string& text, Paint paint, const TerminalStyle& style) {
  if (!style.colour || paint == Paint::plain || text.empty()) return text;
  return escape_code(paint) + text + "\x1b[0m";
}

std::string heading(const std::string& text, const TerminalStyle& style) {
  return "\n" + painted(printable(text), Paint::bold, style) + "\n";
}

std::string render_pairs(const std::vector<std::pair<std::string, std::string>>& pairs,
                         const TerminalStyle& style) {
  size_t name_width = 0;
  for (const auto& [name, value] : pairs) name_width = std::max(name_width, display_width(printable(name)));
  if (style.width) name_width = std::min(name_width, style.width / 2);
  std::string out;
  for (const auto& [name, value] : pairs) {
    out += painted(padded(fitted(printable(name), name_width, style.unicode), name_width, Align::left),
                   Paint::dim, style);
    std::string rest = printable(value);
    const size_t room = style.width > name_width + 2 ? style.width - name_width - 2 : 0;
    for (bool first = true; first || !rest.empty(); first = false) {
      size_t end = rest.size(), used = 0, space = 0;
      for (size_t at = 0; room && at < rest.size();) {
        const size_t start = at;
        next_character(rest, at);
        used += display_width(std::string_view(rest).substr(start, at - start));
        if (used > room) {
          end = space ? space : std::max<size_t>(start, 1);
          break;
        }
        if (rest[start] == ' ') space = start;
      }
      out += (first ? "  " : std::string(name_width + 2, ' ')) + rest.substr(0, end) + "\n";
      rest.erase(0, std::min(rest.find_first_not_of(' ', end), rest.size()));
    }
  }
  return out;
}

std::string bar(double share, size_t width, const TerminalStyle& style) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (!(share > 0)) return "";
  const double cells = std::min(share, 1.0) * static_cast<double>(width);
  if (!style.unicode) return std::string(static_cast<size_t>(std::max(1.0, std::round(cells))), '#');
  // Something is never drawn as nothing: the smallest bar is one eighth.
  const auto eighths = static_cast<size_t>(std::max(1.0, std::round(cells * 8)));
  std::string out;
  for (size_t i = 0; i < eighths / 8; ++i) out += "█";
  return out + kEighths[eighths % 8];
}

std::string render_bars(const std::vector<TerminalBar>& bars, const TerminalStyle& style) {
  size_t label_width = 0, text_width = 0;
  double top = 0;
  std::vector<std::string> labels, texts;
  for (const TerminalBar& item : bars) {
    labels.push_back(printable(item.label));
    texts.push_back(item.text.empty() ? format_number(item.value) : printable(item.text));
    label_width = std::max(label_width, display_width(labels.back()));
    text_width = std::max(text_width, display_width(texts.back()));
    if (std::isfinite(item.value)) top = std::max(top, item.value);
  }
  const size_t width = style.width ? style.width : 80;
  label_width = std::min(label_width, width / 3);
  const size_t taken = label_width + text_width + 3;
  const size_t room = std::min<size_t>(40, width > taken + 4 ? width - taken : 4);
  std::string out;
  for (size_t i = 0; i < bars.size(); ++i) {
    const double share = top > 0 && std::isfinite(bars[i].value) ? bars[i].value / top : 0;
    const std::string drawn = bar(share, room, style);
    const size_t used = display_width(drawn);
    out += padded(fitted(labels[i], label_width, style.unicode), label_width, Align::left) + "  " +
           painted(drawn, bars[i].paint, style) + (used ? " " : "") + texts[i] + "\n";
  }
  return out;
}

std::string render_histogram(std::span<const double> edges, std::span<const double> counts,
                             const TerminalStyle& style, const double* mark) {
  std::vector<TerminalBar> bars;
  std::vector<std::string> from, to;
  // As many decimals as tell neighbours apart, the same for all.
  const double width =
      edges.size() < 2 ? 1 : (edges.back() - edges.front()) / static_cast<double>(edges.size() - 1);
  const int decimals = width > 0 ? std::clamp(static_cast<int>(std::ceil(1 - std::log10(width))), 0, 9) : 3;
  const bool plain = width > 1e-6 && width < 1e9;
  const auto edge_text = [&](double edge) { return plain ? format_fixed(edge, decimals) : format_number(edge, 4); };
  size_t from_width = 0, to_width = 0;
  for (size_t i = 0; i < counts.size() && i + 1 < edges.size(); ++i) {
    from.push_back(edge_text(edges[i]));
    to.push_back(edge_text(edges[i + 1]));
    from_width = std::max(from_width, display_width(from.back()));
    to_width = std::max(to_width, display_width(to.back()));
  }
  for (size_t i = 0; i < from.size(); ++i) {
    const bool last = i + 1 == from.size();
    const bool marked =
        mark && *mark >= edges[i] && (*mark < edges[i + 1] || (last && *mark == edges[i + 1]));
    const std::string dash = style.unicode ? " – " : " - ";
    bars.push_back(
        {padded(from[i], from_width, Align::right) + dash + padded(to[i], to_width, Align::right), counts[i],
         format_number(counts[i], 6) + (marked ? (style.unicode ? "  ◀ " : "  < ") + format_number(*mark, 4) : ""),
         mark && edges[i] >= *mark ? Paint::warning : Paint::accent});
  }
  return render_bars(bars, style);
}

std::string sparkline(std::span<const double> values, const TerminalStyle& style) {
  static constexpr const char* kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr const char* kAscii[] = {".", ":", "-", "=", "+", "*", "#", "@"};
  const double top = largest(values);
  std::string out;
  for (const double value : values) {
    if (!std::isfinite(value) || value <= 0) {
      out += " ";
      continue;
    }
    const int level = std::clamp(static_cast<int>(std::ceil(value / top * 8)) - 1, 0, 7);
    out += style.unicode ? kBlocks[level] : kAscii[level];
  }
  return out;
}

}  // namespace crisp::report
