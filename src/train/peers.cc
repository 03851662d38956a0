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

}  // namespace crisp
