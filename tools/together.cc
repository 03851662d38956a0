#include "tools/together.h"

#include <algorithm>

#include "core/log.h"
#include "train/net_library.h"

namespace crisp {
namespace {

constexpr int64_t kGoOn = 0, kOver = -1;  // else the exit code of process 0

}  // namespace

void as_one_of(const Processes& all, const std::function<void()>& body) {
  if (!all.first()) set_verbosity(Verbosity::quiet);
  try {
    body();
  } catch (Error& error) {
    if (!all.first()) error.add_context(concat("process ", all.rank));
    throw;
  }
}

Together::Together(const Processes& all, const Learner& learner, const std::string& data) : all_(all) {
  if (!all.several()) return;
  if (!learner.in_processes()) {
    note(learner.title(), " trains in one process: the other ", all.size - 1, " that ", all.launcher, " started have nothing to do");
    return;
  }
  CRISP_REQUIRE(data != "-", Code::usage, "several processes cannot share standard input: each reads the table, so name a file");
  peers_ = net_library().connect(all);
  note("training in ", all.size, " processes, started by ", all.launcher);
}

bool Together::begin(const std::function<bool()>& begin) {
  if (!peers_) return begin();
  int64_t verdict = kGoOn;
  const auto tell = [&] { peers_->broadcast(0, std::as_writable_bytes(std::span(&verdict, 1))); };
  if (all_.first()) {
    try {
      verdict = begin() ? kGoOn : kOver;
    } catch (const std::exception& error) {
      const auto* known = dynamic_cast<const Error*>(&error);
      verdict = static_cast<int64_t>(known ? known->code() : Code::bug);
      tell();
      throw;
    }
  }
  tell();
  if (verdict > kGoOn) throw Error(static_cast<Code>(verdict), "process 0 could not begin, for the reason that it gives");
  return verdict == kGoOn;
}

std::unique_ptr<Exec> Together::make_exec(const Program& program) const {
  Device device = parse_device(program.device);
  int threads = program.threads;
  if (peers_ && device.is_cuda() && program.device.find(':') == std::string::npos) {
    device = Device::cuda(all_.local_rank % static_cast<int>(std::max<size_t>(1, cuda_devices().size())));
  }
  if (peers_ && threads == 0) threads = std::max(1, available_cores() / all_.local_size);
  return std::make_unique<Exec>(device, threads);
}

}  // namespace crisp
