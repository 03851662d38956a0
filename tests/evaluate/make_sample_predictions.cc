// Writes the sample page: make_sample_predictions two|three|many|numbers FILE.html; or prints the terminal's
// version: make_sample_predictions two|three|many|numbers --terminal. With FILE.html alone: two classes.
#include <cstdio>
#include <fstream>
#include <string>

#include "evaluate/prediction_page.h"
#include "tests/evaluate/sample_predictions.h"

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) return 64;
  const std::string which = argc == 3 ? argv[1] : "two", file = argv[argc - 1];
  if (file == "--terminal") {
    crisp::Exec exec;
    const auto evaluation =
        which == "numbers" ? crisp::sample_numbers(exec, 12'000) : crisp::sample_classes(exec, 3, 3000);
    return std::fputs(crisp::prediction_text(evaluation, {false, true, 120}).c_str(), stdout) < 0;
  }
  std::ofstream out(file, std::ios::binary);
  out << crisp::sample_prediction_page(which).html();
  return out.flush() ? 0 : 74;
}
