/// The door to LibTorch: the plug-in libcrisp_nn.so, opened when a net is first needed. Everything else runs without it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/processes.h"
#include "train/net_plan.h"
#include "train/peers.h"
#include "train/script_file.h"

namespace crisp {

/// A net on a device, ready to answer; safe from many threads.
class NetRunner {
 public:
  virtual ~NetRunner() = default;
  /// out: rows x shape.outputs, what the last layer gives (numbers, log-odds).
  virtual void run(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) const = 0;
};

/// The plug-in's functions. Both sides are built together: the number guards against a mixture.
struct NetLibrary {
  static constexpr uint32_t kAbi = 7;

  uint32_t abi;
  const char* torch_version;  ///< that it was built with: "2.11.0"
  /// Trains from `start`'s arrays where their names and shapes are the net's (and from its edges), else from draws. Gives the net's arrays.
  Tensors (*fit)(Exec& exec, const NetShape& shape, const NetTraining& training, const FitData& data, const Tensors& start,
                 TrainingRun& run);
  /// Code::data where the arrays are not those of the shape.
  void (*check)(const NetShape& shape, const Tensors& arrays);
  /// Checks and opens.
  std::unique_ptr<NetRunner> (*open)(Exec& exec, const NetShape& shape, const Tensors& arrays);
  /// The bytes of a TorchScript file, the same for the same module; and a module out of such bytes.
  std::string (*save_script)(const ScriptFile& file);
  std::unique_ptr<ScriptRunner> (*open_script)(const std::string& bytes);
  /// Meets the other processes of the job; Code::unavailable where they do not come.
  std::unique_ptr<Peers> (*connect)(const Processes& all);
};

/// Opens the plug-in once. Code::unavailable saying what to install where LibTorch, or the version that it was built for, is not
/// there. `CRISP_TORCH` may name the folder of an installed torch.
const NetLibrary& net_library();

/// For `crisp doctor`: the folder of the torch that would be used and its version; "" where there is none.
struct TorchPlace {
  std::string folder, version;
};
TorchPlace find_torch();
/// The version that the plug-in was built for; "" where this build has none.
std::string built_torch_version();

}  // namespace crisp
