#include "models/trees/training_rows.h"

#include <algorithm>

namespace crisp {

std::vector<int32_t> categories_of(const std::vector<FeatureInfo>& features, int64_t columns) {
  std::vector<int32_t> categories(static_cast<size_t>(columns));
  for (size_t j = 0; j < std::min(features.size(), categories.size()); ++j) categories[j] = static_cast<int32_t>(features[j].categories);
  return categories;
}

}  // namespace crisp
