#include "report/display_text.h"

#include <gtest/gtest.h>

namespace crisp::report {
namespace {

TEST(DisplayText, MeasuresTerminalCells) {
  EXPECT_EQ(display_width("grün"), 4u);
  EXPECT_EQ(display_width("東京"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("😀"), 2u);
}

TEST(DisplayText, CutsBetweenCharacters) {
  EXPECT_EQ(fitted("Verrazzano", 5), "Verr…");
  EXPECT_EQ(fitted("東京都庁", 6), "東京…") << "a wide character that does not fit is dropped whole";
  EXPECT_EQ(fitted("short", 5), "short");
  EXPECT_EQ(fitted("short", 4, false), "sho~");
  EXPECT_EQ(fitted("x", 0), "");
}

TEST(DisplayText, PadsByCells) {
  EXPECT_EQ(padded("東", 4, Align::right), "  東");
  EXPECT_EQ(padded("ab", 4, Align::left), "ab  ");
  EXPECT_EQ(padded("abcd", 2, Align::left), "abcd");
}

}  // namespace
}  // namespace crisp::report
