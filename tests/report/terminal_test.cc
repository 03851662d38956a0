#include "report/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "sample_report.h"

namespace crisp::report {
namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  for (size_t from = 0; from < text.size();) {
    const size_t end = std::min(text.find('\n', from), text.size());
    out.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

const TerminalStyle kPlain{false, true, 80};

TEST(Terminal, AlignsNumbersRightAndTextLeft) {
  TextTable table;
  table.columns = {"step", "rows"};
  table.rows = {{"read", "1,284,310"}, {"派生", "9"}, {"ragged"}};
  EXPECT_EQ(render(table, kPlain),
            "step         rows\n"
            "──────  ─────────\n"
            "read    1,284,310\n"
            "派生            9\n"
            "ragged\n");
}

TEST(Terminal, NoLineIsWiderThanTheTerminal) {
  for (const size_t width : {30u, 60u, 80u, 120u}) {
    for (const std::string& line : lines(sample_terminal(false, width)))
      EXPECT_LE(display_width(line), width) << width << ": " << line;
  }
}

TEST(Terminal, NamesTheColumnsItLeavesOut) {
  TextTable table;
  for (int i = 0; i < 12; ++i) table.columns.push_back("column_" + std::to_string(i));
  table.rows = {std::vector<Cell>(12, "1234567890")};
  const std::string text = render(table, {false, true, 40});
  EXPECT_NE(text.find("more columns: column_3, "), std::string::npos) << text;
  EXPECT_EQ(render(table, {false, true, 0}).find("more columns"), std::string::npos) << "a pipe is never cut";
}

TEST(Terminal, CountsTheRowsItLeavesOut) {
  TextTable table;
  table.columns = {"n"};
  table.rows.assign(1500, {"1"});
  EXPECT_NE(render(table, kPlain, 10).find("… 1,490 more rows"), std::string::npos);
}

TEST(Terminal, DataCannotSendControlCharacters) {
  TextTable table;
  table.title = "t\x1b";
  table.columns = {"name\x1b[2J"};
  table.rows = {{"\x1b]0;title\x07"}, {"a\nb"}};
  const std::string all = render(table, {true, true, 80}) + render_pairs({{"k\x1b", "v\x07"}}, kPlain) +
                          render_bars({{"b\x1b", 1, "x\x9b"}}, kPlain) + heading("h\x1b[", kPlain);
  for (size_t at = all.find('\x1b'); at != std::string::npos; at = all.find('\x1b', at + 1)) {
    EXPECT_EQ(all[at + 1], '[') << "only our own colours";
    EXPECT_EQ(all.find_first_not_of("0123456789", at + 2), all.find('m', at)) << all.substr(at, 8);
  }
  EXPECT_EQ(all.find('\x07'), std::string::npos);
  EXPECT_NE(all.find("a\\nb"), std::string::npos);
}

TEST(Terminal, ColourOnlyWhereAsked) {
  EXPECT_EQ(sample_terminal(false, 80).find('\x1b'), std::string::npos);
  EXPECT_NE(sample_terminal(true, 80).find("\x1b[32m"), std::string::npos);
}

TEST(Terminal, APipeHasNoColourAndNoWidth) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_FALSE(terminal_style(ends[1]).colour);
  EXPECT_EQ(terminal_style(ends[1]).width, 0u);
  EXPECT_TRUE(terminal_style(ends[1], ColourChoice::always).colour);
  close(ends[0]), close(ends[1]);
}

TEST(Terminal, NoColorIsHonouredOnATerminal) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0 || grantpt(master) || unlockpt(master)) GTEST_SKIP() << "no pseudo-terminals here";
  const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  setenv("TERM", "xterm", 1), unsetenv("NO_COLOR"), setenv("COLUMNS", "97", 1);
  EXPECT_TRUE(terminal_style(terminal).colour);
  EXPECT_EQ(terminal_style(terminal).width, 97u);
  EXPECT_FALSE(terminal_style(terminal, ColourChoice::never).colour);
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(terminal_style(terminal).colour);
  unsetenv("NO_COLOR"), unsetenv("COLUMNS"), setenv("TERM", "dumb", 1);
  EXPECT_FALSE(terminal_style(terminal).colour);
  close(terminal), close(master);
}

TEST(Terminal, BarsKeepProportionsAndShowTheSmallest) {
  const std::string text =
      render_bars({{"a", 80}, {"b", 40}, {"c", 0.01}, {"d", 0}, {"e", std::nan("")}}, kPlain);
  const auto line = lines(text);
  const auto blocks = [&](size_t i) {
    return std::count(line[i].begin(), line[i].end(), '\x88');
  };  // last byte of █
  EXPECT_EQ(blocks(0), 2 * blocks(1));
  EXPECT_NE(line[2].find("▏"), std::string::npos);
  EXPECT_EQ(line[3], "d  0");
  EXPECT_EQ(line[4], "e  –");
}

TEST(Terminal, SparklineUsesEightLevelsAndAsciiWhereNeeded) {
  const double values[] = {0, 1, 4, 8, std::nan(""), std::numeric_limits<double>::infinity()};
  EXPECT_EQ(sparkline(values, kPlain), " ▁▄█  ");
  EXPECT_EQ(sparkline(values, {false, false, 80}), " .=@  ");
}

TEST(Terminal, HistogramMarksTheCutoffsBin) {
  const double edges[] = {0, 1, 2}, counts[] = {5, 3}, cutoff = 1.5;
  const auto line = lines(render_histogram(edges, counts, kPlain, &cutoff));
  EXPECT_EQ(line[0].find("◀"), std::string::npos);
  EXPECT_NE(line[1].find("◀ 1.5"), std::string::npos);
}

}  // namespace
}  // namespace crisp::report
