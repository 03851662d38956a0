// Times the forest on a raw file of float32 rows: rcf_bench FILE ROWS COLUMNS TREES SAMPLES THREADS REPEATS
// [SCORES]. Prints one JSON line: seconds of every repeat (wall; CPU of all threads), CPU us of one row at a
// time. SCORES gets the scores, float64.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "cuda/cpu_isa.h"
#include "kernels/anomaly/random_cut_forest.h"

namespace {

double clock_seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_of(const auto& work, clockid_t clock = CLOCK_MONOTONIC) {
  const double start = clock_seconds(clock);
  work();
  return clock_seconds(clock) - start;
}

template <class T>
bool write_all(const char* path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(T)));
  return file.good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 8) {
    std::fprintf(stderr, "usage: rcf_bench FILE ROWS COLUMNS TREES SAMPLES THREADS REPEATS [SCORES]\n");
    return 64;
  }
  const auto number = [&](int i) { return std::atoll(argv[i]); };
  const int64_t rows = number(2), columns = number(3);
  std::vector<float> values(rows * columns);
  std::ifstream file(argv[1], std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(values.data()),
                 static_cast<std::streamsize>(values.size() * sizeof(float)))) {
    std::fprintf(stderr, "rcf_bench: cannot read %lld x %lld floats from %s\n", number(2), number(3),
                 argv[1]);
    return 66;
  }
  using namespace crisp;
  Exec exec(Device::cpu(), static_cast<int>(number(6)));
  const MatrixView<const float> view{values.data(), rows, columns, columns};
  std::vector<double> scores(rows);
  nlohmann::ordered_json result = {{"isa", static_cast<int>(chosen_isa())}};
  RandomCutForest forest;
  ForestTables tables;
  for (int64_t i = 0; i < number(7); ++i) {
    const double cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    result["train"].push_back(seconds_of([&] {
      forest = build_random_cut_forest(exec, view, {number(4), number(5)}, 1);
      tables = derive_tables(exec, forest);
    }));
    result["score"].push_back(
        seconds_of([&] { score_random_cut_forest(exec, forest, tables, view, scores); }));
    result["cpu"].push_back(clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
  }
  const int64_t singles = std::min<int64_t>(rows, 2000);
  double score = 0;
  result["one_row_us"] =
      1e6 / static_cast<double>(singles) *
      seconds_of(
          [&] {
            for (int64_t i = 0; i < singles; ++i) {
              score_random_cut_forest(exec, forest, tables, {view.row(i), 1, columns, columns}, {&score, 1});
            }
          },
          CLOCK_PROCESS_CPUTIME_ID);
  std::printf("%s\n", result.dump().c_str());
  if (argc > 8 && !write_all(argv[8], scores)) return 74;
  return 0;
}
