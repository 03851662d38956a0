#include "run/transfer.h"

#include <filesystem>

#include "core/file_io.h"
#include "core/sha256.h"
#include "cuda/error.h"

namespace crisp {
namespace {

constexpr const char* kWeights = "weights.safetensors";
constexpr uint64_t kLargestFile = uint64_t{1} << 33;

Transfer from_bundle(const std::string& path, const Learner& learner, const Registry& registry) {
  const Bundle bundle = Bundle::open(path);
  if (!predicts(bundle)) {
    throw Error(Code::data, concat("'", path, "' is a detector, and ", learner.name(), " does not begin from one"),
                concat("name the run directory of a ", learner.name(), ", or a .safetensors file"));
  }
  Transfer transfer;
  transfer.saved = open_predictor(bundle, registry);
  const PredictionPipeline& pipeline = transfer.saved->pipeline;
  CRISP_REQUIRE(pipeline.learner().name() == learner.name(), Code::data, "'", path, "' is a ", pipeline.learner().name(), ", and ",
                learner.name(), " begins from a ", learner.name());
  transfer.start.name = data_name(path);
  transfer.start.sha256 = sha256_hex(bundle.file(kWeights));
  pipeline.model().save(transfer.start.arrays, transfer.start.about);
  return transfer;
}

}  // namespace

const FittedRecipe* Transfer::recipe_for(Exec& exec, const Table& rows, const std::vector<std::string>& unread) const {
  if (!saved) return nullptr;
  std::vector<std::string> absent;
  for (const std::string& name : unread) {
    if (rows.has(name)) absent.push_back(name);
  }
  const PredictionPipeline& pipeline = saved->pipeline;
  try {
    StepLog ignored;
    const Table prepared = pipeline.recipe().run(exec, rows.slice(0, 0).without(absent), ignored);
    for (const std::string& name : pipeline.features()) prepared.index_of(name);
    return &pipeline.recipe();
  } catch (const Error&) {
    return nullptr;
  }
}

Transfer open_transfer(const std::string& path, const Learner& learner, const Registry& registry) {
  std::error_code ignored;
  const bool file = std::filesystem::is_regular_file(path, ignored) && !path.ends_with("manifest.json");
  if (!file) return from_bundle(path, learner, registry);
  const std::vector<uint8_t> bytes = read_file(path, kLargestFile);
  Transfer transfer;
  transfer.start.name = data_name(path);
  transfer.start.sha256 = sha256_hex(bytes);
  const Tensors arrays = Tensors::parse(bytes, path);
  // The arrays of a bundle's own file stand behind the model's name.
  const Tensors inner = arrays.with_prefix("model.");
  transfer.start.arrays = inner.names().empty() ? arrays : inner;
  return transfer;
}

}  // namespace crisp
