#include "export/invented_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cuda/random.h"
#include "prepare/categories.h"

namespace crisp {
namespace {

constexpr uint64_t kSeed = 0x637269737065787ULL;

/// Draws of one column.
class Draws {
 public:
  explicit Draws(uint64_t column) : column_(column) {}
  double uniform() { return random_uniform(kSeed, column_, next_++); }
  size_t below(size_t bound) { return static_cast<size_t>(random_below(kSeed, column_, next_++, bound)); }

 private:
  uint64_t column_, next_ = 0;
};

std::vector<double> quantiles_of(const Json& reference, const std::string& name) {
  std::vector<double> quantiles;
  for (const Json& column : reference["columns"]) {
    if (column["name"] != name) continue;
    for (const Json& value : column["quantiles"]) {
      if (value.is_number()) quantiles.push_back(value.get<double>());
    }
  }
  return quantiles;
}

double between(const std::vector<double>& quantiles, Draws& draws) {
  if (quantiles.size() < 2) return 6 * draws.uniform() - 3;
  const size_t k = draws.below(quantiles.size() - 1);
  return quantiles[k] + draws.uniform() * (quantiles[k + 1] - quantiles[k]);
}

/// Groups by whole numbers.
std::vector<double> numbers_of(const std::vector<std::string>& texts) {
  std::vector<double> numbers;
  for (const std::string& text : texts) {
    double number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc())
      numbers.push_back(number);
  }
  return numbers;
}

class Inventor {
 public:
  Inventor(const Exported& source, const ScriptModule& module, int64_t rows, Oddity oddity)
      : source_(source), module_(module), rows_(static_cast<size_t>(rows)), oddity_(oddity) {}

  Table invent() {
    Table table;
    uint64_t place = 0;
    for (const ColumnInfo& column : module_.table.schema())
      table = with_column(table, column, Draws(++place));
    return table;
  }

 private:
  bool left_out(Draws& draws) const { return draws.uniform() < 0.15 && oddity_ == Oddity::missing_cells; }

  Table with_column(const Table& table, const ColumnInfo& column, Draws draws) const {
    if (column.type == ColumnType::text) return with_texts(table, column.name, draws);
    const std::vector<double> quantiles = quantiles_of(source_.reference, column.name);
    const std::vector<double> groups =
        column.name == source_.per ? numbers_of(source_.groups) : std::vector<double>();
    std::vector<double> numbers;
    std::vector<uint8_t> missing;
    for (size_t i = 0; i < rows_; ++i) {
      double value = groups.empty() ? between(quantiles, draws) : groups[draws.below(groups.size())];
      if (column.type == ColumnType::integer) value = std::round(value);
      if (column.type == ColumnType::boolean) value = value > 0;
      // 2000 to 2031
      if (column.type == ColumnType::timestamp) value = std::floor(draws.uniform() * 1e15) + 946684800e6;
      missing.push_back(left_out(draws));
      numbers.push_back(missing.back() && column.type != ColumnType::timestamp ? std::nan("") : value);
    }
    if (column.type == ColumnType::timestamp)
      return table.with_timestamps(column.name, {numbers.begin(), numbers.end()});
    if (column.type == ColumnType::boolean) return table.with_booleans(column.name, flags(numbers), missing);
    if (column.type == ColumnType::integer) return with_integers(table, column.name, numbers);
    return table.with_numbers(column.name, numbers);
  }

  /// Whole numbers stay such, so that a group "7" does not become "7.0"; missing ones have their place among
  /// those that are not negative.
  static Table with_integers(const Table& table, const std::string& name,
                             const std::vector<double>& numbers) {
    std::vector<int64_t> codes;
    for (const double number : numbers)
      codes.push_back(std::isnan(number) ? -1 : static_cast<int64_t>(number));
    const Table whole = table.with_integers(name, codes);
    const bool any_negative =
        std::any_of(numbers.begin(), numbers.end(), [](double number) { return number < 0; });
    return any_negative ? whole : with_codes(whole, name, codes);
  }

  static std::vector<uint8_t> flags(const std::vector<double>& numbers) {
    std::vector<uint8_t> flags;
    for (const double number : numbers) flags.push_back(number > 0);
    return flags;
  }

  std::vector<std::string> known_texts(const std::string& name) const {
    for (size_t k = 0; k < module_.columns.size(); ++k) {
      if (module_.columns[k].name == name && !module_.dictionaries[k].empty()) return module_.dictionaries[k];
    }
    return {"a", "b"};
  }

  Table with_texts(const Table& table, const std::string& name, Draws& draws) const {
    std::vector<std::string> texts = known_texts(name);
    const size_t known = texts.size();
    texts.push_back("never seen before");
    std::vector<int64_t> codes;
    for (size_t i = 0; i < rows_; ++i) {
      const bool missing = left_out(draws);
      const size_t code = draws.below(known + (oddity_ == Oddity::unseen_texts));
      codes.push_back(missing ? -1 : static_cast<int64_t>(code));
    }
    // The first column of a table cannot be one of labels: it has no rows yet.
    if (table.columns() == 0) return with_labels(table.with_integers(name, codes), name, codes, texts);
    return with_labels(table, name, codes, texts);
  }

  const Exported& source_;
  const ScriptModule& module_;
  size_t rows_;
  Oddity oddity_;
};

}  // namespace

Table invented_rows(const Exported& source, const ScriptModule& module, int64_t rows, Oddity oddity) {
  return Inventor(source, module, rows, oddity).invent();
}

}  // namespace crisp
