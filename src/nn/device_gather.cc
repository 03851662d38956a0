// NCCL's few functions are declared here: its header would tie the build to the library. Names, numbers and layouts are those of
// nccl.h 2.28; the ABI of these has been the same since 2.0.
#include "nn/device_gather.h"

#include <dlfcn.h>

#include <string>
#include <vector>

#include "core/log.h"
#include "cuda/buffer.h"
#include "train/net_library.h"

namespace crisp::nn {
namespace {

constexpr int kSuccess = 0, kFloat = 7;

struct UniqueId {
  char bytes[128];
};

struct Library {
  int (*get_unique_id)(UniqueId*) = nullptr;
  int (*init_rank)(void** communicator, int size, UniqueId id, int rank) = nullptr;
  int (*all_gather)(const void* own, void* all, size_t count, int type, void* communicator, void* stream) = nullptr;
  int (*abort)(void* communicator) = nullptr;
  int (*destroy)(void* communicator) = nullptr;
  const char* (*error_text)(int status) = nullptr;

  explicit operator bool() const { return destroy != nullptr; }
};

template <class Function>
bool find(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  return function != nullptr;
}

Library open_library() {
  const std::string beside_torch = find_torch().folder + "/../nvidia/nccl/lib/libnccl.so.2";
  for (const char* path : {beside_torch.c_str(), "libnccl.so.2"}) {
    void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    Library library;
    if (handle && find(handle, "ncclGetUniqueId", library.get_unique_id) && find(handle, "ncclCommInitRank", library.init_rank) &&
        find(handle, "ncclAllGather", library.all_gather) && find(handle, "ncclCommAbort", library.abort) &&
        find(handle, "ncclGetErrorString", library.error_text) && find(handle, "ncclCommDestroy", library.destroy)) {
      return library;
    }
  }
  return {};
}

class NcclGather : public DeviceGather {
 public:
  NcclGather(const Library& library, Peers& peers, const UniqueId& id) : library_(library) {
    check(library_.init_rank(&communicator_, peers.size(), id, peers.rank()));
  }
  ~NcclGather() override {
    if (communicator_) library_.destroy(communicator_);
  }
  NcclGather(const NcclGather&) = delete;
  NcclGather& operator=(const NcclGather&) = delete;

  void gather(Exec& exec, const float* own, float* all, int64_t count) override {
    check(library_.all_gather(own, all, static_cast<size_t>(count), kFloat, communicator_, exec.stream()));
  }
  void abort() noexcept override {
    if (communicator_) library_.abort(communicator_);
    communicator_ = nullptr;
  }

 private:
  void check(int status) const {
    CRISP_REQUIRE(status == kSuccess, Code::unavailable, "NCCL: ", library_.error_text(status));
  }

  Library library_;
  void* communicator_ = nullptr;
};

/// Numbers that tell the processes apart come through in their order.
void try_out(Exec& exec, Peers& peers, DeviceGather& gather) {
  constexpr int64_t kCount = 1000;
  std::vector<float> own(kCount), all(static_cast<size_t>(kCount * peers.size()));
  for (int64_t i = 0; i < kCount; ++i) own[static_cast<size_t>(i)] = static_cast<float>(peers.rank() * kCount + i);
  const DeviceBuffer<float> from(exec, own.data(), kCount), to(exec, static_cast<int64_t>(all.size()));
  gather.gather(exec, from.data(), to.data(), kCount);
  to.download(exec, all.data(), to.size());
  for (size_t i = 0; i < all.size(); ++i) {
    CRISP_REQUIRE(all[i] == static_cast<float>(i), Code::unavailable, "NCCL brings wrong numbers");
  }
}

/// Runs `body`; gives what went wrong.
template <class Body>
std::string fault_of(const Body& body) {
  try {
    body();
    return "";
  } catch (const LostPeer&) {
    throw;
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

std::unique_ptr<DeviceGather> connect_nccl(Exec& exec, Peers& peers) {
  const Library library = open_library();
  UniqueId id{};
  std::unique_ptr<NcclGather> gather;
  std::string fault = library ? "" : "libnccl.so.2 is not there";
  bool together = all_agree(peers, fault.empty());
  if (together && peers.rank() == 0 && library.get_unique_id(&id) != kSuccess) fault = "NCCL does not start";
  if (together) together = all_agree(peers, fault.empty());
  if (together) {
    peers.broadcast(0, std::as_writable_bytes(std::span(id.bytes)));
    fault = fault_of([&] { gather = std::make_unique<NcclGather>(library, peers, id); });
    together = all_agree(peers, fault.empty());
  }
  if (together) {
    fault = fault_of([&] { try_out(exec, peers, *gather); });
    together = all_agree(peers, fault.empty());
  }
  if (together) return gather;
  if (gather) gather->abort();
  if (peers.rank() == 0 || !fault.empty()) {
    warn("gradients go from GPU to GPU through the hosts (Gloo): ", fault.empty() ? "another process cannot use NCCL" : fault);
  }
  return nullptr;
}

}  // namespace crisp::nn
