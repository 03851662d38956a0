// products_bench HIDDEN BATCH THREADS: the matrix products of one training step of 28-HIDDEN-HIDDEN-1 alone, cut into the same parts
// for the same threads: the floor under the step. Prints the least seconds of a step.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string_view>

#include "nn/batch_step.h"
#include "nn/feed_forward.h"
#include "nn/product_scope.h"

namespace crisp::nn {
namespace {

constexpr int kSteps = 60;

int64_t whole(const char* text) {
  int64_t value = 0;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

NetShape shape_of(int64_t hidden) {
  NetShape shape;
  shape.features.assign(28, {"x", 0});
  shape.widths.assign(28, 1);
  shape.hidden = {hidden, hidden};
  return shape;
}

struct Place {
  Part part;
  Arrays gradients;
};

/// Parameters or gradients, drawn.
Arrays drawn_arrays(Exec& exec, const FeedForward& net, NetMemory& memory, double spread) {
  const int64_t total = net.layout().total();
  const ArrayView<float> flat = memory.array<float>(exec, total);
  tensor_over({flat.data, 1, total, total}).normal_(0, spread);
  return net.bind(exec, flat);
}

Place make_place(Exec& exec, const FeedForward& net, NetMemory& memory, int64_t rows) {
  Place place{net.make_part(exec, rows, true), drawn_arrays(exec, net, memory, 1)};
  tensor_over(place.part.raw.view()).normal_();
  for (const NetMatrix& gradient : place.part.gradient) tensor_over(gradient.view()).normal_();
  return place;
}

double least_seconds(int64_t hidden, int64_t batch, int threads) {
  const ProductScope scope;
  Exec exec(Device::cpu(), threads);
  const FeedForward net(shape_of(hidden), {});
  NetMemory memory;
  const Arrays arrays = drawn_arrays(exec, net, memory, 0.1);
  const int64_t part_rows = BatchStep::rows_of_parts(batch);
  std::vector<Place> places;
  for (int64_t begin = 0; begin < batch; begin += part_rows) places.push_back(make_place(exec, net, memory, std::min(part_rows, batch - begin)));
  double least = 1e9;
  for (int step = 0; step < kSteps; ++step) {
    const auto begin = std::chrono::steady_clock::now();
    exec.threads().run(static_cast<int64_t>(places.size()), [&](int64_t k) {
      const ProductScope of_thread;
      const Place& place = places[static_cast<size_t>(k)];
      for (size_t l = 0; l < net.products(); ++l) net.multiply(exec, arrays, place.part, l);
      for (size_t l = net.products(); l-- > 0;) net.unmultiply(exec, arrays, place.part, place.gradients, l);
    });
    least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return least;
}

}  // namespace
}  // namespace crisp::nn

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: products_bench HIDDEN BATCH THREADS\n", stderr);
    return 64;
  }
  using crisp::nn::whole;
  std::printf("%.9f\n", crisp::nn::least_seconds(whole(arguments[1]), whole(arguments[2]), static_cast<int>(whole(arguments[3]))));
}
