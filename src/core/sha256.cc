#include "core/sha256.h"

#include <mbedtls/md.h>

#include "cuda/error.h"

namespace crisp {

// The generic digest interface reads the same in mbed TLS 2.28 and 3; the one named sha256 does not.
struct Sha256::State {
  mbedtls_md_context_t context;
  State() {
    mbedtls_md_init(&context);
    CRISP_ASSERT(mbedtls_md_setup(&context, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 0) == 0);
    CRISP_ASSERT(mbedtls_md_starts(&context) == 0);
  }
  ~State() { mbedtls_md_free(&context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const uint8_t> bytes) {
  CRISP_ASSERT(mbedtls_md_update(&state_->context, bytes.data(), bytes.size()) == 0);
}

std::string Sha256::finish() {
  uint8_t digest[32];
  CRISP_ASSERT(mbedtls_md_finish(&state_->context, digest) == 0);
  std::string hex;
  for (const uint8_t byte : digest) {
    hex.push_back("0123456789abcdef"[byte >> 4]);
    hex.push_back("0123456789abcdef"[byte & 15]);
  }
  return hex;
}

std::string sha256_hex(std::span<const uint8_t> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace crisp
