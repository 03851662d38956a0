/// Curves for TensorBoard: an event file, as TensorFlow's record format with Event messages defines it
/// (tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.h"

namespace crisp {

class EventFile {
 public:
  /// Makes "events.out.tfevents.<time>.<host>.<pid>.0" in an existing folder. `first_step`: where this run begins; what an earlier
  /// file of the folder says of that step and later ones counts no longer (TensorBoard drops it).
  EventFile(const std::string& directory, int64_t first_step);
  ~EventFile();
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  /// One point of a curve, such as "loss/train". A failure to write is told once and ends the file; training goes on.
  void scalar(std::string_view tag, int64_t step, double value);
  /// What was added is in the file.
  void flush();

 private:
  void record(const std::string& event);

  int fd_ = -1;
  std::string buffer_, path_;
};

/// A curve for each figure of an epoch's record in TrainingRun::history: "train_loss" as "loss/train", "validation_roc_auc" as
/// "roc_auc/validation", "rate" as "learning_rate"; flushed.
void tell_record(EventFile& events, int64_t step, const Json& record);

/// CRC-32C (Castagnoli), as RFC 3720 appendix B.4 tests it.
uint32_t crc32c(std::string_view bytes);

}  // namespace crisp
