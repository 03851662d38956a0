// nets_bench ROWS.f32 LABELS.f32 TEST.f32 HIDDEN BATCH EPOCHS THREADS SCORES.f32: trains 28-HIDDEN-HIDDEN-1 with Adam and prints the
// seconds of each epoch as JSON; the test rows' log-odds go to SCORES.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "core/file_io.h"
#include "perf/nets/net_job.h"
#include "train/net_library.h"

namespace crisp {
namespace {

constexpr int64_t kColumns = 28;

std::vector<float> numbers_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  CRISP_REQUIRE(file.good(), Code::no_input, "cannot read ", path);
  std::vector<float> values(static_cast<size_t>(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

Matrix rows_in(const std::string& path) {
  const std::vector<float> values = numbers_in(path);
  Matrix matrix(static_cast<int64_t>(values.size()) / kColumns, kColumns);
  for (int64_t i = 0; i < matrix.rows(); ++i) std::copy_n(values.data() + i * kColumns, kColumns, matrix.view().row(i));
  return matrix;
}

int64_t whole(const char* text) {
  int64_t value = 0;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

void run(char** arguments) {
  const Matrix rows = rows_in(arguments[1]), test = rows_in(arguments[3]);
  const std::vector<float> labels = numbers_in(arguments[2]);
  const int64_t hidden = whole(arguments[4]), batch = whole(arguments[5]);
  Exec exec(Device::cpu(), static_cast<int>(whole(arguments[7])));

  const NetJob job(rows, labels, hidden, batch, whole(arguments[6]));

  std::vector<double> seconds;
  const int64_t steps = (rows.rows() + batch - 1) / batch;
  auto begin = std::chrono::steady_clock::now();
  TrainingRun training;
  training.after_step = [&](int64_t step) {
    if (step % steps != 0) return;
    const auto now = std::chrono::steady_clock::now();
    seconds.push_back(std::chrono::duration<double>(now - begin).count());
    begin = now;
  };
  const Tensors arrays = net_library().fit(exec, job.shape, job.plan, job.data, {}, training);

  Matrix out(test.rows(), 1);
  net_library().open(exec, job.shape, arrays)->run(exec, test.view(), out.view());
  std::ofstream scores(arguments[8], std::ios::binary);
  for (int64_t i = 0; i < out.rows(); ++i) scores.write(reinterpret_cast<const char*>(out.view().row(i)), sizeof(float));
  std::cout << Json{{"epoch", seconds}} << "\n";
}

}  // namespace
}  // namespace crisp

int main(int count, char** arguments) {
  if (count != 9) {
    std::cerr << "usage: nets_bench ROWS LABELS TEST HIDDEN BATCH EPOCHS THREADS SCORES\n";
    return 64;
  }
  crisp::run(arguments);
}
