/* A system whose vectors and matrix stand on the device while it is solved. Not installed. */
#ifndef GKT_SYSTEMS_DEVICE_H
#define GKT_SYSTEMS_DEVICE_H
#include "assembly/constraints_device.h"
#include "assembly/device_ties.h"
#include "systems/system.h"

typedef struct gkt_system_device {
  gkt_device *device;
  gkt_csr matrix; /* in the tangent's pattern; its arrays are the next three */
  gkt_indices offsets, cols;
  gkt_scalars vals;
  gkt_scalars work; /* of sums over the matrix */
  gkt_device_constraints constraints;
  gkt_device_ties *ties;     /* [unknowns]; of those that have none, zero; NULL: nothing is tied */
  gkt_scalars expanded;      /* [dofs] u of the u~ that the system is looked at; empty without ties */
  gkt_scalars *data;         /* [functions] values of what is given */
  const gkt_scalar **values; /* [functions] the same, and those of unknowns: where the system is looked at */
  gkt_vector *host;          /* what is fetched */
  gkt_vector *answer;        /* on the host, of one that the caller has on the device: gkt_solution.u */
  int data_version;          /* of the system's data, as they were sent */
  bool has_data;
  /* step_device.c */
  gkt_scalars zeros, at[3];            /* [dofs] rates at rest; u, u', u'' of a stage. Empty: not asked for */
  gkt_vector *sent[GKT_MAX_STAGES][3]; /* known parts that the caller has on the host, and those that it has on the device, fetched; NULL: not asked for */
  gkt_vector *fetched[GKT_MAX_STAGES][3];
  gkt_vector *part;    /* the residual of the second stage */
  gkt_csr part_matrix; /* its tangent, with the pattern of `matrix` */
  gkt_scalars part_vals;
} gkt_system_device;

/* Do its assemblers run there, and is nothing asked that only the host has, as a kernel? The facts are known. */
gkt_where gkt_system_place_of(const gkt_system *, const gkt_csr *A); /* of its matrix, or of that on the device */
bool gkt_solution_is_on_device(const gkt_solution *);
/* Where the tangent's assembler runs there and the rest does not: a notice with the reason, once for a system, and the same in what the report says of the linear solver. */
void gkt_solution_tell_place(const gkt_solution *);
void gkt_solution_report_place(const gkt_solution *);
/* s->device with data and conditions as they are now. */
gkt_status gkt_system_send(gkt_system *) GKT_MUST_CHECK;
void gkt_system_device_destroy(gkt_system *);
void gkt_system_device_drop_conditions(gkt_system *);           /* there are others: the next gkt_system_send sends all */
gkt_status gkt_system_check_place(gkt_system *) GKT_MUST_CHECK; /* plans; refuses vectors on a device where not all assemblers run there */

/* ---- step_device.c: as step.c, of u~ or u on the device; launches alone, whose failure sticks, but for the first two ---- */
gkt_status gkt_system_send_step(gkt_system *) GKT_MUST_CHECK;   /* room, and known parts that stand on the host */
gkt_status gkt_system_fetch_known(gkt_system *) GKT_MUST_CHECK; /* known parts that stand on the device, before anything of a step is evaluated on the host */
void gkt_system_device_clear_step(gkt_system_device *);
gkt_inputs gkt_system_now_there(gkt_system *, const gkt_scalar *u); /* of u itself, as the next two */
gkt_status gkt_system_sum_residual_there(gkt_system *, const gkt_scalar *u, gkt_vector *r) GKT_MUST_CHECK;
gkt_status gkt_system_sum_tangent_there(gkt_system *, const gkt_scalar *u, gkt_csr *A) GKT_MUST_CHECK;
gkt_status gkt_system_inputs_there(gkt_system *, const gkt_state *, gkt_inputs *out) GKT_MUST_CHECK; /* gkt_system_inputs, .._residual of vectors there; they check what is given */
gkt_status gkt_system_residual_there(gkt_system *, const gkt_state *, gkt_vector *r) GKT_MUST_CHECK;
/* device.c: in place; out of u, and back */
void gkt_system_to_tied_there(gkt_system *, gkt_vector *u);
void gkt_system_from_tied_there(gkt_system *, gkt_vector *u);
/* o->u is what the caller has on the device (as now; of u~). */
gkt_status gkt_solution_fetch(gkt_solution *) GKT_MUST_CHECK;

/* ---- vectors in either place; those on the device after gkt_system_send, but for the first ---- */
gkt_status gkt_system_look_at_stage(gkt_system *, int stage, const gkt_vector *u, gkt_inputs *out) GKT_MUST_CHECK; /* gkt_system_at_stage */
gkt_inputs gkt_system_now_at(gkt_system *, const gkt_vector *u);                                                   /* as gkt_system_now; launches alone, whose failure sticks */
gkt_status gkt_system_assemble_residual(gkt_system *, const gkt_vector *u, gkt_vector *r) GKT_MUST_CHECK;          /* all rows */
gkt_status gkt_system_assemble_matrix(gkt_system *, const gkt_vector *u, gkt_csr *A) GKT_MUST_CHECK;               /* all rows and columns; A stands where u does */
gkt_status gkt_system_assemble_magnitude(gkt_system *, const gkt_vector *u, const char *why,
                                         gkt_vector *m) GKT_MUST_CHECK; /* by an interpreter on the host; why: it is asked for */
gkt_status gkt_system_eliminate(gkt_system *, gkt_csr *A) GKT_MUST_CHECK;
void gkt_system_zero(gkt_system *, gkt_vector *r);      /* constrained dofs */
void gkt_system_lift_tied(gkt_system *, gkt_vector *u); /* of u~ */
/* The values of u on the host, until the next call: its own, or what was brought, which the log says with the reason. */
gkt_status gkt_system_fetch(gkt_system *, const gkt_vector *u, const char *why, const gkt_scalar **out) GKT_MUST_CHECK;
gkt_status gkt_system_matrix_is_finite(gkt_system *, const gkt_csr *A, bool *out) GKT_MUST_CHECK;
/* judge_device.c: y = A x, size = |A| |x|; A v = 0, as gkt_is_in_kernel; all on the device. */
gkt_status gkt_system_multiply_there(gkt_system *, const gkt_csr *A, const gkt_vector *x, gkt_vector *y, gkt_vector *size) GKT_MUST_CHECK;
gkt_status gkt_system_is_in_kernel_there(gkt_system *, const gkt_csr *A, const gkt_vector *v, bool *out) GKT_MUST_CHECK;
/* judge_device.c: a linear problem there. final_residual of the report. solved: the form is, at a quick look; else judge_form.c has to look closer. */
gkt_status gkt_solution_judge_on_device(gkt_solution *, const gkt_vector *u, const gkt_vector *b, const gkt_vector *d, bool *solved) GKT_MUST_CHECK;
#endif
