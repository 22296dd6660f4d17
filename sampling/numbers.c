/* Counter-based random numbers. */
#include <math.h>

#include "galerkit/sample.h"

enum { ROUNDS = 10 };

void gkt_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t a = counter[0], b = counter[1], c = counter[2], d = counter[3], k0 = key[0], k1 = key[1];
  for (int round = 0; round < ROUNDS; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const uint64_t p = (uint64_t)0xD2511F53u * a, q = (uint64_t)0xCD9E8D57u * c;
    a = (uint32_t)(q >> 32) ^ b ^ k0, b = (uint32_t)q;
    c = (uint32_t)(p >> 32) ^ d ^ k1, d = (uint32_t)p;
  }
  out[0] = a, out[1] = b, out[2] = c, out[3] = d;
}

/* FNV-1a, 64 bits */
static uint64_t hash(const char *text) {
  uint64_t h = 0xCBF29CE484222325u;
  for (; *text; text++) h = (h ^ (unsigned char)*text) * 0x100000001B3u;
  return h;
}

/* In (0, 1): the middle of one of 2^53 equal parts, but for the last, whose middle would be rounded to 1. */
static double fraction(uint32_t high, uint32_t low) {
  const uint64_t bits = ((uint64_t)high << 32 | low) >> 11;
  return ((double)bits + 0.5) * 0x1p-53 < 1 ? ((double)bits + 0.5) * 0x1p-53 : 1 - 0x1p-53;
}

/* The pair-th two numbers. */
static void draw_pair(const gkt_draw *d, uint64_t name, gkt_size pair, double out[2]) {
  const uint32_t counter[4] = {(uint32_t)pair, (uint32_t)d->sample, (uint32_t)name, (uint32_t)(name >> 32)}, key[2] = {(uint32_t)d->seed, (uint32_t)(d->seed >> 32)};
  uint32_t bits[4];
  gkt_philox(counter, key, bits);
  out[0] = fraction(bits[0], bits[1]), out[1] = fraction(bits[2], bits[3]);
}

static void make_normal(double pair[2]) {
  const double radius = sqrt(-2 * log(pair[0])), angle = 2 * 3.14159265358979323846 * pair[1];
  pair[0] = radius * cos(angle), pair[1] = radius * sin(angle);
}

static void draw(const gkt_draw *d, bool normal, gkt_size count, gkt_scalar *out) {
  const uint64_t name = hash(d->name);
  double pair[2];
  for (gkt_size i = 0; i < count; i += 2) {
    draw_pair(d, name, i / 2, pair);
    if (normal) make_normal(pair);
    out[i] = pair[0];
    if (i + 1 < count) out[i + 1] = pair[1];
  }
}

void gkt_draw_uniform(const gkt_draw *d, gkt_size count, gkt_scalar *out) { draw(d, false, count, out); }
void gkt_draw_normal(const gkt_draw *d, gkt_size count, gkt_scalar *out) { draw(d, true, count, out); }
