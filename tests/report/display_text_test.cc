#include "report/display_text.h"

#include <gtest/gtest.h>

namespace crisp::report {
namespace {

TEST(DisplayText, ShowsControlCharactersAsEscapes) {
  EXPECT_EQ(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(visible("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(visible(std::string("nul\0", 4)), "nul\\x00");
  EXPECT_EQ(visible("\xC2\x9B"
                    "1m"),
            "\\u009b1m")
      << "the eight-bit start of a terminal sequence";
}

TEST(DisplayText, ShowsMarksThatReorderText) {
  EXPECT_EQ(visible("abc\u202Edef"), "abc\\u202edef");
  EXPECT_EQ(visible("zero\u200Bwidth"), "zero\\u200bwidth");
  EXPECT_EQ(visible("\U000E0041"), "\\u0e0041");
}

TEST(DisplayText, ReplacesBrokenUtf8) {
  EXPECT_EQ(visible("a\xFF"
                    "b"),
            "a\uFFFDb");
  EXPECT_EQ(visible("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong slash";
  EXPECT_EQ(visible("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
  EXPECT_EQ(visible("\xE2\x82"), "\uFFFD\uFFFD") << "cut short at the end";
  EXPECT_EQ(visible("grün €😀"), "grün €😀");
}

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
