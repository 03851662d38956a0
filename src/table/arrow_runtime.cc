#include "table/arrow_runtime.h"

#include <arrow/compute/initialize.h>
#include <arrow/config.h>
#include <arrow/util/thread_pool.h>

#include <mutex>

#include "cuda/thread_pool.h"
#include "table/arrow_bridge.h"

namespace crisp {

void arrow_start() {
  static std::once_flag once;
  std::call_once(once, [] { check(arrow::compute::Initialize()); });
}

const std::string& arrow_version() { return arrow::GetBuildInfo().version_string; }

void arrow_threads(int threads) {
  check(arrow::SetCpuThreadPoolCapacity(threads > 0 ? threads : available_cores()));
}

}  // namespace crisp
