#include "read/csv_parser.h"

#include <algorithm>

#include "cuda/error.h"
#include "read/csv_tokens.h"

namespace crisp {
namespace {

constexpr const char* kQuoteHint =
    "a value that begins with a quote ends with one; a quote inside it is doubled";

/// No record is shorter than its separators and line end; no text has more records than line ends (and a last
/// one).
int64_t most_rows(std::string_view text, size_t values) {
  const int64_t ends = count_line_ends(text) + 1;
  return std::min(ends, static_cast<int64_t>(text.size() / std::max<size_t>(values, 1)) + 1);
}

const char* kind_noun(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "an integer";
    case Kind::timestamp:
      return "a timestamp";
    default:
      return "a number";
  }
}

std::string quoted_start(std::string_view value) {
  constexpr size_t kMost = 40;
  return concat("'", value.substr(0, kMost), value.size() > kMost ? "...'" : "'");
}

/// Reads the records of one block, handing each value to its column.
class BlockParser {
 public:
  BlockParser(std::string_view text, const CsvLayout& layout, const CsvRules& rules,
              const std::vector<CsvColumnPlan>& plans)
      : text_(text), layout_(layout), plans_(plans), tokens_(text, layout.separator) {
    const int64_t rows = most_rows(text, layout.column_of.size());
    columns_.reserve(plans.size());
    for (const CsvColumnPlan& plan : plans) {
      columns_.emplace_back(rules, plan.wanted ? plan.kind : Kind::none, plan.forced, plan.fractions, rows);
    }
    for (const int column : layout.column_of) {
      targets_.push_back(column >= 0 && plans[static_cast<size_t>(column)].wanted
                             ? &columns_[static_cast<size_t>(column)]
                             : nullptr);
    }
  }

  CsvParsed run() {
    const int64_t invalid = find_invalid_text(text_);
    if (invalid >= 0) {
      parse_before(invalid);
    } else {
      parse_records();
    }
    out_.lines = tokens_.lines();
    out_.chunks.resize(plans_.size());
    out_.lifts.resize(plans_.size());
    if (out_.error) return std::move(out_);
    for (size_t i = 0; i < plans_.size(); ++i) {
      if (!plans_[i].wanted) continue;
      out_.lifts[i] = columns_[i].lifts();
      out_.chunks[i] = columns_[i].finish(out_.rows);
    }
    return std::move(out_);
  }

 private:
  void parse_records() {
    for (tokens_.skip_blank_lines(); !tokens_.at_end() && !out_.error; tokens_.skip_blank_lines())
      parse_record();
  }

  /// Bytes that are no text at `offset`: an error, unless an earlier one is found in the lines before.
  void parse_before(int64_t offset) {
    const size_t line = text_.substr(0, static_cast<size_t>(offset)).find_last_of("\n\r");
    const std::string_view before = text_.substr(0, line == std::string_view::npos ? 0 : line + 1);
    tokens_ = CsvTokens(before, layout_.separator);
    end_is_cut_ = true;
    parse_records();
    if (out_.error && out_.error->message != kCut) return;
    out_.error = invalid_text_error(count_line_ends(before), text_[static_cast<size_t>(offset)]);
  }

  void parse_record() {
    const char* const begin = tokens_.at();
    const int64_t line = tokens_.lines();
    size_t found = 0;
    std::string_view value;
    bool quoted = false;
    for (CsvStop stop = CsvStop::separator; stop == CsvStop::separator; ++found) {
      stop = tokens_.next(value, quoted);
      if (static_cast<int64_t>(value.size()) > layout_.field_limit)
        return fail_at(line, begin, too_long(value));
      if (stop == CsvStop::unclosed_quote || stop == CsvStop::text_behind_quote) {
        return fail_quote(stop, line, begin);
      }
      if (found >= targets_.size()) continue;
      CsvColumn* target = targets_[found];
      if (target != nullptr && !target->append(out_.rows, value, quoted)) return fail_value(found, value);
    }
    if (tokens_.at() - begin > layout_.line_limit) return fail_at(line, begin, "");
    if (found != targets_.size()) {
      return fail_at(line, begin,
                     concat("expected ", targets_.size(), targets_.size() == 1 ? " value" : " values",
                            ", found ", found));
    }
    ++out_.rows;
  }

  std::string too_long(std::string_view value) const {
    return concat("a value of ", value.size(), " bytes is longer than the limit of ", layout_.field_limit);
  }

  void fail_at(int64_t line, const char* begin, std::string message, std::string hint = "") {
    if (tokens_.at() - begin > layout_.line_limit) {
      message = concat("a record is longer than the limit of ", layout_.line_limit, " bytes");
      hint = "is a quote never closed?";
    }
    out_.error = CsvError{line, 0, std::move(message), std::move(hint)};
  }

  void fail_quote(CsvStop stop, int64_t line, const char* begin) {
    if (stop == CsvStop::unclosed_quote && end_is_cut_) {
      out_.error = CsvError{line, 0, kCut, ""};
    } else if (stop == CsvStop::unclosed_quote) {
      fail_at(line, begin, "the quote that begins a value is never closed", kQuoteHint);
    } else {
      fail_at(line, begin, "there is text behind the closing quote of a value", kQuoteHint);
    }
  }

  void fail_value(size_t index, std::string_view value) {
    const CsvColumnPlan& plan = plans_[static_cast<size_t>(layout_.column_of[index])];
    const Kind kind = plan.fractions ? Kind::real : plan.kind;
    out_.error = CsvError{
        -1, out_.rows,
        concat("column '", layout_.names[index], "': ", quoted_start(value), " is not ", kind_noun(kind)),
        ""};
  }

  static constexpr const char* kCut = "cut";

  std::string_view text_;
  const CsvLayout& layout_;
  const std::vector<CsvColumnPlan>& plans_;
  CsvTokens tokens_;
  std::vector<CsvColumn> columns_;
  std::vector<CsvColumn*> targets_;
  bool end_is_cut_ = false;
  CsvParsed out_;
};

}  // namespace

CsvError invalid_text_error(int64_t line, char byte) {
  if (byte == 0) return {line, 0, "holds a NUL byte", "the file is not text, or was damaged"};
  static constexpr char kHex[] = "0123456789ABCDEF";
  const auto code = static_cast<uint8_t>(byte);
  return {line, 0, concat("byte 0x", kHex[code >> 4], kHex[code & 15], " is not valid UTF-8"),
          "convert it first, for example: iconv -f latin1 -t utf8 FILE"};
}

CsvParsed parse_csv_block(std::string_view text, const CsvLayout& layout, const CsvRules& rules,
                          const std::vector<CsvColumnPlan>& plans) {
  return BlockParser(text, layout, rules, plans).run();
}

}  // namespace crisp
