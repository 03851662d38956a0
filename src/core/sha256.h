/// SHA-256 (FIPS 180-4), by mbed TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace crisp {

/// For data that comes in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const uint8_t> bytes);
  /// 64 lower-case hexadecimal digits; nothing may be added afterwards.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::span<const uint8_t> bytes);

}  // namespace crisp
