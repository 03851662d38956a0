/// A mark in the work that is queued on a GPU: to wait for what is before it, and for nothing that is behind it.
#pragma once

#include <memory>

#include "cuda/exec.h"

namespace crisp {

class Event {
 public:
  /// exec's device is a GPU.
  explicit Event(Exec& exec);

  /// Moves the mark behind all work that is queued on exec's stream by now.
  void record(Exec& exec);
  /// Waits until the work before the mark is done, and reports its errors.
  void wait() const;

 private:
  std::shared_ptr<void> event_;
};

}  // namespace crisp
