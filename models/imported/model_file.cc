#include <string_view>

#include "core/ubjson.h"
#include "cuda/error.h"
#include "models/imported/imported.h"
#include "models/imported/lightgbm.h"
#include "models/imported/xgboost.h"

namespace crisp {
namespace {

/// A value takes 16 bytes once read, and at least one in the file, but for UBJSON's lists of what takes none: memory stays within a
/// small multiple of the file.
JsonLimits limits_of(std::string_view file) { return {.bytes = uint64_t{1} << 31, .values = file.size(), .depth = 24}; }

[[noreturn]] void refuse(const std::string& origin, const std::string& problem) {
  throw Error(Code::data, concat(origin, ": ", problem),
              "crisp import reads what XGBoost's save_model writes as .json or .ubj, and LightGBM's as text");
}

/// `{` and, in UBJSON, the type of the first key's length; a JSON object goes on with a blank or a quote.
bool is_ubjson(std::string_view text) { return text.size() > 1 && text[0] == '{' && std::string_view("iUIlL$#").find(text[1]) != std::string_view::npos; }

}  // namespace

ImportedModel import_model_file(std::span<const uint8_t> file, const std::string& origin) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (text.starts_with("tree\n") || text.starts_with("tree\r\n")) return import_lightgbm(text, origin);
  if (text.starts_with("binf") || text.starts_with("bs64")) refuse(origin, "a model in XGBoost's old binary form: load it in XGBoost, and save it as .json");
  if (text.starts_with("[")) refuse(origin, "a list of trees (dump_model), which lacks what the sums mean");
  if (!text.starts_with("{")) refuse(origin, "not a model that is known here");
  const Json json = is_ubjson(text) ? parse_ubjson(file, origin, Code::data, limits_of(text)) : parse_json(text, origin, Code::data, limits_of(text));
  if (json.contains("tree_info")) refuse(origin, "LightGBM's dump_model; save_model writes what is read");
  return import_xgboost(json, origin);
}

}  // namespace crisp
