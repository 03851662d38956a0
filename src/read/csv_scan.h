/// The two scans that reading CSV spends its time in: to the end of a value, and over a block for bytes that
/// no text may hold. Blocks have kScanSlack readable bytes behind their end.
#pragma once

#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace crisp {

constexpr int64_t kScanSlack = 16;

/// The first separator or line end in [at, end), or end.
inline const char* find_value_end(const char* at, const char* end, char separator) {
#if defined(__SSE2__)
  const __m128i separators = _mm_set1_epi8(separator);
  const __m128i feeds = _mm_set1_epi8('\n');
  const __m128i returns = _mm_set1_epi8('\r');
  for (; at < end; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, separators),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, feeds), _mm_cmpeq_epi8(bytes, returns)));
    const int mask = _mm_movemask_epi8(hits);
    if (mask != 0) {
      const char* hit = at + __builtin_ctz(static_cast<unsigned>(mask));
      return hit < end ? hit : end;
    }
  }
  return end;
#else
  while (at < end && *at != separator && *at != '\n' && *at != '\r') ++at;
  return at;
#endif
}

/// The offset of the first NUL byte or the first byte that is not valid UTF-8 there, or -1.
int64_t find_invalid_text(std::string_view text);

/// LF, CRLF, or CR alone.
int64_t count_line_ends(std::string_view text);

}  // namespace crisp
