/// What a shell needs to know of the command line, and the scripts that tell it.
#pragma once

#include <string>
#include <vector>

namespace crisp {

struct FlagWords {
  std::vector<std::string> names;  ///< "-o", "--output"
  std::string help;
  bool takes_value = false;
  bool file = false;                 ///< its value is a path
  std::vector<std::string> choices;  ///< its possible values, where they are known
};

struct VerbWords {
  std::string name, help;
  std::vector<FlagWords> flags;
  bool files = false;                ///< its arguments are paths
  std::vector<std::string> choices;  ///< of its argument
};

/// `shell`: bash, zsh or fish; Code::usage for any other.
std::string completion_script(const std::string& shell, const std::vector<VerbWords>& verbs);

}  // namespace crisp
