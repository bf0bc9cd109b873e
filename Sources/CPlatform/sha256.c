#include "CPlatform.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define SHA __attribute__((target("sha,sse4.1,ssse3")))
#define UNROLLED _Pragma("clang loop unroll(full)")

bool platform_has_sha256(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3)) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/// FIPS 180-4, section 4.2.2.
static const _Alignas(16) uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// The instructions want the eight words as ABEF and CDGH, highest first.
struct lane {
  __m128i abef, cdgh, message[4];
};

SHA static inline struct lane load(const uint32_t *state) {
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
  return (struct lane){
      .abef = _mm_alignr_epi8(cdab, efgh, 8), .cdgh = _mm_blend_epi16(efgh, cdab, 0xF0)};
}

SHA static inline void store(struct lane lane, uint32_t *state) {
  const __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xB1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/// The 64 rounds, four at a time, for one lane or for two side by side.
///
/// `message` is a ring of the last sixteen schedule words, four to a register.
SHA __attribute__((always_inline)) static inline void compress(
    struct lane *lanes, const uint8_t *const *blocks, size_t count, const int width) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  for (size_t block = 0; block < count; block++) {
    __m128i abef[2], cdgh[2];
    UNROLLED for (int l = 0; l < width; l++) {
      abef[l] = lanes[l].abef;
      cdgh[l] = lanes[l].cdgh;
      const __m128i *words = (const __m128i *)(blocks[l] + 64 * block);
      UNROLLED for (int i = 0; i < 4; i++)
        lanes[l].message[i] = _mm_shuffle_epi8(_mm_loadu_si128(words + i), big_endian);
    }
    UNROLLED for (int i = 0; i < 16; i++) {
      const __m128i constant = _mm_load_si128((const __m128i *)constants + i);
      UNROLLED for (int l = 0; l < width; l++) {
        struct lane *lane = &lanes[l];
        __m128i *w = lane->message;
        const __m128i sum = _mm_add_epi32(w[i & 3], constant);
        lane->cdgh = _mm_sha256rnds2_epu32(lane->cdgh, lane->abef, sum);
        lane->abef = _mm_sha256rnds2_epu32(lane->abef, lane->cdgh, _mm_shuffle_epi32(sum, 0x0E));
        if (i >= 12) continue;
        const __m128i last = w[(i + 3) & 3];
        const __m128i begun = _mm_add_epi32(
            _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]),
            _mm_alignr_epi8(last, w[(i + 2) & 3], 4));
        w[i & 3] = _mm_sha256msg2_epu32(begun, last);
      }
    }
    UNROLLED for (int l = 0; l < width; l++) {
      lanes[l].abef = _mm_add_epi32(lanes[l].abef, abef[l]);
      lanes[l].cdgh = _mm_add_epi32(lanes[l].cdgh, cdgh[l]);
    }
  }
}

SHA void platform_sha256(uint32_t *state, const uint8_t *blocks, size_t count) {
  struct lane lane = load(state);
  compress(&lane, &blocks, count, 1);
  store(lane, state);
}

SHA void platform_sha256_pair(
    uint32_t *state0, const uint8_t *blocks0,
    uint32_t *state1, const uint8_t *blocks1, size_t count) {
  struct lane lanes[2] = {load(state0), load(state1)};
  const uint8_t *const blocks[2] = {blocks0, blocks1};
  compress(lanes, blocks, count, 2);
  store(lanes[0], state0);
  store(lanes[1], state1);
}

#else

bool platform_has_sha256(void) { return false; }

void platform_sha256(uint32_t *state, const uint8_t *blocks, size_t count) {
  (void)state, (void)blocks, (void)count;
  __builtin_trap();
}

void platform_sha256_pair(
    uint32_t *state0, const uint8_t *blocks0,
    uint32_t *state1, const uint8_t *blocks1, size_t count) {
  (void)state0, (void)blocks0, (void)state1, (void)blocks1, (void)count;
  __builtin_trap();
}

#endif
