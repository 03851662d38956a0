/// Progress of a long operation: a bar with rate and time left on a terminal, nothing elsewhere. Also where
/// an interruption (Ctrl-C, SIGTERM) is noticed: step() throws Code::interrupted once one has arrived.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace crisp {

class Progress {
 public:
  /// `total` 0: unknown.
  Progress(std::string title, int64_t total, std::string unit = "rows");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Safe from any one thread at a time.
  void step(int64_t amount = 1);

 private:
  void draw(bool last);
  std::string title_, unit_;
  int64_t total_, done_ = 0;
  std::chrono::steady_clock::time_point start_, drawn_;
};

}  // namespace crisp
