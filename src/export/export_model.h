/// Writing a model for other programs to load.
#pragma once

#include <string>

#include "export/verify.h"

namespace crisp {

enum class ExportFormat { torchscript, triton };
/// Code::usage naming the nearest for an unknown one.
ExportFormat parse_export_format(const std::string& name);

struct ExportPlan {
  ExportFormat format = ExportFormat::torchscript;
  std::string
      output;  ///< torchscript: the file; triton: the model repository, in which a folder `name` is made
  std::string name;    ///< of the model in a repository
  std::string verify;  ///< rows to compare on; "": invented ones
  bool force = false;
};

struct ExportResult {
  std::string path;
  ScriptModule module;
  Comparison comparison;
};

/// Writes the module once it has been loaded again and answers as the pipeline does: a difference leaves
/// nothing behind.
ExportResult export_model(Exec& exec, const Exported& source, const ExportPlan& plan);

}  // namespace crisp
