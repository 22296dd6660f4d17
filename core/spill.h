/* Rows of numbers that do not fit in memory, in a file without a name. Not installed. */
#ifndef GKT_CORE_SPILL_H
#define GKT_CORE_SPILL_H
#include "core/core.h"

typedef struct gkt_spill gkt_spill;
/* folder NULL: $TMPDIR, else /tmp. count: numbers of a row. GKT_IO names the folder and why. */
gkt_status gkt_spill_create(gkt_context *, const char *folder, gkt_size count, gkt_spill **out) GKT_MUST_CHECK;
void gkt_spill_destroy(gkt_spill **);
/* A part of a row. */
gkt_status gkt_spill_write(gkt_spill *, gkt_size row, gkt_size first, gkt_size count, const gkt_scalar *values) GKT_MUST_CHECK;
gkt_status gkt_spill_read(const gkt_spill *, gkt_size row, gkt_size first, gkt_size count, gkt_scalar *values) GKT_MUST_CHECK;
#endif
