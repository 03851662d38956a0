/// One offline HTML page: sections with a navigation, key figures, text, tables, charts, panels. Everything
/// that comes from data is escaped; nothing is loaded from elsewhere; the file stays under a budget by
/// thinning its charts and tables; the same content gives the same bytes. Reads well without scripts and on
/// paper.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/chart.h"
#include "report/text_table.h"

namespace crisp::report {

/// A headline figure: "ROC-AUC", "0.843", "one forest for all: 0.502".
struct KeyFigure {
  std::string label = {}, value = {}, note = {};
  Tone tone = Tone::plain;
};

/// How much of the content is written, so that the file keeps its budget.
struct Thinning {
  double charts = 1;         ///< detail of charts, 0–1; 0 leaves them out
  size_t table_rows = 1000;  ///< of each table
  size_t cell_width = 300;   ///< characters of one cell or paragraph line
  size_t blocks = SIZE_MAX;  ///< of each section or panel
};

/// A run of blocks. Every function adds one and returns the section itself, but details() and panel(), which
/// return the new inner section. References stay valid as long as the page lives.
class Section {
 public:
  Section& text(std::string paragraph);
  /// A paragraph set apart; its tone colours the edge.
  Section& note(std::string paragraph, Tone tone = Tone::plain);
  Section& heading(std::string title);
  Section& list(std::vector<std::string> items);
  Section& figures(std::vector<KeyFigure> figures);
  Section& pairs(std::vector<std::pair<std::string, std::string>> pairs);
  Section& table(TextTable table);
  /// Charts added one after another stand beside each other where the page is wide enough.
  Section& chart(Chart chart);
  /// Text as in a terminal (a recipe, a command).
  Section& code(std::string text);
  /// A part that opens on click.
  Section& details(std::string summary, bool open = false);
  /// A framed part with a title and a remark to its right: one anomalous trip.
  Section& panel(std::string title, std::string remark = "", Tone tone = Tone::plain);

  std::string html(const Thinning& thinning) const;

 private:
  enum class Kind { plain, chart };
  struct Block {
    Kind kind;
    std::function<std::string(const Thinning&)> html;
  };
  Section& add(Kind kind, std::function<std::string(const Thinning&)> html);
  Section& inner(std::function<std::string(const Thinning&, const Section&)> html);
  std::vector<Block> blocks_;
  std::vector<std::unique_ptr<Section>> inner_;  // on the heap: references to them stay valid
};

class Page {
 public:
  static constexpr size_t kBudget = 500'000;  ///< bytes

  explicit Page(std::string title, std::string subtitle = "");
  /// Key figures under the title.
  Page& figures(std::vector<KeyFigure> figures);
  /// A new section with an entry in the navigation. `id`: its anchor; by default made from the title.
  Section& section(std::string title, std::string id = "");
  /// A line at the foot beside crisp's version: seed, data fingerprint, command.
  Page& footer(std::string line);

  /// The whole file. Where full detail exceeds `budget` bytes, charts lose points, tables rows, and at last
  /// sections their later blocks, and the foot of the page says so. A budget below what the bare frame takes
  /// (about 20 KB plus the titles) cannot be kept.
  std::string html(size_t budget = kBudget) const;

 private:
  struct Entry {
    std::string title, id;
    Section section;
  };
  std::string render(const Thinning& thinning, bool thinned) const;
  std::string title_, subtitle_, footer_;
  std::vector<KeyFigure> figures_;
  std::deque<Entry> sections_;
};

/// The HTML of a table alone, as a page shows it.
std::string table_html(const TextTable& table, const Thinning& thinning);

/// Stylesheet and script of every page.
std::string page_style();
std::string_view page_script();

}  // namespace crisp::report
