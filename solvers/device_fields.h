/* A system of several fields on the device in units of its fields (blocks.c): L A R, powers of two that are constant on each field, so nothing is rounded. Not installed. */
#ifndef GKT_SOLVERS_DEVICE_FIELDS_H
#define GKT_SOLVERS_DEVICE_FIELDS_H
#include "solvers/device_system.h"

typedef struct {
  gkt_device *device;
  const gkt_csr *from; /* A, on the device */
  gkt_csr A;           /* L A R: its pattern, and */
  gkt_scalars vals;
  gkt_device_fields_table table;
  gkt_scalar left[GKT_MOST_FIELDS], right[GKT_MOST_FIELDS];
  gkt_scalars b, x, load; /* L b, R^-1 x, L load of the right-hand side at work */
  gkt_scalars rows, cols; /* scales of A in its own units */
} gkt_device_fields;
/* out: zeroed; destroyed after a failure as well. A outlives. */
gkt_status gkt_device_fields_create(gkt_context *, const gkt_csr *A, const gkt_system_facts *, gkt_device_fields *out) GKT_MUST_CHECK;
void gkt_device_fields_destroy(gkt_device_fields *);                   /* zeroed is fine */
gkt_status gkt_device_fields_take(gkt_device_fields *) GKT_MUST_CHECK; /* the values that A has now, in its own units */
/* Then the units, by the scales of a system of fields->A, and the values in these. */
gkt_status gkt_device_fields_fit(gkt_device_fields *, gkt_device_system *) GKT_MUST_CHECK;
gkt_status gkt_device_fields_note_scales(gkt_device_fields *, const gkt_device_system *) GKT_MUST_CHECK; /* rows, cols, once the system is fitted to these values */
/* ->b, ->x, ->load from those of A (load may be NULL), and x back. */
gkt_status gkt_device_fields_begin(gkt_device_fields *, const gkt_scalar *b, const gkt_scalar *x, const gkt_scalar *load) GKT_MUST_CHECK;
gkt_status gkt_device_fields_end(gkt_device_fields *, gkt_scalar *x) GKT_MUST_CHECK;
#endif
