#include "models/trees/gather_trees.h"

namespace crisp {
namespace {

template <class Body>
void each_array(Trees& trees, Body body) {
  body(trees.first), body(trees.feature), body(trees.threshold), body(trees.left), body(trees.right), body(trees.missing_left);
  body(trees.set), body(trees.set_first), body(trees.set_bits), body(trees.value), body(trees.cover), body(trees.gain);
}

}  // namespace

void append_trees(const Trees& more, Trees& all) {
  const int64_t nodes = all.first.back(), bits = all.set_first.back();
  const auto sets = static_cast<int32_t>(all.set_first.size()) - 1;
  const auto add = [](const auto& from, auto& to) { to.insert(to.end(), from.begin(), from.end()); };
  for (size_t t = 1; t < more.first.size(); ++t) all.first.push_back(more.first[t] + nodes);
  for (const int32_t set : more.set) all.set.push_back(set < 0 ? -1 : set + sets);
  for (size_t s = 1; s < more.set_first.size(); ++s) all.set_first.push_back(more.set_first[s] + bits);
  add(more.feature, all.feature), add(more.threshold, all.threshold), add(more.left, all.left), add(more.right, all.right);
  add(more.missing_left, all.missing_left), add(more.set_bits, all.set_bits), add(more.value, all.value);
  add(more.cover, all.cover), add(more.gain, all.gain);
}

void gather_trees(Peers& peers, Trees& trees) {
  if (peers.rank() > 0) {
    each_array(trees, [&](auto& values) { send_array(peers, 0, values); });
    return;
  }
  for (int rank = 1; rank < peers.size(); ++rank) {
    Trees more;
    each_array(more, [&](auto& values) {
      values.clear();
      receive_array(peers, rank, values);
    });
    append_trees(more, trees);
  }
}

void spread_trees(Peers& peers, Trees& trees) {
  each_array(trees, [&](auto& values) {
    uint64_t count = values.size();
    peers.broadcast(0, std::as_writable_bytes(std::span(&count, 1)));
    values.resize(count);
    if (count > 0) peers.broadcast(0, std::as_writable_bytes(std::span(values)));
  });
}

}  // namespace crisp
