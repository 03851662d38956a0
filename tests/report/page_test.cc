#include "report/page.h"

#include <gtest/gtest.h>

#include "report/chart_bars.h"
#include "report/chart_scatter.h"
#include "sample_report.h"

namespace crisp::report {
namespace {

const char* const kHostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&\x1b";

size_t occurrences(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

TEST(Page, HostileTextsStayText) {
  Page page(kHostile, kHostile);
  page.figures({{kHostile, kHostile, kHostile}}).footer(kHostile);
  TextTable table;
  table.title = table.note = kHostile;
  table.columns = {Column(kHostile, Align::automatic, kHostile, 100)};
  table.rows = {{kHostile}, {"50 %"}};
  Section& section = page.section(kHostile, kHostile);
  section.text(kHostile)
      .note(kHostile)
      .heading(kHostile)
      .list({kHostile})
      .pairs({{kHostile, kHostile}})
      .code(kHostile)
      .table(table);
  section.chart(BarChart{kHostile, kHostile, {{kHostile, 1, kHostile}}, kHostile, {}, {}, false, kHostile});
  section.details(kHostile).panel(kHostile, kHostile).text(kHostile);
  const std::string html = page.html();
  EXPECT_EQ(occurrences(html, "<script"), 1u) << "only our own";
  EXPECT_EQ(occurrences(html, "<img"), 0u);
  EXPECT_EQ(occurrences(html, "\" onerror"), 0u);
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_GE(occurrences(html, "&lt;script&gt;"), 15u);
}

TEST(Page, LoadsNothing) {
  const std::string html = sample_page().html();
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(html.find("src="), std::string::npos);
  EXPECT_EQ(html.find("@import"), std::string::npos);
  EXPECT_EQ(html.find("url("), std::string::npos);
  EXPECT_EQ(occurrences(html, "http"), occurrences(html, "xmlns=\"http://www.w3.org/2000/svg\"") + 1)
      << "and http-equiv";
}

TEST(Page, SameContentSameBytes) { EXPECT_EQ(sample_page().html(), sample_page().html()); }

TEST(Page, NavigationReachesEverySection) {
  Page page("t");
  page.section("Scores").text("a");
  page.section("Scores").text("b");
  page.section("得分").text("c");
  const std::string html = page.html();
  for (const char* id : {"scores", "scores-2", "section"}) {
    EXPECT_EQ(occurrences(html, std::string("href=\"#") + id + "\""), 1u);
    EXPECT_EQ(occurrences(html, std::string("<section id=\"") + id + "\""), 1u);
  }
}

TEST(Page, ReferencesToSectionsStayValid) {
  Page page("t");
  Section& first = page.section("first");
  Section& panel = first.panel("inner");
  for (int i = 0; i < 100; ++i) page.section("s").panel("p"), first.details("d");
  panel.text("written late");
  EXPECT_NE(page.html().find("written late"), std::string::npos);
}

TEST(Page, KeepsItsBudgetByThinning) {
  const Page large = sample_page(120, 4000);
  const std::string html = large.html();
  EXPECT_LE(html.size(), Page::kBudget);
  EXPECT_NE(html.find("thinned to keep the file small"), std::string::npos);
  EXPECT_NE(html.find("<svg class=\"ch\""), std::string::npos) << "thinned, not left out";
  EXPECT_EQ(sample_page().html().find("thinned to keep"), std::string::npos);
}

TEST(Page, KeepsItsBudgetWhateverComes) {
  Page page("t");
  TextTable table;
  table.columns = {"a", "b"};
  table.rows.assign(3000, {std::string(2000, '<'), "1"});
  for (int i = 0; i < 30; ++i)
    page.section("s" + std::to_string(i)).text(std::string(100'000, '&')).table(table);
  EXPECT_LE(page.html().size(), Page::kBudget);
}

TEST(Page, CutTablesSayHowMuchIsMissing) {
  TextTable table;
  table.columns = {"n"};
  table.rows.assign(1500, {"1"});
  Thinning thinning;
  EXPECT_NE(table_html(table, thinning).find("The first 1,000 of 1,500 rows."), std::string::npos);
}

TEST(Page, TablesAlignNumbersAndDrawBars) {
  TextTable table;
  table.columns = {"name", Column("share", Align::automatic, "", 100), "spread"};
  table.rows = {{"a", "25.0 %", Cell::distribution({1, 2, 3})}};
  const std::string html = table_html(table, {});
  EXPECT_NE(html.find("<td class=\"n bar\" style=\"--w:25%\">25.0 %</td>"), std::string::npos) << html;
  EXPECT_NE(html.find("<svg class=\"spark\""), std::string::npos);
}

}  // namespace
}  // namespace crisp::report
