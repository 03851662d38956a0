#include "train/training_run.h"

#include <charconv>
#include <string_view>

#include "cuda/error.h"

namespace crisp {
namespace {

/// The unit of a checkpoint's distance in any of its spellings; "" for none of them.
std::string_view unit_of(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  for (const auto& [spelling, unit] : {std::pair{"epoch", "epochs"}, {"epochs", "epochs"}, {"step", "steps"}, {"steps", "steps"},
                                       {"s", "s"}, {"second", "s"}, {"seconds", "s"}, {"m", "min"}, {"min", "min"},
                                       {"minute", "min"}, {"minutes", "min"}, {"h", "h"}, {"hour", "h"}, {"hours", "h"}}) {
    if (text == spelling) return unit;
  }
  return {};
}

}  // namespace

CheckpointPlan CheckpointPlan::parse(const std::string& text) {
  CheckpointPlan plan;
  plan.seconds = 0;
  if (text == "never") return plan;
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  const std::string_view unit = unit_of(std::string_view(end, static_cast<size_t>(text.data() + text.size() - end)));
  const bool whole = amount == static_cast<double>(static_cast<int64_t>(amount));
  if (error != std::errc() || !(amount > 0 && amount < 1e9) || unit.empty() || ((unit == "epochs" || unit == "steps") && !whole)) {
    throw Error(Code::usage, concat("'", text, "' does not say when to checkpoint"),
                "expected something like '5 epochs', '1000 steps', '10 minutes' or 'never'");
  }
  if (unit == "epochs") plan.epochs = static_cast<int64_t>(amount);
  if (unit == "steps") plan.steps = static_cast<int64_t>(amount);
  if (unit == "s") plan.seconds = amount;
  if (unit == "min") plan.seconds = amount * 60;
  if (unit == "h") plan.seconds = amount * 3600;
  return plan;
}

}  // namespace crisp
