/// Watches for the notice that EC2 will take this spot instance back.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace crisp {

/// While it lives, a thread asks the metadata service (instance_metadata.h) every five seconds; a notice is then what SIGTERM is: long
/// work makes a durable checkpoint and ends with exit code 75. Where no service answers, that is said once and the watch ends.
class SpotWatch {
 public:
  SpotWatch();
  ~SpotWatch();
  SpotWatch(const SpotWatch&) = delete;
  SpotWatch& operator=(const SpotWatch&) = delete;

 private:
  void watch();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace crisp
