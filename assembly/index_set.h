/* Sets of indices that are emptied in ascending order: bits, above them a bit for each word that is not zero, and once more. To add costs a bit, to empty costs what is in it, so
   that a row of a pattern is made unique and sorted at once. */
#ifndef GKT_ASSEMBLY_INDEX_SET_H
#define GKT_ASSEMBLY_INDEX_SET_H
#include "core/core.h"

typedef struct {
  uint64_t *bits, *words, *groups; /* one allocation, at `bits` */
  gkt_idx num_groups;
} gkt_index_set;

gkt_status gkt_index_set_make(gkt_context *, gkt_idx size, gkt_index_set *out); /* for 0 .. size-1; empty */
static inline void gkt_index_set_free(gkt_index_set *s) { gkt_free(&s->bits); }

static inline void gkt_index_set_add(gkt_index_set *s, gkt_idx i) {
  uint64_t before = s->bits[i >> 6];
  s->bits[i >> 6] = before | UINT64_C(1) << (i & 63);
  if (before) return;
  s->words[i >> 12] |= UINT64_C(1) << (i >> 6 & 63);
  s->groups[i >> 18] |= UINT64_C(1) << (i >> 12 & 63);
}

/* The least bit of *w, which is taken from it. */
static inline gkt_idx gkt_index_set_take(uint64_t *w) {
  gkt_idx bit = __builtin_ctzll(*w);
  *w &= *w - 1;
  return bit;
}

/* out: room for all of them, ascending; returns their number. The set is empty then. */
static inline gkt_idx gkt_index_set_drain(gkt_index_set *s, gkt_idx *out) {
  gkt_idx count = 0;
  for (gkt_idx g = 0; g < s->num_groups; g++)
    while (s->groups[g]) {
      gkt_idx w = g << 6 | gkt_index_set_take(&s->groups[g]);
      while (s->words[w]) {
        gkt_idx b = w << 6 | gkt_index_set_take(&s->words[w]);
        for (uint64_t bits = s->bits[b]; bits;) out[count++] = b << 6 | gkt_index_set_take(&bits);
        s->bits[b] = 0;
      }
    }
  return count;
}
#endif
