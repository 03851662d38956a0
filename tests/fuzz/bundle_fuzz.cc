/// A bundle's manifest and weights: a line of JSON, then a safetensors file. Refused with Code::data, or trees that can be walked and
/// come back as they were when saved again.
#include <cstring>
#include <string>

#include "cuda/error.h"
#include "models/trees/tree_file.h"
#include "tests/fuzz/walked.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto* line = static_cast<const uint8_t*>(size > 0 ? std::memchr(data, '\n', size) : nullptr);
  const size_t length = line ? static_cast<size_t>(line - data) : size;
  try {
    const crisp::Json manifest = crisp::parse_json({reinterpret_cast<const char*>(data), length}, "manifest.json");
    const crisp::Tensors weights = crisp::Tensors::parse({data + length + (line ? 1 : 0), size - length - (line ? 1 : 0)}, "weights.safetensors");
    const crisp::TreeParts parts = crisp::load_trees(weights, manifest);
    crisp::walk_some_rows(parts);
    crisp::Tensors again;
    crisp::Json about;
    crisp::save_trees(parts, again, about);
    const crisp::TreeParts back = crisp::load_trees(crisp::Tensors::parse(again.serialise(), "again"), about);
    if (back.trees.value.size() != parts.trees.value.size()) __builtin_trap();
  } catch (const crisp::Error& error) {
    if (error.code() != crisp::Code::data) __builtin_trap();
  }
  return 0;
}
