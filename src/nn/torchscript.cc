#include "nn/torchscript.h"

#include <torch/script.h>

#include <cstring>
#include <sstream>

#include "cuda/error.h"

namespace crisp::nn {
namespace {

using Texts = c10::List<std::string>;
using Codes = c10::Dict<std::string, int64_t>;

at::ScalarType scalar_type(DType dtype) {
  switch (dtype) {
    case DType::u8:
      return at::kByte;
    case DType::i32:
      return at::kInt;
    case DType::i64:
      return at::kLong;
    case DType::f32:
      return at::kFloat;
    case DType::f64:
      return at::kDouble;
  }
  fail(Code::bug, "an array of no known type");
}

at::Tensor to_torch(const Tensor& array) {
  at::Tensor tensor = at::empty(array.shape, scalar_type(array.dtype));
  CRISP_ASSERT(tensor.nbytes() == array.bytes.size());
  if (!array.bytes.empty()) std::memcpy(tensor.data_ptr(), array.bytes.data(), array.bytes.size());
  return tensor;
}

void add_dictionaries(torch::jit::Module& module, const ScriptFile& file) {
  const auto inner = c10::DictType::create(c10::StringType::get(), c10::IntType::get());
  c10::impl::GenericDict all(c10::StringType::get(), inner);
  for (const auto& [column, entries] : file.dictionaries) {
    Codes codes;
    for (const auto& [text, code] : entries) codes.insert(text, code);
    all.insert(column, codes);
  }
  module.register_attribute("dictionaries", c10::DictType::create(c10::StringType::get(), inner), all);
}

class Runner : public ScriptRunner {
 public:
  explicit Runner(const std::string& bytes) {
    std::istringstream in(bytes);
    extra_["schema.json"] = "";
    module_ = torch::jit::load(in, at::kCPU, extra_);
    module_.eval();
  }

  std::vector<std::vector<double>> answer(
      const std::map<std::string, std::vector<std::string>>& columns) const override {
    const c10::InferenceMode inference;
    c10::Dict<std::string, Texts> cells;
    for (const auto& [name, texts] : columns) {
      Texts list;
      list.reserve(texts.size());
      for (const std::string& text : texts) list.push_back(text);
      cells.insert(name, list);
    }
    const c10::IValue answer = run(cells);
    std::vector<std::vector<double>> out;
    if (answer.isTensor()) return {numbers(answer.toTensor())};
    for (const c10::IValue& part : answer.toTupleRef().elements()) out.push_back(numbers(part.toTensor()));
    return out;
  }

  std::string extra(const std::string& name) const override { return extra_.at(name); }

 private:
  /// The interpreter's complaint, whose last line says what is wrong.
  c10::IValue run(const c10::Dict<std::string, Texts>& cells) const {
    try {
      return module_.get_method("forward")({module_.get_method("encode")({cells})});
    } catch (const std::exception& error) {
      throw Error(Code::bug, concat("the TorchScript module fails: ", error.what()));
    }
  }

  static std::vector<double> numbers(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.to(at::kDouble).contiguous();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
  }

  torch::jit::Module module_;
  torch::jit::ExtraFilesMap extra_;
};

}  // namespace

std::string save_script(const ScriptFile& file) {
  torch::jit::Module module("__torch__.CrispModel");
  for (const auto& [name, array] : file.arrays) module.register_buffer(name, to_torch(array));
  for (const auto& [name, texts] : file.texts) {
    Texts list;
    for (const std::string& text : texts) list.push_back(text);
    module.register_attribute(name, c10::ListType::create(c10::StringType::get()), list);
  }
  add_dictionaries(module, file);
  module.define(file.source);
  module.eval();
  torch::jit::ExtraFilesMap extra(file.extra.begin(), file.extra.end());
  std::ostringstream out;
  module.save(out, extra);
  return out.str();
}

std::unique_ptr<ScriptRunner> open_script(const std::string& bytes) {
  return std::make_unique<Runner>(bytes);
}

}  // namespace crisp::nn
