/* A matrix on the device and what is known of it; its true residual. Not installed. */
#ifndef GKT_SOLVERS_DEVICE_SYSTEM_H
#define GKT_SOLVERS_DEVICE_SYSTEM_H
#include "core/vector.h"
#include "solvers/device_modes.h"
#include "solvers/device_pieces.h"
#include "solvers/device_system_arguments.h"
#include "solvers/linear.h"

typedef struct gkt_device_system {
  gkt_context *ctx;
  gkt_device *device;
  const gkt_csr *A; /* on the device */
  const gkt_system_facts *facts;
  gkt_size parts;
  gkt_idx num_entries;
  gkt_bytes fixed;
  gkt_scalars weights, rows, columns, residual, floor, spare, partial, sizes; /* [num_rows], but for the last two */
  bool looked, held;                                                          /* whether the conditions hold the motions of one piece, by the pattern, is known */
  bool regular;                                                               /* proven, but for the kernel */
  gkt_device_pieces pieces;
  gkt_scalars found;      /* GKT_FOUND_RESIDUAL, .. */
  bool has_unloaded;      /* of the last residual: pieces without a right-hand side */
  gkt_device_modes modes; /* with the kernel that the facts allow and A has */
  /* of several fields: */
  gkt_device_chunks fields; /* their rows */
  gkt_scalars coupling;     /* [fields][fields] as in residual.c */
} gkt_device_system;
/* Those of rows where A is symmetric. */
static inline gkt_scalar *gkt_device_system_columns(const gkt_device_system *s) { return s->columns.at ? s->columns.at : s->rows.at; }
/* A, on the device, and facts, whose arrays are on the host, outlive; *out stays where it is. */
gkt_status gkt_device_system_create(gkt_context *, const gkt_csr *A, const gkt_system_facts *, gkt_device_system *out) GKT_MUST_CHECK;
void gkt_device_system_destroy(gkt_device_system *);                    /* zeroed is fine */
gkt_status gkt_device_system_check(gkt_device_system *) GKT_MUST_CHECK; /* GKT_BAD_INPUT: a value of A is not finite */
/* To the values that A has now. why [size]: a clause, where the host has to look at the system; else "". GKT_BAD_INPUT: a value is not finite. */
gkt_status gkt_device_system_fit(gkt_device_system *, size_t size, char *why) GKT_MUST_CHECK;
/* Scales of rows and columns alone, for which any values of A will do. */
gkt_status gkt_device_system_fit_scales(gkt_device_system *) GKT_MUST_CHECK;
/* As gkt_residual, in the units that A has: r = b - A x into ->residual, |A||x| + |b| into ->floor. load may be NULL. */
gkt_status gkt_device_system_residual(gkt_device_system *, const gkt_scalar *b, const gkt_scalar *load, const gkt_scalar *x, gkt_true_residual *out) GKT_MUST_CHECK;
gkt_status gkt_device_system_lift(gkt_device_system *, const gkt_scalar *b, gkt_scalar *x) GKT_MUST_CHECK; /* gkt_solve_constrained */
gkt_status gkt_device_system_clear(gkt_device_system *, gkt_scalar *x) GKT_MUST_CHECK;                     /* gkt_pieces_clear, by the last residual */
/* gkt_pieces_normalize, gkt_pieces_restore, by the last residual */
gkt_status gkt_device_system_normalize(gkt_device_system *, bool back, gkt_scalar *v) GKT_MUST_CHECK;
gkt_status gkt_device_system_noise(gkt_device_system *, gkt_scalar *out) GKT_MUST_CHECK;
gkt_device_fields_table gkt_device_fields_of(const gkt_system_facts *); /* at most GKT_MOST_FIELDS */
extern const char *const gkt_device_system_kernels[];
/* ---- inside (device_system.c, device_pieces.c) ---- */
gkt_device_rows_arguments gkt_device_system_rows(const gkt_device_system *, int what);
gkt_status gkt_device_system_each_row(const gkt_device_system *, const char *kernel, const gkt_device_rows_arguments *) GKT_MUST_CHECK;
gkt_status gkt_device_system_count_rows(gkt_device_system *, int what, gkt_idx *out) GKT_MUST_CHECK;
#endif
