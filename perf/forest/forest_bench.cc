// Times a forest on a raw file of float32 rows (forest_models.py writes both files):
//   forest_bench sum|shap|row TREES_FILE ROWS_FILE ROWS THREADS REPEATS [OUT]
// sum: all rows; shap: all contributions; row: one row at a time, in one thread, the seconds of a row. Prints one JSON line: seconds
// of every repeat (wall; CPU of all threads), and what making the forest ready took. OUT gets the doubles that came out.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cuda/cpu_isa.h"
#include "kernels/forest/shap.h"
#include "kernels/forest/traverse.h"

namespace {

double clock_seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

class File {
 public:
  explicit File(const char* path) : path_(path), file_(path, std::ios::binary) {}

  template <class T>
  std::vector<T> read(int64_t count) {
    std::vector<T> values(static_cast<size_t>(count));
    if (!file_.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)))) {
      std::fprintf(stderr, "forest_bench: %s ends too early\n", path_.c_str());
      std::exit(66);
    }
    return values;
  }

 private:
  std::string path_;
  std::ifstream file_;
};

crisp::Trees read_trees(const char* path) {
  File file(path);
  const std::vector<int64_t> head = file.read<int64_t>(7);
  const int64_t nodes = head[3];
  crisp::Trees trees;
  trees.columns = head[0];
  trees.outputs = head[1];
  trees.vector_leaves = head[2] != 0;
  trees.first = file.read<int64_t>(head[4] + 1);
  trees.feature = file.read<int32_t>(nodes);
  trees.threshold = file.read<float>(nodes);
  trees.left = file.read<int32_t>(nodes);
  trees.right = file.read<int32_t>(nodes);
  trees.missing_left = file.read<uint8_t>(nodes);
  trees.set = file.read<int32_t>(nodes);
  trees.set_first = file.read<int64_t>(head[5] + 1);
  trees.set_bits = file.read<uint32_t>(head[6]);
  trees.value = file.read<double>(nodes * trees.view().values_of_node());
  trees.cover = file.read<float>(nodes);
  trees.gain = file.read<float>(nodes);
  return trees;
}

struct Bench {
  crisp::Exec exec;
  crisp::Trees trees;
  std::vector<float> values;
  int64_t rows, repeats;
  nlohmann::ordered_json result = {{"isa", static_cast<int>(crisp::chosen_isa())}};

  crisp::MatrixView<const float> view() const { return {values.data(), rows, trees.columns, trees.columns}; }

  void time(double parts, const auto& work) {
    for (int64_t i = 0; i < repeats; ++i) {
      const double wall = clock_seconds(CLOCK_MONOTONIC), cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
      work();
      result["seconds"].push_back((clock_seconds(CLOCK_MONOTONIC) - wall) / parts);
      result["cpu"].push_back((clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / parts);
    }
  }

  crisp::Forest forest() {
    const double start = clock_seconds(CLOCK_MONOTONIC);
    crisp::Forest made(exec, trees.view());
    result["load"] = clock_seconds(CLOCK_MONOTONIC) - start;
    return made;
  }

  std::vector<double> sum() {
    const crisp::Forest made = forest();
    std::vector<double> out(static_cast<size_t>(rows * trees.outputs));
    time(1, [&] { made.sum(exec, view(), {out.data(), rows, trees.outputs, trees.outputs}); });
    return out;
  }

  std::vector<double> row() {
    const crisp::Forest made = forest();
    std::vector<double> out(static_cast<size_t>(rows * trees.outputs));
    time(static_cast<double>(rows), [&] {
      for (int64_t i = 0; i < rows; ++i) made.sum_row(view().row(i), out.data() + i * trees.outputs);
    });
    return out;
  }

  std::vector<double> shap() {
    const int64_t width = trees.outputs * (trees.columns + 1);
    std::vector<double> out(static_cast<size_t>(rows * width));
    time(1, [&] { crisp::tree_shap(exec, trees.view(), view(), {out.data(), rows, width, width}); });
    return out;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 7) {
    std::fprintf(stderr, "usage: forest_bench sum|shap|row TREES_FILE ROWS_FILE ROWS THREADS REPEATS [OUT]\n");
    return 64;
  }
  const std::string task = argv[1];
  crisp::Trees trees = read_trees(argv[2]);
  const int64_t rows = std::atoll(argv[4]);
  std::vector<float> values = File(argv[3]).read<float>(rows * trees.columns);
  Bench bench{crisp::Exec(crisp::Device::cpu(), std::atoi(argv[5])), std::move(trees), std::move(values), rows, std::atoll(argv[6])};
  const std::vector<double> out = task == "shap" ? bench.shap() : task == "row" ? bench.row() : bench.sum();
  std::printf("%s\n", bench.result.dump().c_str());
  if (argc > 7) {
    std::ofstream(argv[7], std::ios::binary)
        .write(reinterpret_cast<const char*>(out.data()), static_cast<std::streamsize>(out.size() * sizeof(double)));
  }
  return 0;
}
