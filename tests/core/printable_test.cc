#include "core/printable.h"

#include <gtest/gtest.h>

namespace crisp {
namespace {

TEST(Printable, ShowsControlCharactersAsEscapes) {
  EXPECT_EQ(printable("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(printable(std::string("nul\0", 4)), "nul\\x00");
  EXPECT_EQ(printable("\xC2\x9B"
                    "1m"),
            "\\u009b1m")
      << "the eight-bit start of a terminal sequence";
}

TEST(Printable, ShowsMarksThatReorderText) {
  EXPECT_EQ(printable("abc\u202Edef"), "abc\\u202edef");
  EXPECT_EQ(printable("zero\u200Bwidth"), "zero\\u200bwidth");
  EXPECT_EQ(printable("\U000E0041"), "\\u0e0041");
}

TEST(Printable, ReplacesBrokenUtf8) {
  EXPECT_EQ(printable("a\xFF"
                    "b"),
            "a\uFFFDb");
  EXPECT_EQ(printable("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong slash";
  EXPECT_EQ(printable("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
  EXPECT_EQ(printable("\xE2\x82"), "\uFFFD\uFFFD") << "cut short at the end";
  EXPECT_EQ(printable("grün €😀"), "grün €😀");
}

}  // namespace
}  // namespace crisp
