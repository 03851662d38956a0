#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/error.h"
#include "prepare/script_columns.h"
#include "prepare/steps.h"
#include "table/float_cuts.h"

namespace crisp {
namespace {

constexpr double kZero = 1.0000000180025095e-35;  // the float 1e-35: LightGBM's "zero" reaches so far on both sides
constexpr size_t kMostCuts = 1 << 20;

// `place`: how many cuts are below x; low and high bound what may stand there. What is not finite stays.
constexpr const char* kNarrow = R"(
def narrowed(self, x: Tensor, cuts: Tensor, low: Tensor, high: Tensor) -> Tensor:
    place = torch.bucketize(x, cuts)
    near = x.clamp(-3.4028234663852886e+38, 3.4028234663852886e+38).to(6).to(7)
    inside = torch.minimum(torch.maximum(near, low.index_select(0, place)), high.index_select(0, place))
    return torch.where(torch.isfinite(x), inside, x)
)";

struct ColumnCuts {
  std::string column;
  FloatCuts cuts;
  bool zeros_missing = false;

  double of(double x) const {
    if (zeros_missing && std::fabs(x) <= kZero) return std::nan("");
    return cuts.narrow(x);
  }
};

class Narrow : public Step {
 public:
  explicit Narrow(std::vector<ColumnCuts> columns) : columns_(std::move(columns)) {}

  std::string title() const override {
    std::vector<std::string> names;
    for (const ColumnCuts& column : columns_) names.push_back(column.column);
    return concat("narrow ", listed(names));
  }

  Table apply(StepRun&, const Table& table) const override {
    Table out = table;
    for (const ColumnCuts& column : columns_) {
      std::vector<double> numbers = table.numbers(column.column);
      for (double& number : numbers) number = column.of(number);
      out = out.with_numbers(column.column, numbers);
    }
    return out;
  }

  void update_categories(CategoryCounts& counts) const override {
    for (const ColumnCuts& column : columns_) counts.erase(column.column);
  }

  void script(ScriptColumns& columns, const Table&) const override {
    columns.script().method(kNarrow);
    for (const ColumnCuts& column : columns_) script_column(columns, column);
  }

 private:
  static void script_column(ScriptColumns& columns, const ColumnCuts& column) {
    TorchScript& script = columns.script();
    std::string code = columns.at(column.column).code;
    if (column.zeros_missing) {
      code = script.let(concat("torch.where(", code, ".abs() <= ", script_number(kZero), ", ", script_number(std::nan("")), ", ", code, ")"));
    }
    // Between two cuts lie the floats after the first, up to the second.
    constexpr double kLargest = 3.4028234663852886e+38;
    std::vector<double> low = {-kLargest}, high;
    for (const float cut : column.cuts.floats()) {
      low.push_back(static_cast<double>(std::nextafter(cut, std::numeric_limits<float>::infinity())));
      high.push_back(static_cast<double>(cut));
    }
    high.push_back(kLargest);
    columns.set(column.column, ColumnType::real,
                concat("self.narrowed(", code, ", ", script.constant<double>(column.cuts.thresholds()), ", ", script.constant<double>(low), ", ",
                       script.constant<double>(high), ")"));
  }

  std::vector<ColumnCuts> columns_;
};

std::vector<double> read_cuts(const std::string& column, const Json& list) {
  if (!list.is_array() || list.size() > kMostCuts) fail(Code::config, "the cuts of column '", column, "' are no list of at most ", kMostCuts, " numbers");
  std::vector<double> cuts;
  for (const Json& cut : list) {
    if (!cut.is_number() || !std::isfinite(cut.get<double>())) fail(Code::config, "a cut of column '", column, "' is no finite number");
    cuts.push_back(cut.get<double>());
  }
  return cuts;
}

}  // namespace

StepPtr make_narrow(StepOptions& options) {
  const Json cuts = options.raw("cuts");
  const std::vector<std::string> zeros = options.names_or_none("zeros_missing");
  options.finish();
  if (!cuts.is_object() || cuts.empty()) fail(Code::config, "cuts is no table of column = [numbers]");
  std::vector<ColumnCuts> columns;
  for (const auto& [name, list] : cuts.items()) columns.push_back({name, FloatCuts(read_cuts(name, list))});
  for (const std::string& name : zeros) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ColumnCuts& column) { return column.column == name; });
    if (found == columns.end()) fail(Code::config, "zeros_missing names '", name, "', which has no cuts");
    found->zeros_missing = true;
  }
  return std::make_unique<Narrow>(std::move(columns));
}

}  // namespace crisp
