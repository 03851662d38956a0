// The only file that sees Gloo. Its headers are Debian's, older than the Gloo inside libtorch_cpu: only what c10d's own header needs of
// them is used, names and pointers.
#include "nn/peers_gloo.h"

#include "cuda/error.h"

#ifdef CRISP_HAS_GLOO
#define USE_C10D_GLOO 1
#include <ATen/ops/from_blob.h>
#include <c10/util/Logging.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <thread>

#include "core/interrupt.h"
#include "core/log.h"
#include "core/printable.h"

namespace crisp::nn {
namespace {

using c10d::ProcessGroupGloo;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kMeeting = std::chrono::minutes(5), kAttempt = std::chrono::seconds(2);
constexpr int kTag = 0;
constexpr Milliseconds kForNotices{1000}, kBetweenLooks{20};

Milliseconds silence_allowed() {
  const char* given = std::getenv("CRISP_PEER_TIMEOUT");
  if (!given || !*given) return std::chrono::minutes(30);  // PyTorch's
  const std::string_view text = given;
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  CRISP_REQUIRE(error == std::errc() && end == text.data() + text.size() && seconds >= 1 && seconds <= 86400 * 7, Code::config,
                "CRISP_PEER_TIMEOUT is '", printable(std::string(text)), "', expected seconds");
  return std::chrono::seconds(seconds);
}

/// Through the interfaces that are asked for; inside one machine through its loopback; else where this machine's name leads.
c10::intrusive_ptr<ProcessGroupGloo::Options> options_for(const Processes& all) {
  auto options = ProcessGroupGloo::Options::create(silence_allowed());
  if (const char* names = std::getenv("GLOO_SOCKET_IFNAME"); names && *names) {
    std::istringstream list(names);
    for (std::string name; std::getline(list, name, ',');) options->devices.push_back(ProcessGroupGloo::createDeviceForInterface(name));
  } else if (all.local_size == all.size) {
    options->devices.push_back(ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
  } else {
    options->devices.push_back(ProcessGroupGloo::createDefaultDevice());
  }
  return options;
}

std::string reason_of(const std::exception& error) {
  const auto* known = dynamic_cast<const c10::Error*>(&error);
  const std::string text = known ? known->what_without_backtrace() : error.what();
  return printable(text.substr(0, text.find('\n')));
}

/// Until `deadline`; Interrupted where somebody asks to stop meanwhile.
template <class Try>
void retry(std::chrono::steady_clock::time_point deadline, Try attempt) {
  while (!attempt(std::chrono::steady_clock::now() >= deadline)) {
    check_interrupt();
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

std::string arrival_of(int rank) { return concat("here/", rank); }
std::string notice_of(int rank) { return concat("noticed/", rank); }

/// Those of whom the store does not know `key`: "process 1 and process 3".
std::string absent(c10d::Store& store, int size, std::string (*key)(int)) {
  std::string names;
  for (int rank = 0; rank < size; ++rank) {
    if (!store.check({key(rank)})) names += concat(names.empty() ? "" : " and ", "process ", rank);
  }
  return names;
}

/// The table of names and values through which processes find each other: torchrun's agent keeps it, or process 0. All are there.
c10::intrusive_ptr<c10d::Store> meeting_place(const Processes& all) {
  const auto deadline = std::chrono::steady_clock::now() + kMeeting;
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(all.port);
  options.isServer = all.first() && !all.hosted;
  options.waitWorkers = false;
  options.timeout = kAttempt;
  c10::intrusive_ptr<c10d::Store> store;
  retry(deadline, [&](bool last) {
    try {
      store = c10::make_intrusive<c10d::PrefixStore>(concat("crisp/", all.restarts), c10::make_intrusive<c10d::TCPStore>(all.address, options));
    } catch (const std::exception&) {
      if (last || options.isServer) throw;  // the port is taken, or not ours: that does not get better
    }
    return store != nullptr;
  });
  store->setTimeout(kMeeting);
  store->set(arrival_of(all.rank), std::vector<uint8_t>{1});
  retry(deadline, [&](bool last) {
    const std::string names = absent(*store, all.size, arrival_of);
    CRISP_REQUIRE(names.empty() || !last, Code::unavailable, names, " of ", all.size, " did not come within ",
                  kMeeting / std::chrono::minutes(1), " minutes");
    return names.empty();
  });
  return store;
}

class GlooPeers : public Peers {
 public:
  explicit GlooPeers(const Processes& all)
      : all_(all), store_(meeting_place(all)), group_(c10::make_intrusive<ProcessGroupGloo>(store_, all.rank, all.size, options_for(all))) {}

  int rank() const override { return all_.rank; }
  int size() const override { return all_.size; }

  void send(int to, std::span<const std::byte> bytes) override {
    guarded([&] {
      auto tensors = as_tensors({const_cast<std::byte*>(bytes.data()), bytes.size()});  // sent from, never written
      return group_->send(tensors, to, kTag);
    });
  }

  void receive(int from, std::span<std::byte> bytes) override {
    guarded([&] {
      auto tensors = as_tensors(bytes);
      return group_->recv(tensors, from, kTag);
    });
  }

  /// A tree of sends: Gloo's own runs in threads of its own, and waking them takes longer than the bytes of a step.
  void broadcast(int from, std::span<std::byte> bytes) override {
    const int place = (all_.rank - from + all_.size) % all_.size;  // behind the root
    int reach = 1;
    while (reach < all_.size && (place & reach) == 0) reach *= 2;
    if (place > 0) receive((all_.rank - reach + all_.size) % all_.size, bytes);
    for (reach /= 2; reach > 0; reach /= 2) {
      if (place + reach < all_.size) send((all_.rank + reach) % all_.size, bytes);
    }
  }

  void sum(std::span<int64_t> numbers) override {
    guarded([&] {
      std::vector<at::Tensor> tensors{at::from_blob(numbers.data(), {static_cast<int64_t>(numbers.size())}, at::kLong)};
      return group_->allreduce(tensors);
    });
  }

  /// The others leave notices that they have seen the loss: who leaves none is gone.
  std::string missing() override {
    const auto end = std::chrono::steady_clock::now() + kForNotices;
    std::string names = silent();
    while (!names.empty() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(kBetweenLooks);
      names = silent();
    }
    return names;
  }

 private:
  static std::vector<at::Tensor> as_tensors(std::span<std::byte> bytes) {
    return {at::from_blob(bytes.data(), {static_cast<int64_t>(bytes.size())}, at::kByte)};
  }

  template <class Start>
  void guarded(Start start) {
    try {
      start()->wait();
    } catch (const std::exception& error) {
      detail("Gloo: ", reason_of(error));
      leave_notice();
      throw LostPeer(Code::unavailable, concat(all_.name(), " lost touch with the others"), "look for the first error among the processes");
    }
  }

  void leave_notice() noexcept {
    try {
      store_->set(notice_of(all_.rank), std::vector<uint8_t>{1});
    } catch (...) {  // its keeper is gone as well
    }
  }

  std::string silent() {
    try {
      return absent(*store_, all_.size, notice_of);
    } catch (const std::exception&) {
      return all_.first() || all_.hosted ? "" : "process 0";  // which keeps the store
    }
  }

  Processes all_;
  c10::intrusive_ptr<c10d::Store> store_;
  c10::intrusive_ptr<ProcessGroupGloo> group_;
};

}  // namespace

std::unique_ptr<Peers> connect_peers(const Processes& all) {
  // c10d logs stack traces of what is said here in one line.
  if (!std::getenv("TORCH_CPP_LOG_LEVEL")) FLAGS_caffe2_log_level = c10::GLOG_FATAL;
  try {
    return std::make_unique<GlooPeers>(all);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(Code::unavailable, concat(all.name(), " could not meet the others at ", all.address, ":", all.port, ": ", reason_of(error)),
                "do all of them run, and reach that address? GLOO_SOCKET_IFNAME names the network interface to use");
  }
}

}  // namespace crisp::nn

#else

namespace crisp::nn {

std::unique_ptr<Peers> connect_peers(const Processes&) {
  throw Error(Code::unavailable, "this crisp was built without Gloo, which training in several processes needs",
              "tools/setup --nets installs its headers (libgloo-dev); then build again");
}

}  // namespace crisp::nn

#endif
