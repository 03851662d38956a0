/// Columns as scikit-learn, pandas and numpy prepare them (tests/data/prepare), and what every fitted step must withstand.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/prepare/tables.h"

namespace crisp {

inline const Json& golden() {
  static const Json json = [] {
    std::ifstream stream(CRISP_TEST_DATA "/prepare/golden.json");
    return Json::parse(stream);
  }();
  return json;
}

/// The training rows.
inline Table golden_table() {
  Table out;
  for (const auto& [name, values] : golden()["train"].items()) {
    if (values[0].is_string()) {
      out = out.with_texts(name, values.get<std::vector<std::string>>());
    } else if (values[0].is_boolean()) {
      std::vector<uint8_t> flags;
      for (const Json& value : values) flags.push_back(value.get<bool>());
      out = out.with_booleans(name, flags);
    } else if (name == "code" || name == "counts") {
      out = out.with_integers(name, values.get<std::vector<int64_t>>());
    } else {
      std::vector<double> numbers;
      for (const Json& value : values) numbers.push_back(value.is_null() ? NAN : value.get<double>());
      out = out.with_numbers(name, numbers);
    }
  }
  return out;
}

/// Every value of the tree replaced by others, one at a time, and every list cut short.
inline void each_damage(Json& node, const std::function<void()>& check) {
  const Json saved = node;
  for (const Json& other : {Json(), Json(-1), Json(0.0), Json(1e308), Json("?"), Json::array(), Json::object(), Json(true)}) {
    node = other;
    check();
  }
  if (saved.is_array() && !saved.empty()) {
    node = saved;
    node.erase(node.size() - 1);
    check();
  }
  node = saved;
  if (!node.is_structured()) return;
  for (auto& child : node) each_damage(child, check);
}

/// Saved and loaded, the recipe gives the same rows; and whatever single value of its state is replaced, it is either
/// refused as bad data or works on `rows` (or refuses them with one line).
inline void expect_sound_state(const FittedRecipe& recipe, const Table& rows) {
  const auto texts = [&](const FittedRecipe& of) {
    StepLog log;
    const Table out = of.run(test_exec(), rows, log);
    std::vector<std::vector<std::string>> columns;
    for (const std::string& name : out.names()) columns.push_back(out.texts(name));
    return std::make_pair(out.names(), columns);
  };
  Json json = parse_json(recipe.to_json().dump(), "recipe.json");
  const FittedRecipe loaded = FittedRecipe::from_json(json, "recipe.json");
  EXPECT_EQ(texts(loaded), texts(recipe));
  EXPECT_EQ(loaded.categories(), recipe.categories());
  EXPECT_EQ(loaded.to_json().dump(), json.dump());
  int refused = 0;
  each_damage(json["fitted"], [&] {
    try {
      texts(FittedRecipe::from_json(json, "recipe.json"));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::data) << json.dump() << error.what();
      ++refused;
    }
  });
  EXPECT_GT(refused, 10);
}

}  // namespace crisp
