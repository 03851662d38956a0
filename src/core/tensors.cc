#include "core/tensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/json.h"
#include "core/printable.h"
#include "cuda/error.h"

namespace crisp {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are stored little-endian, as they lie in memory");

constexpr uint64_t kPrefix = 8;  // the length of the header, itself little-endian
constexpr uint64_t kMaxHeader = 16 << 20;
constexpr size_t kMaxName = 1024;
constexpr size_t kMaxRank = 32;

struct TypeFacts {
  DType dtype;
  const char* name;
  int64_t size;
  int order;  // larger first in a file, as the format's own writer has it: then every array lies aligned
};
constexpr TypeFacts kTypes[] = {{DType::u8, "U8", 1, 0},
                                {DType::i32, "I32", 4, 1},
                                {DType::f32, "F32", 4, 2},
                                {DType::f64, "F64", 8, 3},
                                {DType::i64, "I64", 8, 4}};

const TypeFacts& facts(DType dtype) {
  const auto* found =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](auto& t) { return t.dtype == dtype; });
  CRISP_ASSERT(found != std::end(kTypes));
  return *found;
}

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, uint8_t>) return DType::u8;
  if constexpr (std::is_same_v<T, int32_t>) return DType::i32;
  if constexpr (std::is_same_v<T, int64_t>) return DType::i64;
  if constexpr (std::is_same_v<T, float>) return DType::f32;
  if constexpr (std::is_same_v<T, double>) return DType::f64;
}

std::optional<int64_t> checked_product(const std::vector<int64_t>& shape, int64_t factor) {
  int64_t product = factor;
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  }
  return product;
}

using Entry = std::pair<const std::string, Tensor>;

std::vector<const Entry*> in_file_order(const std::map<std::string, Tensor>& tensors) {
  std::vector<const Entry*> order;
  for (const Entry& entry : tensors) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return facts(a->second.dtype).order > facts(b->second.dtype).order;
  });
  return order;
}

// --- reading
// -----------------------------------------------------------------------------------------------------

// One tensor as the header declares it, checked by itself; how they lie together is checked by check_layout.
struct Declared {
  std::string name;
  Tensor tensor;
  uint64_t begin = 0, end = 0;
};

[[noreturn]] void fail_tensor(const std::string& origin, const std::string& name,
                              const std::string& problem) {
  fail(Code::data, origin, ": tensor '", printable(name.substr(0, 100)), "': ", problem);
}

int64_t whole_number(const Json& value, const std::string& origin, const std::string& name) {
  const bool fits = value.is_number_unsigned() && value.get<uint64_t>() <= uint64_t{INT64_MAX};
  if (!fits) fail_tensor(origin, name, "sizes and offsets must be whole numbers from 0 on");
  return value.get<int64_t>();
}

const Json& member(const Json& about, const char* key, const std::string& origin, const std::string& name) {
  const auto found = about.find(key);
  if (found == about.end()) fail_tensor(origin, name, concat("'", key, "' is missing"));
  return *found;
}

DType dtype_named(const Json& value, const std::string& origin, const std::string& name) {
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  for (const TypeFacts& type : kTypes) {
    if (text == type.name) return type.dtype;
  }
  fail_tensor(origin, name, concat("type '", text.substr(0, 20), "' is not one of U8, I32, I64, F32, F64"));
}

Declared read_declaration(const std::string& name, const Json& about, const std::string& origin) {
  CRISP_REQUIRE(!name.empty() && name.size() <= kMaxName, Code::data, origin, ": a tensor's name has ",
                name.size(), " bytes; 1 to ", kMaxName, " are allowed");
  if (!about.is_object() || about.size() != 3)
    fail_tensor(origin, name, "expected dtype, shape and data_offsets");
  Declared out;
  out.name = name;
  out.tensor.dtype = dtype_named(member(about, "dtype", origin, name), origin, name);
  const Json& shape = member(about, "shape", origin, name);
  if (!shape.is_array() || shape.size() > kMaxRank)
    fail_tensor(origin, name, "shape must list up to 32 sizes");
  for (const Json& size : shape) out.tensor.shape.push_back(whole_number(size, origin, name));
  const Json& offsets = member(about, "data_offsets", origin, name);
  if (!offsets.is_array() || offsets.size() != 2)
    fail_tensor(origin, name, "data_offsets must be two numbers");
  out.begin = static_cast<uint64_t>(whole_number(offsets[0], origin, name));
  out.end = static_cast<uint64_t>(whole_number(offsets[1], origin, name));
  if (out.begin > out.end) fail_tensor(origin, name, "it ends before it begins");
  const auto bytes = checked_product(out.tensor.shape, facts(out.tensor.dtype).size);
  if (!bytes || static_cast<uint64_t>(*bytes) != out.end - out.begin) {
    fail_tensor(origin, name, "its shape and its length do not agree");
  }
  return out;
}

// Every byte of the data belongs to exactly one tensor: no overlap, no hole, nothing behind the last.
void check_layout(std::vector<Declared>& declared, uint64_t data_bytes, const std::string& origin) {
  std::sort(declared.begin(), declared.end(), [](const Declared& a, const Declared& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  uint64_t next = 0;
  for (const Declared& d : declared) {
    if (d.begin < next) fail_tensor(origin, d.name, "it overlaps another tensor");
    if (d.begin > next) fail_tensor(origin, d.name, "there is a hole before it");
    if (d.end > data_bytes) fail_tensor(origin, d.name, "it reaches past the end of the file");
    next = d.end;
  }
  CRISP_REQUIRE(next == data_bytes, Code::data, origin, ": ", data_bytes - next,
                " bytes belong to no tensor");
}

uint64_t header_length(std::span<const uint8_t> bytes, const std::string& origin) {
  CRISP_REQUIRE(bytes.size() >= kPrefix, Code::data, origin, ": too short for a safetensors file");
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kPrefix);
  CRISP_REQUIRE(length <= kMaxHeader, Code::data, origin, ": header of ", length, " bytes; at most ",
                kMaxHeader, " are allowed (is this a safetensors file?)");
  CRISP_REQUIRE(length <= bytes.size() - kPrefix, Code::data, origin, ": the header of ", length,
                " bytes is cut off");
  return length;
}

}  // namespace

int64_t Tensor::elements() const {
  const auto product = checked_product(shape, 1);
  CRISP_ASSERT(product.has_value());
  return *product;
}

template <class T>
void Tensors::put(const std::string& name, std::span<const T> values, std::vector<int64_t> shape) {
  if (shape.empty()) shape = {static_cast<int64_t>(values.size())};
  CRISP_ASSERT(checked_product(shape, 1) == static_cast<int64_t>(values.size()));
  CRISP_REQUIRE(!name.empty() && name.size() <= kMaxName, Code::data, "a tensor's name has ", name.size(),
                " bytes; 1 to ", kMaxName, " are allowed");
  Tensor tensor{dtype_of<T>(), std::move(shape), std::vector<uint8_t>(values.size_bytes())};
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), values.size_bytes());
  tensors_[name] = std::move(tensor);
}

template <class T>
std::vector<T> Tensors::get(const std::string& name) const {
  const Tensor& tensor = at(name);
  CRISP_REQUIRE(tensor.dtype == dtype_of<T>(), Code::data, "tensor '", printable(name), "' has type ",
                facts(tensor.dtype).name, "; expected ", facts(dtype_of<T>()).name);
  CRISP_REQUIRE(checked_product(tensor.shape, sizeof(T)) == static_cast<int64_t>(tensor.bytes.size()),
                Code::data, "tensor '", printable(name), "' has ", tensor.bytes.size(),
                " bytes, which is not what its shape needs");
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

#define CRISP_TENSOR_TYPE(T)                                                                   \
  template void Tensors::put<T>(const std::string&, std::span<const T>, std::vector<int64_t>); \
  template std::vector<T> Tensors::get<T>(const std::string&) const;
CRISP_TENSOR_TYPE(uint8_t)
CRISP_TENSOR_TYPE(int32_t)
CRISP_TENSOR_TYPE(int64_t)
CRISP_TENSOR_TYPE(float)
CRISP_TENSOR_TYPE(double)
#undef CRISP_TENSOR_TYPE

const Tensor& Tensors::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found != tensors_.end()) return found->second;
  const std::string near = nearest_name(name, names());
  throw Error(Code::data, concat("there is no tensor '", printable(name), "'"),
              near.empty() ? "" : concat("nearest: '", near, "'"));
}

std::vector<std::string> Tensors::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

Tensors Tensors::with_prefix(const std::string& prefix) const {
  Tensors out;
  for (auto it = tensors_.lower_bound(prefix); it != tensors_.end() && it->first.starts_with(prefix); ++it) {
    if (it->first.size() > prefix.size()) out.tensors_.emplace(it->first.substr(prefix.size()), it->second);
  }
  return out;
}

void Tensors::merge(const std::string& prefix, const Tensors& other) {
  for (const auto& [name, tensor] : other.tensors_) {
    CRISP_REQUIRE(prefix.size() + name.size() <= kMaxName, Code::data, "the tensor name '",
                  prefix.substr(0, 100), "...' is longer than ", kMaxName, " bytes");
    CRISP_ASSERT(tensors_.emplace(prefix + name, tensor).second);
  }
}

std::vector<uint8_t> Tensors::serialise() const {
  const auto order = in_file_order(tensors_);
  Json header = Json::object();
  auto& members = header.get_ref<Json::object_t&>();
  uint64_t offset = 0;
  for (const Entry* entry : order) {
    const auto& [name, tensor] = *entry;
    CRISP_ASSERT(checked_product(tensor.shape, facts(tensor.dtype).size) ==
                 static_cast<int64_t>(tensor.bytes.size()));
    const Json offsets = {offset, offset + tensor.bytes.size()};
    members.emplace_back(
        name, Json{{"dtype", facts(tensor.dtype).name}, {"shape", tensor.shape}, {"data_offsets", offsets}});
    offset += tensor.bytes.size();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::exception&) {
    fail(Code::data, "a tensor's name is not valid UTF-8");
  }
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the data begins aligned
  CRISP_REQUIRE(text.size() <= kMaxHeader, Code::data, "too many tensors: their header has ", text.size(),
                " bytes, at most ", kMaxHeader, " are allowed");
  const uint64_t length = text.size();
  std::vector<uint8_t> out(kPrefix);
  out.reserve(kPrefix + length + offset);
  std::memcpy(out.data(), &length, kPrefix);
  out.insert(out.end(), text.begin(), text.end());
  for (const Entry* entry : order)
    out.insert(out.end(), entry->second.bytes.begin(), entry->second.bytes.end());
  return out;
}

Tensors Tensors::parse(std::span<const uint8_t> bytes, const std::string& origin) {
  const uint64_t length = header_length(bytes, origin);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kPrefix, length);
  // The format wants the object to begin at once, so that a file cannot be two formats at a time.
  CRISP_REQUIRE(text.starts_with('{'), Code::data, origin, ": the header is not a JSON object");
  const Json header = parse_json(text, origin);
  const std::span<const uint8_t> data = bytes.subspan(kPrefix + length);
  std::vector<Declared> declared;
  for (const auto& [name, about] : header.items()) {
    if (name != "__metadata__") declared.push_back(read_declaration(name, about, origin));
  }
  check_layout(declared, data.size(), origin);
  Tensors out;
  for (Declared& d : declared) {
    const auto part = data.subspan(d.begin, d.end - d.begin);
    d.tensor.bytes.assign(part.begin(), part.end());
    out.tensors_.emplace(std::move(d.name), std::move(d.tensor));
  }
  return out;
}

}  // namespace crisp
