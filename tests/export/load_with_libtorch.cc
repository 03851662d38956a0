// Answers rows with an exported model and nothing but LibTorch.
//   load_with_libtorch MODEL.pt < ROWS
// ROWS: tab-separated texts, the first line names the columns. Prints a line a row: every number of every
// output.
#include <torch/script.h>

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == '\t') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

c10::Dict<std::string, c10::List<std::string>> read_columns(std::istream& in) {
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> names = cells_of(line);
  std::vector<c10::List<std::string>> columns(names.size());
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = cells_of(line);
    for (size_t k = 0; k < names.size(); ++k) columns[k].push_back(cells.at(k));
  }
  c10::Dict<std::string, c10::List<std::string>> table;
  for (size_t k = 0; k < names.size(); ++k) table.insert(names[k], columns[k]);
  return table;
}

void print(const c10::IValue& answer) {
  std::vector<at::Tensor> outputs;
  if (answer.isTensor()) {
    outputs.push_back(answer.toTensor());
  } else {
    for (const c10::IValue& part : answer.toTupleRef().elements()) outputs.push_back(part.toTensor());
  }
  for (at::Tensor& output : outputs) output = output.to(at::kDouble).reshape({output.size(0), -1});
  const at::Tensor all = at::cat(outputs, 1).contiguous();
  for (int64_t i = 0; i < all.size(0); ++i) {
    for (int64_t j = 0; j < all.size(1); ++j)
      std::printf("%s%.17g", j > 0 ? "\t" : "", all.data_ptr<double>()[i * all.size(1) + j]);
    std::printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  try {
    torch::jit::Module model = torch::jit::load(argv[1]);
    const c10::InferenceMode inference;
    print(model.forward({model.get_method("encode")({read_columns(std::cin)})}));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
