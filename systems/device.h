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
} gkt_system_device;

/* Do its assemblers run there, and is nothing asked that only the host has, as a kernel? The facts are known. */
bool gkt_solution_is_on_device(const gkt_solution *);
/* Where the tangent's assembler runs there and the rest does not: a notice with the reason, once for a system, and the same in what the report says of the linear solver. */
void gkt_solution_tell_place(const gkt_solution *);
void gkt_solution_report_place(const gkt_solution *);
/* s->device with data and conditions as they are now. */
gkt_status gkt_system_send(gkt_system *) GKT_MUST_CHECK;
void gkt_system_device_destroy(gkt_system *);

/* ---- vectors in either place; those on the device after gkt_system_send ---- */
gkt_inputs gkt_system_now_at(gkt_system *, const gkt_vector *u);                                          /* as gkt_system_now; launches alone, whose failure sticks */
gkt_status gkt_system_assemble_residual(gkt_system *, const gkt_vector *u, gkt_vector *r) GKT_MUST_CHECK; /* all rows */
gkt_status gkt_system_assemble_matrix(gkt_system *, const gkt_vector *u, gkt_csr *A) GKT_MUST_CHECK;      /* all rows and columns; A stands where u does */
gkt_status gkt_system_assemble_magnitude(gkt_system *, const gkt_vector *u, const char *why,
                                         gkt_vector *m) GKT_MUST_CHECK; /* by an interpreter on the host; why: it is asked for */
gkt_status gkt_system_eliminate(gkt_system *, gkt_csr *A) GKT_MUST_CHECK;
void gkt_system_zero(gkt_system *, gkt_vector *r);      /* constrained dofs */
void gkt_system_lift_tied(gkt_system *, gkt_vector *u); /* of u~ */
/* The values of u on the host, until the next call: its own, or what was brought, which the log says with the reason. */
gkt_status gkt_system_fetch(gkt_system *, const gkt_vector *u, const char *why, const gkt_scalar **out) GKT_MUST_CHECK;
gkt_status gkt_system_matrix_is_finite(gkt_system *, const gkt_csr *A, bool *out) GKT_MUST_CHECK;
/* judge_device.c: A v = 0, as gkt_is_in_kernel; A and v stand on the device. */
gkt_status gkt_system_is_in_kernel_there(gkt_system *, const gkt_csr *A, const gkt_vector *v, bool *out) GKT_MUST_CHECK;
/* judge_device.c: a linear problem there. final_residual of the report. solved: the form is, at a quick look; else judge_form.c has to look closer. */
gkt_status gkt_solution_judge_on_device(gkt_solution *, const gkt_vector *u, const gkt_vector *b, const gkt_vector *d, bool *solved) GKT_MUST_CHECK;
#endif
