/// Reading back what fitted steps saved: every mistake is Code::data.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "table/table.h"

namespace crisp {

const Json& state_field(const Json& state, const char* name);
/// A finite number.
double state_number(const Json& value);
std::string state_text(const Json& value);
bool state_flag(const Json& value);
int64_t state_integer(const Json& value);
/// A whole number that is not negative.
int64_t state_count(const Json& value);
ColumnType state_column_type(const Json& value);
/// A list of different texts.
std::vector<std::string> state_names(const Json& value);

}  // namespace crisp
