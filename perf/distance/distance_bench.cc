// Times neighbours or clusters on raw files of float32 rows:
//   distance_bench neighbours ROWS_FILE ROWS QUERIES_FILE QUERIES COLUMNS K THREADS REPEATS [IDS]
//   distance_bench kmeans ROWS_FILE ROWS CENTROIDS_FILE K|0 COLUMNS K THREADS REPEATS [LABELS]   (0: k-means++)
// Prints one JSON line: seconds of every repeat (wall; CPU of all threads).
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cuda/cpu_isa.h"
#include "kernels/distance/kmeans.h"
#include "kernels/distance/neighbours.h"

namespace {

double clock_seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_of(const auto& work) {
  const double start = clock_seconds(CLOCK_MONOTONIC);
  work();
  return clock_seconds(CLOCK_MONOTONIC) - start;
}

std::vector<float> read_rows(const char* path, int64_t rows, int64_t columns) {
  std::vector<float> values(static_cast<size_t>(rows * columns));
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)))) {
    std::fprintf(stderr, "distance_bench: cannot read %lld x %lld floats from %s\n", static_cast<long long>(rows),
                 static_cast<long long>(columns), path);
    std::exit(66);
  }
  return values;
}

void write_all(const char* path, const std::vector<int32_t>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(int32_t)));
}

/// What is timed, from the command line on.
struct Job {
  int64_t rows, others, columns, k, repeats;
  std::vector<float> values, other;
  nlohmann::ordered_json result = {{"isa", static_cast<int>(crisp::chosen_isa())}};

  crisp::MatrixView<const float> view() const { return {values.data(), rows, columns, columns}; }
  crisp::MatrixView<const float> other_view() const { return {other.data(), others, columns, columns}; }

  void time(const auto& work) {
    for (int64_t i = 0; i < repeats; ++i) {
      const double cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
      result["seconds"].push_back(seconds_of(work));
      result["cpu"].push_back(clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    }
  }
};

std::vector<int32_t> time_neighbours(crisp::Exec& exec, Job& job) {
  std::vector<int32_t> ids(static_cast<size_t>(job.others * job.k));
  std::vector<float> distances(ids.size());
  job.time([&] {
    const crisp::NeighbourIndex index(exec, crisp::Metric::l2, job.view());
    crisp::nearest_neighbours(exec, index, job.other_view(), {ids.data(), job.others, job.k, job.k},
                              {distances.data(), job.others, job.k, job.k});
  });
  return ids;
}

std::vector<int32_t> time_kmeans(crisp::Exec& exec, Job& job) {
  crisp::KMeans fitted;
  const crisp::KMeansParams params{job.k, 20, 0.0};
  job.time([&] {
    fitted = job.others == 0 ? crisp::fit_kmeans(exec, job.view(), params, 1)
                             : crisp::fit_kmeans(exec, job.view(), params, job.other_view());
  });
  job.result["inertia"] = fitted.inertia;
  job.result["iterations"] = fitted.iterations;
  return fitted.labels;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 10) {
    std::fprintf(stderr, "usage: distance_bench neighbours|kmeans ROWS_FILE ROWS OTHER_FILE OTHER COLUMNS K THREADS "
                         "REPEATS [OUT]\n");
    return 64;
  }
  const auto number = [&](int i) { return static_cast<int64_t>(std::atoll(argv[i])); };
  Job job{number(3), number(5), number(6), number(7), number(9), read_rows(argv[2], number(3), number(6)),
          read_rows(argv[4], number(5), number(6))};
  crisp::Exec exec(crisp::Device::cpu(), static_cast<int>(number(8)));
  const auto found = argv[1] == std::string("kmeans") ? time_kmeans(exec, job) : time_neighbours(exec, job);
  std::printf("%s\n", job.result.dump().c_str());
  if (argc > 10) write_all(argv[10], found);
  return 0;
}
