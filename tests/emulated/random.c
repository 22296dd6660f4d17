/* The generator behind random orders. */
#include <stdlib.h>

#include "tests/emulated/emulator.h"

static uint64_t state;
static bool random_orders;

void emu_seed(uint64_t launch) {
  const char *given = getenv("GKT_EMULATED_SEED");
  random_orders = given && *given;
  state = (random_orders ? strtoull(given, NULL, 10) : 0) * 0x9e3779b97f4a7c15u + launch * 0xbf58476d1ce4e5b9u + 0x94d049bb133111ebu;
}

void emu_seed_orders(uint64_t order) {
  random_orders = true;
  state += order * 0xd6e8feb86659fd93u;
}

bool emu_is_random(void) { return random_orders; }

uint32_t emu_random(uint32_t below) { /* xorshift64*, the upper half scaled */
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (uint32_t)(((state * 0x2545f4914f6cdd1du >> 32) * below) >> 32);
}
