/// Beginning a training from an earlier model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "train/prediction_bundle.h"
#include "train/training_start.h"

namespace crisp {

struct Transfer {
  TrainingStart start;
  std::optional<SavedPredictor> saved;  ///< of a bundle; nothing: a file of arrays

  /// The bundle's preparation, where these rows have the columns that it reads without those in `unread`: numbers and categories
  /// then mean to the net what they meant. nullptr where they have not.
  const FittedRecipe* recipe_for(Exec& exec, const Table& rows, const std::vector<std::string>& unread) const;
};

/// From a bundle of a model of the kind of `learner`, or a .safetensors file. Code::data for anything else.
Transfer open_transfer(const std::string& path, const Learner& learner, const Registry& registry);

}  // namespace crisp
