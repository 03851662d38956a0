#include "read/csv_column.h"

#include <arrow/util/bit_util.h>

#include <cstring>

#include "cuda/error.h"

namespace crisp {
namespace {

std::shared_ptr<arrow::ResizableBuffer> allocate(int64_t bytes) {
  return check(arrow::AllocateResizableBuffer(bytes));
}

std::shared_ptr<arrow::ArrayData> all_missing(Kind kind, int64_t rows) {
  return check(arrow::MakeArrayOfNull(arrow_type(type_of(kind)), rows))->data();
}

std::string shortened(std::string_view value) {
  constexpr size_t kMost = 40;
  return value.size() <= kMost ? std::string(value) : std::string(value.substr(0, kMost)).append("...");
}

}  // namespace

int64_t CsvChunk::bytes() const {
  int64_t sum = 0;
  if (data == nullptr) return sum;
  for (const auto& buffer : data->buffers) sum += buffer == nullptr ? 0 : buffer->capacity();
  return sum;
}

bool CsvChunk::can_be(Kind wanted) const {
  if (kind == Kind::none) return wanted != Kind::text || !quoted_missing;
  return data != nullptr && (kind == wanted || (kind == Kind::integer && wanted == Kind::real));
}

std::shared_ptr<arrow::ArrayData> CsvChunk::as(Kind wanted) const {
  CRISP_ASSERT(can_be(wanted));
  if (wanted == kind) return data;
  if (kind == Kind::none) return all_missing(wanted, rows);
  // Both roundings are to nearest, so this equals parsing the digits as a real.
  auto buffer = allocate(rows * 8);
  const int64_t* from = data->GetValues<int64_t>(1);
  auto* to = reinterpret_cast<double*>(buffer->mutable_data());
  for (int64_t i = 0; i < rows; ++i) to[i] = static_cast<double>(from[i]);
  return arrow::ArrayData::Make(arrow::float64(), rows, {data->buffers[0], std::move(buffer)},
                                data->null_count);
}

CsvColumn::CsvColumn(const CsvRules& rules, Kind kind, bool forced, bool fractions, int64_t most_rows)
    : rules_(rules), kind_(Kind::none), forced_(forced), fractions_(fractions), most_rows_(most_rows) {
  become(kind, 0);
}

void CsvColumn::become(Kind kind, int64_t row) {
  if (kind_ == Kind::none && kind != Kind::none) {
    const int64_t width = kind == Kind::boolean ? 1 : kind == Kind::text ? 4 : 8;
    values_ = allocate(most_rows_ * width);
    std::memset(values_->mutable_data(), 0, static_cast<size_t>(row * width));
    lost_ = kind == Kind::text && quoted_missing_;
  } else if (kind == Kind::real) {
    const auto* from = values<int64_t>();
    for (int64_t i = 0; i < row; ++i) values<double>()[i] = static_cast<double>(from[i]);
  } else if (kind == Kind::text) {
    lost_ = true;
    values_.reset();
  }
  kind_ = kind;
}

void CsvColumn::mark_missing(int64_t row) {
  if (valid_ == nullptr) {
    const int64_t bytes = arrow::bit_util::BytesForBits(most_rows_);
    valid_ = allocate(bytes);
    std::memset(valid_->mutable_data(), 0xff, static_cast<size_t>(bytes));
  }
  arrow::bit_util::ClearBit(valid_->mutable_data(), row);
  ++missing_;
  switch (kind_) {
    case Kind::none:
      break;
    case Kind::boolean:
      values<uint8_t>()[row] = 0;
      break;
    case Kind::text:
      append_text(row, {});
      break;
    default:
      values<int64_t>()[row] = 0;
  }
}

void CsvColumn::append_text(int64_t row, std::string_view value) {
  if (!value.empty()) check(text_.Append(value.data(), static_cast<int64_t>(value.size())));
  values<int32_t>()[row] = static_cast<int32_t>(text_.length());
}

bool CsvColumn::append(int64_t row, std::string_view value, bool quoted) {
  if (lost_) return true;
  const std::string_view bare = trimmed(value);
  if (kind_ == Kind::text) {
    if (!quoted && rules_.missing.contains(bare)) {
      mark_missing(row);
    } else {
      append_text(row, value);
    }
    return true;
  }
  if (rules_.missing.contains(bare)) {
    quoted_missing_ = quoted_missing_ || quoted;
    mark_missing(row);
    return true;
  }
  if (forced_) return store_forced(row, bare) || store_fraction(row, bare);
  if (!store(row, bare)) lift(row, value);
  return true;
}

bool CsvColumn::store(int64_t row, std::string_view value) {
  switch (kind_) {
    case Kind::integer:
      return parse_integer(value, values<int64_t>()[row]);
    case Kind::real:
      return parse_real(value, values<double>()[row]);
    case Kind::timestamp: {
      int64_t& out = values<int64_t>()[row];
      // ISO forms are never numbers, other formats (%Y%m%d) may be: there, too, the number comes first.
      const bool sure = rules_.timestamp_formats.empty();
      return (sure || classify(value, rules_.timestamp_formats) == Kind::timestamp) &&
             parse_timestamp(value, rules_.timestamp_formats, out);
    }
    case Kind::boolean: {
      bool truth = false;
      const bool fits = parse_boolean(value, truth);
      values<uint8_t>()[row] = truth;
      return fits;
    }
    case Kind::none:
    case Kind::text:
      break;
  }
  return false;
}

bool CsvColumn::store_forced(int64_t row, std::string_view value) {
  switch (kind_) {
    case Kind::integer:
      return parse_forced_integer(value, values<int64_t>()[row]);
    case Kind::real:
      return parse_forced_real(value, values<double>()[row]);
    case Kind::timestamp:
      return parse_timestamp(value, rules_.timestamp_formats, values<int64_t>()[row]);
    case Kind::boolean: {
      bool truth = false;
      const bool fits = parse_forced_boolean(value, truth);
      values<uint8_t>()[row] = truth;
      return fits;
    }
    case Kind::none:
    case Kind::text:
      break;
  }
  return false;
}

/// A number that is no integer, in a column of integers that may hold such.
bool CsvColumn::store_fraction(int64_t row, std::string_view value) {
  double number = 0;
  if (!fractions_ || kind_ != Kind::integer || !parse_forced_real(value, number)) return false;
  lifts_.push_back({Kind::real, row, shortened(value)});
  become(Kind::real, row);
  values<double>()[row] = number;
  return true;
}

void CsvColumn::lift(int64_t row, std::string_view value) {
  const std::string_view bare = trimmed(value);
  const Kind kind = classify(bare, rules_.timestamp_formats);
  lifts_.push_back({kind, row, shortened(value)});
  become(join(kind_, kind), row);
  if (lost_) return;
  if (kind_ == Kind::text) {
    append_text(row, value);
  } else {
    store(row, bare);
  }
}

CsvChunk CsvColumn::finish(int64_t rows) {
  CsvChunk chunk{kind_, quoted_missing_, rows, nullptr};
  if (lost_ || kind_ == Kind::none) return chunk;
  const auto type = arrow_type(type_of(kind_));
  if (valid_ != nullptr) check(valid_->Resize(arrow::bit_util::BytesForBits(rows)));
  if (kind_ == Kind::text) {
    auto offsets = allocate((rows + 1) * 4);
    auto* out = reinterpret_cast<int32_t*>(offsets->mutable_data());
    out[0] = 0;
    if (rows > 0) std::memcpy(out + 1, values_->data(), static_cast<size_t>(rows) * 4);
    auto text = check(text_.Finish());
    chunk.data = arrow::ArrayData::Make(type, rows, {valid_, std::move(offsets), std::move(text)}, missing_);
  } else if (kind_ == Kind::boolean) {
    auto bits = allocate(arrow::bit_util::BytesForBits(rows));
    std::memset(bits->mutable_data(), 0, static_cast<size_t>(bits->size()));
    for (int64_t i = 0; i < rows; ++i) {
      if (values<uint8_t>()[i] != 0) arrow::bit_util::SetBit(bits->mutable_data(), i);
    }
    chunk.data = arrow::ArrayData::Make(type, rows, {valid_, std::move(bits)}, missing_);
  } else {
    check(values_->Resize(rows * 8));
    chunk.data = arrow::ArrayData::Make(type, rows, {valid_, values_}, missing_);
  }
  return chunk;
}

}  // namespace crisp
