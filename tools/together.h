/// How `crisp train` runs where a launcher started several processes of it: the first one writes and speaks, the others help it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/processes.h"
#include "tools/program.h"
#include "train/peers.h"

namespace crisp {

class Together {
 public:
  /// Meets the others where the learner can train with them; else the first one trains alone.
  Together(const Processes& all, const Learner& learner, const std::string& data);

  /// Nothing to do here: another process trains alone.
  bool idle() const { return !peers_ && !all_.first(); }
  bool first() const { return all_.first(); }
  /// Begun anew by the launcher, after a process was lost.
  bool again() const { return all_.restarts > 0; }
  Peers* peers() const { return peers_.get(); }

  /// The first process does `begin` (its folder, what stands in it); true on all where it says so. Where it fails all end with its code.
  bool begin(const std::function<bool()>& begin);
  /// An Exec with this process's share of the machine.
  std::unique_ptr<Exec> make_exec(const Program& program) const;

 private:
  Processes all_;
  std::unique_ptr<Peers> peers_;
};

/// Calls body(); of several processes the first one alone tells what it does, and an error says which it came from.
void as_one_of(const Processes& all, const std::function<void()>& body);

}  // namespace crisp
