/// Scoring rows with a saved model, from another program. Everything here throws crisp::Error.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "crisp/error.h"

namespace crisp {

class Table;

/// A table of raw rows, column by column: what a bundle's preparation is given. All columns are of one length; a name that
/// stands already is replaced.
class Rows {
 public:
  Rows();
  /// Any file, folder or glob that the program reads, or "-" for standard input.
  static Rows read(const std::string& path);

  Rows& add_numbers(const std::string& name, std::span<const double> values);  ///< NaN: missing
  Rows& add_integers(const std::string& name, std::span<const int64_t> values);
  Rows& add_texts(const std::string& name, std::span<const std::string> values);
  Rows& add_times(const std::string& name, std::span<const int64_t> microseconds);  ///< since 1970, UTC

  int64_t size() const;
  std::vector<std::string> names() const;
  std::vector<double> numbers(const std::string& name) const;     ///< missing as NaN; times as seconds since 1970
  std::vector<std::string> texts(const std::string& name) const;  ///< any column as text; missing as ""

 private:
  friend class Predictor;
  explicit Rows(std::shared_ptr<const Table> table);
  std::shared_ptr<const Table> table_;
};

/// What was found, for each row after the preparation: that may leave rows out, or make one of many (a trip of events).
struct Verdicts {
  Rows rows;
  std::vector<double> scores;        ///< higher = more anomalous
  std::vector<bool> anomalous;       ///< score above the cutoff
  std::vector<std::string> reasons;  ///< of the anomalous rows: "speed_max high: 582 (usual 12.3), 41 %"; else empty
};

/// A saved model, ready to score. Cheap to copy; safe to use from many threads, whose calls take turns.
class Predictor {
 public:
  /// `bundle`: the folder that `crisp train` or `crisp run` wrote. `device`: auto, cpu, cuda or cuda:N; `threads` 0: one per
  /// core. Code::no_input where there is no bundle, Code::data where it is damaged, Code::unavailable without the device.
  explicit Predictor(const std::string& bundle, const std::string& device = "auto", int threads = 0);

  double cutoff() const;
  /// Raw columns that the preparation was trained on.
  std::vector<std::string> inputs() const;
  /// The same scores, bit for bit, as `crisp predict` gives for these rows. Code::data naming what is missing or wrong.
  Verdicts predict(const Rows& rows) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace crisp
