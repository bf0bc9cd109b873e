#include "CPlatform.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define CRC __attribute__((target("sse4.2,pclmul")))

bool platform_has_crc32c(void) {
  unsigned a, b, c, d;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2) && (c & bit_PCLMUL);
}

static inline uint64_t word(const uint8_t *bytes) {
  uint64_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

/// The carry-less product of two reflected polynomials: a * b * x, as 64 reflected bits.
CRC static inline uint64_t product(uint32_t a, uint32_t b) {
  return (uint64_t)_mm_cvtsi128_si64(
      _mm_clmulepi64_si128(_mm_cvtsi32_si128((int)a), _mm_cvtsi32_si128((int)b), 0));
}

/// x^(64 * words - 33) mod P, for words >= 1, by squaring.
///
/// `_mm_crc32_u64(0, v)` is v * x^32 mod P; of `product(a, b)` it makes a * b * x^33. Powers that
/// all lack x^33 are therefore closed under it, as in Montgomery's arithmetic: the first, x^31, is
/// the number 1, and 64 zero bits lead from one to the next.
CRC static inline uint32_t power(size_t words) {
  uint32_t power = 1;
  for (int bit = 62 - __builtin_clzl(words); bit >= 0; bit--) {
    power = (uint32_t)_mm_crc32_u64(0, product(power, power));
    if (words >> bit & 1) power = (uint32_t)_mm_crc32_u64(power, 0);
  }
  return power;
}

/// The instruction takes one cycle but its result three, so a long text is cut into three lanes
/// that advance together:
///
///     | lane 0, n words | lane 1, n words | lane 2, n words | last word |
///
/// The CRC is linear: lanes 0 and 1 are moved past the words behind them and added to the last one,
/// whose own step supplies the x^32 that `product` and `power` together still lack.
CRC uint32_t platform_crc32c(uint32_t state, const uint8_t *bytes, size_t count) {
  while (count >= 448) {
    size_t words = (count - 8) / 24;
    if (words > 8192) words = 8192;  // 192 KiB: the lanes stay in the second-level cache.
    const size_t lane = words * 8;
    uint64_t lane0 = state, lane1 = 0, lane2 = 0;
    for (const uint8_t *end = bytes + lane; bytes < end; bytes += 8) {
      lane0 = _mm_crc32_u64(lane0, word(bytes));
      lane1 = _mm_crc32_u64(lane1, word(bytes + lane));
      lane2 = _mm_crc32_u64(lane2, word(bytes + 2 * lane));
    }
    bytes += 2 * lane;
    const uint64_t earlier =
        product((uint32_t)lane0, power(2 * words + 1)) ^ product((uint32_t)lane1, power(words + 1));
    state = (uint32_t)_mm_crc32_u64(lane2, word(bytes) ^ earlier);
    bytes += 8;
    count -= 3 * lane + 8;
  }
  uint64_t wide = state;
  for (; count >= 8; count -= 8, bytes += 8) wide = _mm_crc32_u64(wide, word(bytes));
  state = (uint32_t)wide;
  for (; count > 0; count--, bytes++) state = _mm_crc32_u8(state, *bytes);
  return state;
}

#else

bool platform_has_crc32c(void) { return false; }

uint32_t platform_crc32c(uint32_t state, const uint8_t *bytes, size_t count) {
  (void)state, (void)bytes, (void)count;
  __builtin_trap();
}

#endif
