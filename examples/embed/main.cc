// embed MODEL DATA: scores the rows of a file with a saved model, and then two rows made in memory.
#include <cstdio>
#include <string>
#include <vector>

#include "crisp/predictor.h"

namespace {

void print(const crisp::Verdicts& verdicts) {
  for (std::size_t i = 0; i < verdicts.scores.size(); ++i) {
    std::printf("%.17g %s %s\n", verdicts.scores[i], verdicts.anomalous[i] ? "anomaly" : "normal",
                verdicts.reasons[i].c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: embed MODEL DATA\n");
    return 64;
  }
  try {
    const crisp::Predictor predictor(argv[1]);
    const crisp::Rows rows = crisp::Rows::read(argv[2]);
    print(predictor.predict(rows));

    // The same from numbers in memory: the first and the last row of the file.
    crisp::Rows few;
    for (const std::string& name : predictor.inputs()) {
      const std::vector<double> column = rows.numbers(name);
      const std::vector<double> ends{column.front(), column.back()};
      few.add_numbers(name, ends);
    }
    print(predictor.predict(few));
    return 0;
  } catch (const crisp::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.code());
  }
}
