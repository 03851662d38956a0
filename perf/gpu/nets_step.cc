// Steps of a net where all rows are resident: perf_gpu_nets DEVICE HIDDEN BATCH [ROWS]. Trains 28-HIDDEN-HIDDEN-1 with Adam for
// three epochs on random rows and prints one JSON line: where, rows a second of the fastest epoch, and the loss of each epoch.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "cuda/random.h"
#include "perf/nets/net_job.h"
#include "train/net_library.h"

namespace {

using namespace crisp;

constexpr int64_t kColumns = 28, kEpochs = 3;

int64_t whole(const char* text) {
  int64_t value = 0;
  const std::string_view all = text;
  const auto parsed = std::from_chars(all.data(), all.data() + all.size(), value);
  CRISP_REQUIRE(parsed.ec == std::errc() && parsed.ptr == all.data() + all.size() && value > 0, Code::usage, "'", text,
                "' is not a positive number");
  return value;
}

void run(Exec& exec, int64_t hidden, int64_t batch, int64_t count) {
  Matrix rows(count, kColumns);
  std::vector<float> labels;
  exec.threads().for_ranges(count, 1 << 12, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j = 0; j < kColumns; ++j) {
        rows.view().at(i, j) = static_cast<float>(random_uniform(1, static_cast<uint64_t>(j), static_cast<uint64_t>(i)) - 0.5);
      }
    }
  });
  for (int64_t i = 0; i < count; ++i) labels.push_back(rows.view().at(i, 0) * rows.view().at(i, 1) > 0 ? 1.0f : 0.0f);

  const NetJob job(rows, labels, hidden, batch, kEpochs);
  TrainingRun training;
  double best = 1e30;
  const int64_t steps = (count + batch - 1) / batch;
  auto begin = std::chrono::steady_clock::now();
  training.after_step = [&](int64_t step) {  // the last step's loss is waited for a moment later: the next epoch pays for it
    if (step % steps != 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (step > steps) best = std::min(best, std::chrono::duration<double>(now - begin).count());
    begin = now;
  };
  net_library().fit(exec, job.shape, job.plan, job.data, {}, training);
  Json losses = Json::array();
  for (const Json& epoch : training.history) losses.push_back(epoch["train_loss"]);
  const Json line{{"device", exec.device().name()}, {"hidden", hidden}, {"batch", batch},
                  {"rows_per_second", static_cast<double>(count) / best}, {"losses", losses}};
  std::printf("%s\n", line.dump().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CRISP_REQUIRE(argc == 4 || argc == 5, Code::usage, "perf_gpu_nets DEVICE HIDDEN BATCH [ROWS]");
    Exec exec(parse_device(argv[1]));
    run(exec, whole(argv[2]), whole(argv[3]), argc > 4 ? whole(argv[4]) : 1'000'000);
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "perf_gpu_nets: %s\n  %s\n", error.what(), error.hint().c_str());
    return static_cast<int>(error.code());
  }
}
