// Writes the sample report: make_sample FILE.html; or prints the terminal's version: make_sample --terminal
// WIDTH.
#include <charconv>
#include <cstdio>
#include <fstream>
#include <string_view>

#include "sample_report.h"

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--terminal") {
    const std::string_view text(argv[2]);
    size_t width = 80;
    std::from_chars(text.data(), text.data() + text.size(), width);
    return std::fputs(crisp::report::sample_terminal(true, width).c_str(), stdout) < 0;
  }
  if (argc != 2) {
    std::fputs("usage: make_sample FILE.html | make_sample --terminal WIDTH\n", stderr);
    return 64;
  }
  std::ofstream out(argv[1], std::ios::binary);
  out << crisp::report::sample_page().html();
  return out.flush() ? 0 : 74;
}
