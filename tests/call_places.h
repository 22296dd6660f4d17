/* Which calls to fail where there are too many: a failure goes back along the functions that called one another down to here, so a call is wanted if it brings one to a place in
   the library to which none of those before comes back. */
#ifndef GKT_TESTS_CALL_PLACES_H
#define GKT_TESTS_CALL_PLACES_H
#include <execinfo.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { PLACES = 1 << 14, DEEPEST_PLACE = 64 };
typedef struct {
  uint64_t seen[PLACES]; /* a hash table; 0: free */
  int count;
} call_places;

static inline void forget_places(call_places *p) { memset(p, 0, sizeof *p); }

static inline bool add_place(call_places *p, uint64_t place) {
  size_t i = place * 0x9e3779b97f4a7c15u % PLACES;
  while (p->seen[i] && p->seen[i] != place) i = (i + 1) % PLACES;
  if (p->seen[i]) return false;
  p->seen[i] = place, p->count++;
  return true;
}

/* Does this call come back to a new place? kind, from 0: failures that go back otherwise. All do when there are too many places to tell. */
static inline bool is_new_place(call_places *p, unsigned kind) {
  void *frames[DEEPEST_PLACE];
  const int depth = backtrace(frames, DEEPEST_PLACE);
  bool new = 2 * p->count >= PLACES;
  for (int i = 0; i < depth && 2 * p->count < PLACES; i++) new = add_place(p, ((uint64_t)(uintptr_t)frames[i] << 1) + kind) || new;
  return new;
}
#endif
