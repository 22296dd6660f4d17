/* What one nonlinear solve has on the device beside vectors. Host logic of newton.cu. Not installed. */
#ifndef GKT_SOLVERS_NEWTON_DEVICE_H
#define GKT_SOLVERS_NEWTON_DEVICE_H
#include "core/device.h"
#include "solvers/device_chunks.h"
#include "solvers/newton.h"
#include "solvers/newton_arguments.h"

typedef struct gkt_newton_device {
  gkt_device *device;
  gkt_size num_entries;                 /* of the tangent */
  gkt_device_chunks pieces;             /* of the pattern */
  gkt_scalars partial, lengths, firsts; /* [6][chunks], [pieces][2] */
  gkt_scalars rows, cols;               /* [n] scales of a linear solver on the host; made when there is one */
  gkt_scalars work;                     /* parts of what is asked, and the answer */
} gkt_newton_device;
/* s->device, by the pattern of s->A, which the host sees once: what the solve before left with the linear solver is taken. */
gkt_status gkt_newton_device_create(gkt_newton *) GKT_MUST_CHECK;
bool gkt_newton_device_take_mask(gkt_newton *); /* s->constrained likewise; was there one? */
void gkt_newton_device_leave(gkt_newton *);     /* both, with s->linear; nothing on the host */
void gkt_newton_device_destroy(gkt_newton *);
gkt_status gkt_newton_device_snap(gkt_newton *) GKT_MUST_CHECK;
gkt_status gkt_newton_device_rounding(gkt_newton *, bool *out) GKT_MUST_CHECK;
gkt_status gkt_newton_device_read_rows(gkt_newton *) GKT_MUST_CHECK; /* A_ff u_f - F into next_b */
gkt_status gkt_newton_device_look_at_rows(gkt_newton *, bool anew) GKT_MUST_CHECK;
gkt_status gkt_newton_device_first_rows(gkt_newton *) GKT_MUST_CHECK;
gkt_status gkt_newton_device_scaled(gkt_newton *, double *out) GKT_MUST_CHECK;
#endif
