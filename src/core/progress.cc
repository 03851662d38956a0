#include "core/progress.h"

#include <unistd.h>

#include <algorithm>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/terminal.h"
#include "cuda/text.h"

namespace crisp {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr int kBarCells = 24;

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string cells(double fraction) {
  const int full = std::clamp(static_cast<int>(fraction * kBarCells), 0, kBarCells);
  return concat('[', std::string(full, '#'), std::string(kBarCells - full, '.'), ']');
}

}  // namespace

Progress::Progress(std::string title, int64_t total, std::string unit)
    : title_(printable(title)),
      unit_(printable(unit)),
      total_(total),
      start_(std::chrono::steady_clock::now()),
      drawn_(start_) {}

Progress::~Progress() { draw(true); }

void Progress::step(int64_t amount) {
  check_interrupt();
  done_ += amount;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < kRedraw) return;
  drawn_ = now;
  draw(false);
}

// The bar goes when the work is done: what was done is said by whoever did it.
void Progress::draw(bool last) {
  if (last) return show_bar("");
  const double elapsed = std::max(seconds_between(start_, drawn_), 1e-9);
  const double rate = static_cast<double>(done_) / elapsed;
  std::string line = concat(title_, ' ');
  if (total_ > 0) {
    const double fraction = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    line += concat(cells(fraction), ' ', format_percent(fraction, 0));
  } else {
    line += concat(format_count(done_), ' ', unit_);
  }
  line += concat("  ", format_short(rate), ' ', unit_, "/s");
  if (total_ > done_ && done_ > 0) {
    line += concat("  ", format_seconds(static_cast<double>(total_ - done_) / rate), " left");
  }
  show_bar(line.substr(0, terminal_width(STDERR_FILENO) - 1));
}

}  // namespace crisp
