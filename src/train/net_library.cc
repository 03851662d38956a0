#include "train/net_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <vector>

#include "core/printable.h"
#include "cuda/error.h"

#ifndef CRISP_TORCH_FOLDER
#define CRISP_TORCH_FOLDER ""
#define CRISP_TORCH_VERSION ""
#endif

namespace crisp {
namespace {

namespace fs = std::filesystem;

/// The folder that this library lies in: the plug-in lies beside it.
fs::path own_folder() {
  Dl_info info{};
  CRISP_ASSERT(dladdr(reinterpret_cast<const void*>(&find_torch), &info) != 0);
  return fs::path(info.dli_fname).parent_path();
}

/// "2.11.0" out of a torch folder's version.py; "" where it is none.
std::string version_in(const fs::path& folder) {
  std::ifstream file(folder / "version.py");
  constexpr std::string_view kKey = "__version__ = '";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kKey)) continue;
    return line.substr(kKey.size(), line.find_first_of("+'", kKey.size()) - kKey.size());
  }
  return {};
}

/// Folders under which a Python environment keeps torch, as pip lays it out.
std::vector<fs::path> site_packages(const fs::path& environment) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(environment / "lib", ignored)) {
    if (entry.path().filename().string().starts_with("python3")) found.push_back(entry.path() / "site-packages/torch");
  }
  return found;
}

std::vector<fs::path> candidates() {
  if (const char* given = std::getenv("CRISP_TORCH"); given && *given) return {given};
  std::vector<fs::path> places{CRISP_TORCH_FOLDER};
  std::vector<std::string> environments;
  for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    if (const char* folder = std::getenv(name); folder && *folder) environments.emplace_back(folder);
  }
  environments.insert(environments.end(), {"/opt/pytorch", "/usr/local"});
  for (const std::string& environment : environments) {
    const auto more = site_packages(environment);
    places.insert(places.end(), more.begin(), more.end());
  }
  return places;
}

/// "2.11" of "2.11.0".
std::string minor_of(const std::string& version) { return version.substr(0, version.find('.', version.find('.') + 1)); }

/// RTLD_GLOBAL for torch's own libraries, which find each other's symbols so; our plug-in stays local.
void* open_library(const fs::path& path, int scope) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | scope);
  if (!handle) {
    const char* reason = dlerror();
    throw Error(Code::unavailable, concat("cannot open ", path.string(), ": ", printable(reason ? reason : "unknown")),
                "tools/setup --nets installs what nets need");
  }
  return handle;
}

const NetLibrary& open_net_library() {
  const std::string built = built_torch_version();
  CRISP_REQUIRE(!built.empty(), Code::unavailable,
                "this crisp was built without LibTorch, which nets need: run tools/setup --nets and build again");
  const TorchPlace torch = find_torch();
  if (minor_of(torch.version) != minor_of(built)) {
    throw Error(Code::unavailable,
                torch.version.empty() ? concat("nets need LibTorch ", minor_of(built), ", and no torch was found")
                                      : concat("nets need LibTorch ", minor_of(built), ", ", torch.folder, " holds ", torch.version),
                concat("pip install torch==", built, ", or name its folder in CRISP_TORCH"));
  }
  open_library(fs::path(torch.folder) / "lib/libc10.so", RTLD_GLOBAL);
  open_library(fs::path(torch.folder) / "lib/libtorch_cpu.so", RTLD_GLOBAL);
  void* plugin = open_library(own_folder() / "libcrisp_nn.so", RTLD_LOCAL);
  const auto table = reinterpret_cast<const NetLibrary* (*)()>(dlsym(plugin, "crisp_nn_library"));
  CRISP_REQUIRE(table && table()->abi == NetLibrary::kAbi, Code::unavailable,
                "libcrisp_nn.so is of another build of crisp: install both together");
  return *table();
}

}  // namespace

std::string built_torch_version() { return CRISP_TORCH_VERSION; }

TorchPlace find_torch() {
  for (const fs::path& folder : candidates()) {
    const std::string version = version_in(folder);
    std::error_code ignored;
    if (!version.empty() && fs::exists(folder / "lib/libtorch_cpu.so", ignored)) return {folder.string(), version};
  }
  return {};
}

const NetLibrary& net_library() {
  static std::mutex mutex;
  static const NetLibrary* library = nullptr;
  const std::lock_guard guard(mutex);
  if (!library) library = &open_net_library();
  return *library;
}

}  // namespace crisp
