/// Named arrays and their file format, safetensors (8-byte header length, JSON header, raw little-endian
/// data).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace crisp {

enum class DType { u8, i32, i64, f32, f64 };

struct Tensor {
  DType dtype = DType::f32;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;

  int64_t elements() const;
};

/// An ordered set of named tensors. Reading checks every size against the bytes left before anything is
/// allocated.
class Tensors {
 public:
  template <class T>
  void put(const std::string& name, std::span<const T> values, std::vector<int64_t> shape = {});
  /// The tensor's values; Code::data where it is absent or of another type or element count is not shape's
  /// product.
  template <class T>
  std::vector<T> get(const std::string& name) const;
  const Tensor& at(const std::string& name) const;
  bool has(const std::string& name) const { return tensors_.count(name) != 0; }
  std::vector<std::string> names() const;
  /// Tensors whose names begin with `prefix`, the prefix removed; and the inverse.
  Tensors with_prefix(const std::string& prefix) const;
  void merge(const std::string& prefix, const Tensors& other);

  std::vector<uint8_t> serialise() const;
  /// Code::data naming `origin` for anything that is not a valid file.
  static Tensors parse(std::span<const uint8_t> bytes, const std::string& origin);

 private:
  std::map<std::string, Tensor> tensors_;
};

}  // namespace crisp
