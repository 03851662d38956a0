/// The processes that train one model together: bytes to and from them, and sums in the order of their ranks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cuda/error.h"

namespace crisp {

/// Another process is gone, or silent for too long: the rest cannot go on without it.
class LostPeer : public Error {
 public:
  using Error::Error;
};

/// Every process makes the same calls in the same order. All of them throw LostPeer.
class Peers {
 public:
  virtual ~Peers() = default;
  virtual int rank() const = 0;
  /// >= 2
  virtual int size() const = 0;
  virtual void send(int to, std::span<const std::byte> bytes) = 0;
  virtual void receive(int from, std::span<std::byte> bytes) = 0;
  /// What stands in `bytes` of process `from`, to all; the same size everywhere.
  virtual void broadcast(int from, std::span<std::byte> bytes) = 0;
  /// Each number becomes its sum over the processes; of whole numbers the order does not matter. The same size everywhere.
  virtual void sum(std::span<int64_t> numbers) = 0;
  /// After a LostPeer: who is gone, as far as the others know: "process 2", "process 1 and process 3"; "" where nobody knows.
  virtual std::string missing() = 0;
};

/// What falls to one of several processes.
struct Share {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
};
/// Of `count` things that are dealt in their order; the first one's share is never less than another's.
inline Share share_of(int64_t count, int64_t rank, int64_t size) {
  return {(count * rank + size - 1) / size, (count * (rank + 1) + size - 1) / size};
}

/// One after the other the processes let `add` work on `values`, each on what the one before it left; then all have what the last one
/// left. A sum in the order of ranks: the same bits as one process that adds everything up in that order.
template <class T, class Add>
void fold(Peers& peers, std::span<T> values, Add add) {
  if (peers.rank() > 0) peers.receive(peers.rank() - 1, std::as_writable_bytes(values));
  add();
  if (peers.rank() + 1 < peers.size()) peers.send(peers.rank() + 1, std::as_bytes(values));
  peers.broadcast(peers.size() - 1, std::as_writable_bytes(values));
}

/// Values, however many they are; the other side calls receive_array().
template <class T>
void send_array(Peers& peers, int to, const std::vector<T>& values) {
  const uint64_t count = values.size();
  peers.send(to, std::as_bytes(std::span(&count, 1)));
  if (count > 0) peers.send(to, std::as_bytes(std::span(values)));
}

/// Puts them behind those that are there.
template <class T>
void receive_array(Peers& peers, int from, std::vector<T>& values) {
  uint64_t count = 0;
  peers.receive(from, std::as_writable_bytes(std::span(&count, 1)));
  values.resize(values.size() + count);
  if (count > 0) peers.receive(from, std::as_writable_bytes(std::span(values).last(count)));
}

/// Every process's values behind one another in the order of ranks, in the first process; the others keep their own.
template <class T>
void gather(Peers& peers, std::vector<T>& values) {
  if (peers.rank() > 0) return send_array(peers, 0, values);
  for (int rank = 1; rank < peers.size(); ++rank) receive_array(peers, rank, values);
}

/// Whether all processes say yes.
bool all_agree(Peers& peers, bool own);

/// The first process's bytes, in all of them.
std::vector<uint8_t> first_bytes(Peers& peers, std::span<const uint8_t> bytes);

}  // namespace crisp
