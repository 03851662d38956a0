#include "report/page.h"

#include <algorithm>
#include <array>

#include "core/format.h"
#include "report/svg.h"

namespace crisp::report {
namespace {

// What is tried, in this order, until the page fits its budget.
constexpr std::array kThinnings = {Thinning{},
                                   Thinning{0.5, 400, 300},
                                   Thinning{0.25, 150, 200},
                                   Thinning{0.1, 60, 120},
                                   Thinning{0.1, 60, 120, 60},
                                   Thinning{0.1, 40, 100, 30},
                                   Thinning{0.05, 25, 80, 12},
                                   Thinning{0, 10, 60, 40},
                                   Thinning{0, 3, 40, 6},
                                   Thinning{0, 0, 0, 0}};

// Tables side by side are hard to read, charts are not: they share a grid.
constexpr std::string_view kGridStart = "<div class=\"grid\">", kGridEnd = "</div>";

const char* tone_class(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return " good";
    case Tone::warning:
      return " warn";
    case Tone::bad:
      return " bad";
    case Tone::muted:
      return " muted";
  }
  return "";
}

// Paragraphs and lists may be long, but not endless: a hostile text must not fill the page.
std::string paragraph(const std::string& text, const Thinning& thinning) {
  return escape_markup(fitted(text, thinning.cell_width * 10));
}

std::string key_figures(const std::vector<KeyFigure>& figures) {
  std::string out = "<dl class=\"cards\">";
  for (const KeyFigure& figure : figures) {
    out += std::string("<div class=\"card") + tone_class(figure.tone) + "\"><dt>" +
           escape_markup(fitted(figure.label, 80)) + "</dt><dd class=\"value\">" +
           escape_markup(fitted(figure.value, 40)) + "</dd>";
    if (!figure.note.empty())
      out += "<dd class=\"about\">" + escape_markup(fitted(figure.note, 200)) + "</dd>";
    out += "</div>";
  }
  return out + "</dl>";
}

std::string slug(std::string_view title) {
  std::string out;
  for (char c : title) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
    if (out.size() >= 40) break;
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "section" : out;
}

}  // namespace

Section& Section::add(Kind kind, std::function<std::string(const Thinning&)> html) {
  blocks_.push_back({kind, std::move(html)});
  return *this;
}

Section& Section::inner(std::function<std::string(const Thinning&, const Section&)> html) {
  inner_.push_back(std::make_unique<Section>());
  const Section* section = inner_.back().get();
  add(Kind::plain, [section, html = std::move(html)](const Thinning& t) { return html(t, *section); });
  return *inner_.back();
}

Section& Section::text(std::string text) {
  return add(Kind::plain,
             [text = std::move(text)](const Thinning& t) { return "<p>" + paragraph(text, t) + "</p>"; });
}

Section& Section::note(std::string text, Tone tone) {
  return add(Kind::plain, [text = std::move(text), tone](const Thinning& t) {
    return std::string("<p class=\"note") + tone_class(tone) + "\">" + paragraph(text, t) + "</p>";
  });
}

Section& Section::heading(std::string title) {
  return add(Kind::plain, [title = std::move(title)](const Thinning& t) {
    return "<h3>" + paragraph(title, t) + "</h3>";
  });
}

Section& Section::list(std::vector<std::string> items) {
  return add(Kind::plain, [items = std::move(items)](const Thinning& t) {
    std::string out = "<ul>";
    for (size_t i = 0; i < std::min(items.size(), t.table_rows); ++i)
      out += "<li>" + paragraph(items[i], t) + "</li>";
    return out + "</ul>";
  });
}

Section& Section::figures(std::vector<KeyFigure> figures) {
  return add(Kind::plain, [figures = std::move(figures)](const Thinning&) { return key_figures(figures); });
}

Section& Section::pairs(std::vector<std::pair<std::string, std::string>> pairs) {
  return add(Kind::plain, [pairs = std::move(pairs)](const Thinning& t) {
    std::string out = "<dl class=\"pairs\">";
    for (size_t i = 0; i < std::min(pairs.size(), t.table_rows); ++i)
      out += "<dt>" + paragraph(pairs[i].first, t) + "</dt><dd>" + paragraph(pairs[i].second, t) + "</dd>";
    return out + "</dl>";
  });
}

Section& Section::table(TextTable table) {
  return add(Kind::plain, [table = std::move(table)](const Thinning& t) { return table_html(table, t); });
}

Section& Section::chart(Chart chart) {
  return add(Kind::chart, [chart = std::move(chart)](const Thinning& t) {
    if (t.charts <= 0) return std::string();
    std::string out = "<figure>";
    if (!chart.title().empty())
      out += "<figcaption>" + escape_markup(fitted(chart.title(), 200)) + "</figcaption>";
    out += chart.svg(t.charts);
    if (!chart.note().empty()) out += "<p class=\"about\">" + paragraph(chart.note(), t) + "</p>";
    return out + "</figure>";
  });
}

Section& Section::code(std::string text) {
  return add(Kind::plain, [text = std::move(text)](const Thinning& t) {
    std::string out = "<pre><code>";
    size_t lines = 0;
    for (size_t from = 0; from < text.size() && lines < std::max<size_t>(t.table_rows, 1); ++lines) {
      const size_t end = std::min(text.find('\n', from), text.size());
      out += escape_markup(fitted(std::string_view(text).substr(from, end - from), t.cell_width)) + "\n";
      from = end + 1;
    }
    return out + "</code></pre>";
  });
}

Section& Section::details(std::string summary, bool open) {
  return inner([summary = std::move(summary), open](const Thinning& t, const Section& section) {
    return std::string("<details") + (open ? " open" : "") + "><summary>" + paragraph(summary, t) +
           "</summary>" + section.html(t) + "</details>";
  });
}

Section& Section::panel(std::string title, std::string remark, Tone tone) {
  return inner([title = std::move(title), remark = std::move(remark), tone](const Thinning& t,
                                                                            const Section& section) {
    std::string out = std::string("<article class=\"panel") + tone_class(tone) + "\"><header><h3>" +
                      paragraph(title, t) + "</h3>";
    if (!remark.empty()) out += "<span class=\"remark\">" + paragraph(remark, t) + "</span>";
    return out + "</header>" + section.html(t) + "</article>";
  });
}

std::string Section::html(const Thinning& thinning) const {
  std::string out;
  bool in_grid = false;
  for (size_t i = 0; i < std::min(blocks_.size(), thinning.blocks); ++i) {
    const bool chart = blocks_[i].kind == Kind::chart;
    if (chart != in_grid) out += chart ? kGridStart : kGridEnd;
    in_grid = chart;
    (out += blocks_[i].html(thinning)) += "\n";
  }
  if (in_grid) out += kGridEnd;
  if (thinning.blocks > 0 && thinning.blocks < blocks_.size())
    out += "<p class=\"about\">… and " + format_count(static_cast<int64_t>(blocks_.size() - thinning.blocks)) +
           " more, left out here.</p>\n";
  return out;
}

Page::Page(std::string title, std::string subtitle)
    : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

Page& Page::figures(std::vector<KeyFigure> figures) {
  figures_ = std::move(figures);
  return *this;
}

Page& Page::footer(std::string line) {
  footer_ = std::move(line);
  return *this;
}

Section& Page::section(std::string title, std::string id) {
  const std::string wanted = slug(id.empty() ? title : id);
  std::string free = wanted;
  const auto taken = [&](const Entry& entry) { return entry.id == free; };
  for (size_t n = 2; std::any_of(sections_.begin(), sections_.end(), taken); ++n)
    free = wanted + "-" + std::to_string(n);
  sections_.emplace_back();
  sections_.back().title = std::move(title);
  sections_.back().id = std::move(free);
  return sections_.back().section;
}

std::string Page::html(size_t budget) const {
  std::string out;
  for (size_t i = 0; i < kThinnings.size(); ++i) {
    out = render(kThinnings[i], i > 0);
    if (out.size() <= budget) break;
  }
  return out;
}

std::string Page::render(const Thinning& thinning, bool thinned) const {
  // The policy forbids every load; styles and the one script stand in the page itself.
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" "
      "content=\"crisp " CRISP_VERSION
      "\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>";
  const std::string title = escape_markup(fitted(title_, 200));
  out += title + "</title>\n<style>" + page_style() +
         "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to content</a>\n";
  out += "<header class=\"top\"><div class=\"wide\"><h1>" + title + "</h1>";
  if (!subtitle_.empty()) out += "<p class=\"subtitle\">" + escape_markup(fitted(subtitle_, 600)) + "</p>";
  if (!figures_.empty()) out += key_figures(figures_);
  out += "</div></header>\n<div class=\"wide body\">\n<nav aria-label=\"Sections\"><ul>";
  for (const Entry& entry : sections_)
    out += "<li><a href=\"#" + entry.id + "\">" + escape_markup(fitted(entry.title, 60)) + "</a></li>";
  out += "</ul></nav>\n<main id=\"main\">\n";
  for (const Entry& entry : sections_) {
    out += "<section id=\"" + entry.id + "\"><h2>" + escape_markup(fitted(entry.title, 200)) + "</h2>\n" +
           entry.section.html(thinning) + "</section>\n";
  }
  out += "</main>\n</div>\n<footer class=\"wide\">";
  if (thinned)
    out +=
        "<p>Charts and tables of this page were thinned to keep the file small; the full results stand "
        "beside it.</p>";
  if (!footer_.empty()) out += "<p>" + escape_markup(fitted(footer_, 1000)) + "</p>";
  out += "<p>Made by crisp " CRISP_VERSION ". This file loads nothing from elsewhere.</p></footer>\n<script>";
  (out += page_script()) += "</script>\n</body>\n</html>\n";
  return out;
}

}  // namespace crisp::report
