/* Which entries of vectors stand apart, as constrained dofs do. */
#ifndef GKT_CORE_MASK_H
#define GKT_CORE_MASK_H
#include "core/core.h"
#include "galerkit/vector.h"

typedef struct {
  const bool *skip; /* [size of the vectors], borrowed; NULL: none */
} gkt_mask;

void gkt_mask_zero(gkt_mask, gkt_vector *y);                      /* y = 0 there */
void gkt_mask_take(gkt_mask, const gkt_vector *x, gkt_vector *y); /* y = x there */
#endif
