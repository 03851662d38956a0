#include "train/shared_training.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "core/interrupt.h"
#include "core/json.h"
#include "core/stable_hash.h"

namespace crisp {
namespace {

std::string_view bytes_of(const float* values, size_t count) {
  return {reinterpret_cast<const char*>(values), count * sizeof(float)};
}

std::optional<Checkpoint> share(Peers& peers, std::optional<Checkpoint> of_first) {
  const bool own = peers.rank() == 0 && of_first;
  const std::string about = own ? to_text(Json{{"step", of_first->step}, {"state", of_first->state}}) : "";
  const std::vector<uint8_t> told =
      first_bytes(peers, {reinterpret_cast<const uint8_t*>(about.data()), about.size()});
  if (told.empty()) return std::nullopt;
  const std::vector<uint8_t> arrays =
      first_bytes(peers, own ? of_first->arrays.serialise() : std::vector<uint8_t>());
  if (own) return of_first;
  const std::string origin = "the checkpoint of process 0";
  const Json json = parse_json({reinterpret_cast<const char*>(told.data()), told.size()}, origin);
  return Checkpoint{json["step"].get<int64_t>(), Tensors::parse(arrays, origin), json["state"]};
}

}  // namespace

uint64_t rows_hash(const FitData& data) {
  std::string all;
  const auto add = [&](std::string_view bytes) { all += concat(" ", stable_hash(bytes)); };
  for (const LabelledRows* part : {&data.train, &data.validation}) {
    add(bytes_of(part->target.data(), part->target.size()));
    add(bytes_of(part->weights.data(), part->weights.size()));
    uint64_t rows = 0;
    for (int64_t i = 0; part->rows.data && i < part->rows.rows; ++i) {
      rows = 31 * rows + stable_hash(bytes_of(part->rows.row(i), static_cast<size_t>(part->rows.columns)));
    }
    all += concat(" ", rows);
  }
  return stable_hash(all);
}

void require_alike(Peers& peers, uint64_t identity) {
  std::array<uint64_t, 2> seen{identity, 0};  // the first one's, and the rank of one that differs
  fold(peers, std::span<uint64_t>(seen), [&] {
    if (seen[0] != identity && seen[1] == 0) seen[1] = static_cast<uint64_t>(peers.rank());
  });
  if (seen[1] == 0) return;
  throw Error(Code::data,
              concat("process ", seen[1], " would not train on the same rows in the same way as process 0"),
              "give all processes the same table and the same flags");
}

std::optional<Checkpoint> newest_checkpoint(const std::optional<CheckpointStore>& store,
                                            const TrainingRun& run) {
  std::optional<Checkpoint> newest;
  if (store && run.resume) newest = store->newest();
  return run.peers ? share(*run.peers, std::move(newest)) : newest;
}

int agreed_signal(Peers* peers) {
  int signal = 0;
  const auto add = [&] { signal = std::max(signal, interrupt_signal()); };
  if (peers) {
    fold(*peers, std::span(&signal, 1), add);
  } else {
    add();
  }
  return signal;
}

void fail_lost(Peers& peers, const LostPeer& lost, const std::string& done, bool saved) {
  const std::string who = peers.missing();
  const std::string what = concat(who.empty() ? "one of the processes" : who, " was lost after ", done);
  if (!saved) throw LostPeer(Code::unavailable, what, lost.hint());
  throw Error(Code::interrupted, what, kGoOnTogether);
}

}  // namespace crisp
