/* Counts of references: an object lives until the last of those that hold it lets go, in any order and on any thread. */
#ifndef GKT_CORE_REFS_H
#define GKT_CORE_REFS_H
#include <stdbool.h>

typedef int gkt_refs; /* holders beside the first; zero in a new object */
static inline void gkt_refs_add(gkt_refs *refs) { __atomic_fetch_add(refs, 1, __ATOMIC_RELAXED); }
static inline bool gkt_refs_drop(gkt_refs *refs) { return __atomic_fetch_sub(refs, 1, __ATOMIC_ACQ_REL) == 0; } /* was it the last? */
#endif
