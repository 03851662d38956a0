/// A simulated truth for "was this the owner?": the genuine test rows of every group, and as many rows of other groups
/// claimed to be the group's own. The impostor test of biometric verification, reproducible from a seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "table/table.h"

namespace crisp {

struct ImpostorPlan {
  std::string group;               ///< the column whose values claim an identity ("sensor_id")
  std::string label = "driver";    ///< the column to write
  std::string genuine = "owner";   ///< its value on a group's own rows
  std::string impostor = "other";  ///< its value on the rows mixed in
  int64_t min_train_rows = 1;      ///< groups with fewer training rows are left out
  uint64_t seed = 0;
};

struct ImpostorTest {
  Table rows;                ///< genuine and impostor rows, group by group in the order of their names
  int64_t groups = 0;        ///< groups tested
  int64_t impostor_rows = 0; ///< of `rows`: as many as the genuine ones, fewer where the others have too few
  int64_t left_out_rows = 0; ///< test rows of groups with too few training rows
};

/// `rows` gains the label, and `true_<group>`: whose row it really is. An impostor row keeps every other value. Rows are
/// drawn without replacement from all test rows of other groups; a group's draw depends on the seed and its name alone.
ImpostorTest mix_impostors(const Table& test, const std::vector<std::string>& train_groups, const ImpostorPlan& plan);

}  // namespace crisp
