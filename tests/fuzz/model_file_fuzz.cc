/// Another library's model file: refused with Code::data, or trees that can be walked.
#include <span>

#include "cuda/error.h"
#include "models/imported/imported.h"
#include "tests/fuzz/walked.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const crisp::ImportedModel model = crisp::import_model_file({data, size}, "model");
    crisp::walk_some_rows(dynamic_cast<const crisp::TreeModel&>(*model.model).parts());
  } catch (const crisp::Error& error) {
    if (error.code() != crisp::Code::data) __builtin_trap();
  }
  return 0;
}
