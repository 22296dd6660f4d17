/* A linear solver whose matrix, right-hand sides and solutions stand on the device: by a Krylov method there, or by the host's solver, to which the matrix is brought. Not
 * installed. */
#ifndef GKT_SOLVERS_DEVICE_SOLVER_H
#define GKT_SOLVERS_DEVICE_SOLVER_H
#include "solvers/linear.h"

typedef struct gkt_device_solver gkt_device_solver;
/* As gkt_linear_solver_create, .._update, .._solve (of one right-hand side, cancelled [1] is set where the caller's progress says so). b, x and options->load stand on the device.
 */
gkt_status gkt_device_solver_create(gkt_context *, const gkt_csr *A, const gkt_system_facts *, const gkt_linear_options *, gkt_device_solver **out) GKT_MUST_CHECK;
gkt_status gkt_device_solver_update(gkt_device_solver *) GKT_MUST_CHECK;
gkt_status gkt_device_solver_solve(gkt_device_solver *, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *) GKT_MUST_CHECK;
/* A' x = b by what serves A, where that is the host's. served: it is; else nothing was done. */
gkt_status gkt_device_solver_solve_transposed(gkt_device_solver *, const gkt_scalar *b, gkt_scalar *x, gkt_linear_report *, bool *served) GKT_MUST_CHECK;
bool gkt_device_solver_is_regular(const gkt_device_solver *); /* is it known of A as it is now? */
/* As gkt_linear_solver_owes, .._inspect, .._scales. */
bool gkt_device_solver_owes(const gkt_device_solver *);
gkt_status gkt_device_solver_inspect(gkt_device_solver *, gkt_linear_report *) GKT_MUST_CHECK;
gkt_status gkt_device_solver_scales(gkt_device_solver *, const gkt_scalar **rows, const gkt_scalar **cols, gkt_where *where) GKT_MUST_CHECK;
void gkt_device_solver_destroy(gkt_device_solver **);

/* ---- inside (device_solver.c, device_passes.c, device_host.c) ---- */
#include "core/mask.h"
#include "solvers/device_fields.h"
#include "solvers/krylov.h"

typedef struct { /* what the host needs once it has to help */
  gkt_csr *A;
  gkt_scalar *b, *x, *load; /* [num_rows] */
  gkt_linear_solver *solver;
  bool stale; /* the values of A are others */
} gkt_device_host;
typedef struct { /* what Newton's method knows of the pattern of A and leaves to the next solve; zeroed: nothing (newton_device.h) */
  gkt_size num_entries;
  gkt_device_chunks pieces;
  gkt_mask constrained;
} gkt_device_pattern;
struct gkt_device_solver {
  gkt_context *ctx;
  gkt_device *device;
  const gkt_csr *A;
  const gkt_system_facts *facts;
  gkt_linear_options asked;
  gkt_linear_choice choice;
  gkt_krylov_method method;
  bool begun, changed, inspected;
  bool defers, owes;        /* as in gkt_linear_solver */
  gkt_linear_report made;   /* setups and their time, to be told by the next solve */
  bool may_give_up;         /* the host stands ready */
  bool gave_up;             /* a method of the device did, for the values that A has or had before */
  char to_host[256];        /* a clause: why the host solves; "": the device does */
  gkt_device_system system; /* of A, or of fields.A */
  gkt_device_fields fields; /* of several; else zeroed */
  gkt_product *product;
  gkt_krylov *krylov; /* from system.residual to system.spare */
  int num_kernel;     /* that it takes out */
  gkt_device_host host;
  gkt_device_pattern pattern;
  /* of the right-hand side at work */
  const gkt_scalar *b;
  gkt_scalar *x;
  gkt_linear_report *report;
  double right, unit;
  int end; /* of the method */
  bool cancelled, hopeless, silent;
  gkt_progress pace;
  gkt_status watch_status;
};
gkt_status gkt_device_passes(gkt_device_solver *, gkt_krylov_result *last) GKT_MUST_CHECK;             /* until the true residual satisfies */
gkt_status gkt_device_energy_error(gkt_device_solver *, const gkt_krylov_result *last) GKT_MUST_CHECK; /* overwrites the system's work */
gkt_status gkt_device_has_any_answer(gkt_device_solver *, bool *out) GKT_MUST_CHECK;                   /* as singular.c: is it seen that A is regular? */
gkt_status gkt_device_solve_on_host(gkt_device_solver *, bool transposed) GKT_MUST_CHECK;
gkt_status gkt_device_make_host(gkt_device_solver *) GKT_MUST_CHECK; /* the host's solver, for the values of A as they are now */
void gkt_device_host_destroy(gkt_device_host *);
int gkt_device_limit(const gkt_device_solver *);
#endif
