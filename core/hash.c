/* Hashes for cache keys: FNV-1a beside a second lane of another multiplier. */
#include "core/cache.h"

gkt_hash gkt_hash_start(void) { return (gkt_hash){{0xcbf29ce484222325u, 0x9e3779b97f4a7c15u}}; }

static uint64_t scramble(uint64_t h) {
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
  return h ^ (h >> 33);
}

void gkt_hash_add(gkt_hash *hash, const void *data, size_t length) {
  const unsigned char *bytes = data;
  uint64_t a = hash->lanes[0], b = hash->lanes[1];
  for (size_t i = 0; i < length; i++) {
    a = (a ^ bytes[i]) * 0x100000001b3u; /* FNV-1a */
    b = (b + bytes[i] + 1) * 0x9fb21c651e98df25u;
    b ^= b >> 32;
  }
  hash->lanes[0] = scramble(a ^ length);
  hash->lanes[1] = scramble(b + length);
}

gkt_hash gkt_hash_finish(gkt_hash hash) {
  uint64_t a = hash.lanes[0], b = hash.lanes[1];
  return (gkt_hash){{scramble(a + b), scramble(b ^ (a << 1))}};
}
