#include "train/peers.h"

namespace crisp {

std::vector<uint8_t> first_bytes(Peers& peers, std::span<const uint8_t> bytes) {
  uint64_t size = bytes.size();
  peers.broadcast(0, std::as_writable_bytes(std::span(&size, 1)));
  std::vector<uint8_t> copy(size);
  if (peers.rank() == 0) copy.assign(bytes.begin(), bytes.end());
  if (size > 0) peers.broadcast(0, std::as_writable_bytes(std::span(copy)));
  return copy;
}

bool all_agree(Peers& peers, bool own) {
  int32_t refusals = 0;
  fold(peers, std::span(&refusals, 1), [&] { refusals += own ? 0 : 1; });
  return refusals == 0;
}

}  // namespace crisp
