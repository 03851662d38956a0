#include "profile/value_counts.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "report/display_text.h"

namespace crisp {
namespace {

constexpr size_t kLongestValue = 200;

/// A page of text as one value must not become the report.
std::string shortened(std::string_view text) {
  return text.size() <= kLongestValue ? std::string(text) : report::fitted(text, kLongestValue);
}

}  // namespace

KeySample::Entry& KeySample::slot_of(uint64_t key) {
  const size_t mask = slots_.size() - 1;
  size_t at = mixed(key) & mask;
  while (slots_[at].count > 0 && slots_[at].key != key) at = (at + 1) & mask;
  return slots_[at];
}

void KeySample::rebuild(size_t slots) {
  std::vector<Entry> old(slots);
  old.swap(slots_);
  used_ = 0;
  for (const Entry& entry : old) {
    if (entry.count == 0 || !sampled(mixed(entry.key))) continue;
    slot_of(entry.key) = entry;
    ++used_;
  }
}

void KeySample::add(uint64_t key) {
  if (!sampled(mixed(key))) return;
  Entry& entry = slot_of(key);
  if (++entry.count > 1) return;
  entry = {key, 1};
  if (2 * ++used_ > slots_.size()) rebuild(2 * slots_.size());
  while (used_ > limit_) {
    ++level_;
    rebuild(slots_.size());
  }
}

int64_t KeySample::repeats() const {
  int64_t sum = 0;
  for (const Entry& entry : slots_) sum += std::max<int64_t>(entry.count - 1, 0);
  return sum << level_;
}

KeySample::Entry& ValueCounts::tracked(uint64_t key) {
  const size_t mask = tracked_.size() - 1;
  size_t at = mixed(key) & mask;
  while (tracked_[at].count > 0 && tracked_[at].key != key) at = (at + 1) & mask;
  return tracked_[at];
}

/// The most frequent values so far; of equally frequent ones any.
void ValueCounts::track() {
  std::vector<KeySample::Entry> all;
  for (const KeySample::Entry& entry : sample_.entries()) {
    if (entry.count > 0) all.push_back(entry);
  }
  const auto by_count = [](const auto& a, const auto& b) {
    return a.count != b.count ? a.count > b.count : a.key < b.key;
  };
  std::nth_element(all.begin(), all.begin() + kTracked, all.end(), by_count);
  tracked_.resize(8 * kTracked);
  for (size_t i = 0; i < kTracked; ++i) tracked(all[i].key) = all[i];
}

void ValueCounts::add(uint64_t key) {
  if (!tracked_.empty()) {
    KeySample::Entry& entry = tracked(key);
    if (entry.count > 0) ++entry.count;
  }
  sample_.add(key);
  if (tracked_.empty() && sample_.size() == kExactValues) track();
}

void ValueCounts::add(std::string_view text) {
  const uint64_t key = cell_hash(text);
  add(key);
  if (!exact()) return;
  const auto [place, fresh] = texts_.try_emplace(key);
  if (fresh) place->second = {static_cast<int64_t>(texts_.size()), shortened(text)};
}

int64_t ValueCounts::distinct(int64_t count) const {
  if (exact()) return sample_.distinct();
  return sample_.repeats() == 0 ? count : std::min(count, sample_.distinct());
}

double ValueCounts::imbalance(int64_t count) const {
  if (!exact() || sample_.distinct() < 2) return 0;
  std::vector<int64_t> repeated;  // in an order that no hash table decides, so that the sum keeps its bits
  for (const KeySample::Entry& entry : sample_.entries()) {
    if (entry.count > 1) repeated.push_back(entry.count);
  }
  std::sort(repeated.begin(), repeated.end());
  double weighted = 0;
  for (const int64_t times : repeated) weighted += static_cast<double>(times) * std::log(static_cast<double>(times));
  const auto n = static_cast<double>(count);
  return 1 - (std::log(n) - weighted / n) / std::log(static_cast<double>(sample_.distinct()));
}

std::vector<ValueCounts::Counted> ValueCounts::counted() const {
  std::vector<Counted> out;
  for (const KeySample::Entry& entry : exact() ? sample_.entries() : tracked_) {
    if (entry.count == 0) continue;
    Counted value{entry.key, entry.count, 0, ""};
    const auto text = texts_.find(entry.key);
    if (text != texts_.end()) std::tie(value.first, value.text) = text->second;
    out.push_back(std::move(value));
  }
  return out;
}

}  // namespace crisp
