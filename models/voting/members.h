/// The members of a vote as one text: "ridge, knn(n_neighbors=15), mlp(hidden_layers='64, 64')".
#pragma once

#include <string>
#include <vector>

#include "core/json.h"

namespace crisp {

constexpr size_t kMostMembers = 64;

struct Member {
  std::string model;
  Json params = Json::object();  ///< those that were given, as texts
};

/// Code::config, showing the place, for anything else than names with parameters in parentheses. A value that holds a comma, a
/// parenthesis or a quote stands between quotes, ' or ".
std::vector<Member> parse_members(const std::string& text);
/// Inverse.
std::string members_text(const std::vector<Member>& members);

/// One number >= 0 a member, not all 0; "" is 1 for each. Code::config for anything else.
std::vector<double> parse_member_weights(const std::string& text, size_t members);

}  // namespace crisp
