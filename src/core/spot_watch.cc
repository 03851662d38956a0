#include "core/spot_watch.h"

#include <chrono>
#include <csignal>

#include "core/instance_metadata.h"
#include "core/interrupt.h"
#include "core/log.h"

namespace crisp {
namespace {

constexpr auto kBetweenQuestions = std::chrono::seconds(5);  // as AWS advises

/// True where the watch is over: there is a notice, or nobody to ask.
bool ask() {
  try {
    if (!ec2_spot_notice()) return false;
    warn("EC2 takes this spot instance back: stopping with a checkpoint");
    request_interrupt(SIGTERM);
  } catch (const std::exception& error) {
    warn("not watching for spot notices: ", error.what());
  }
  return true;
}

}  // namespace

SpotWatch::SpotWatch() : thread_([this] { watch(); }) {}

SpotWatch::~SpotWatch() {
  {
    const std::lock_guard guard(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void SpotWatch::watch() {
  for (;;) {
    if (ask()) return;
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, kBetweenQuestions, [this] { return over_; })) return;
  }
}

}  // namespace crisp
