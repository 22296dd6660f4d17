/* The choice of a method by the facts of a system. A choice is a line of PETSc options: what the user gives is inserted after it and wins. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "solvers/linear.h"

/* Smoothed aggregation. The threshold drops the zeros that elimination leaves in the
   pattern, so that constrained dofs do not join aggregates, and weak couplings: a third fewer iterations on a P2 bracket of unstructured cells, none on boxes. Point Jacobi,
   because an aggregate of one or two nodes cannot carry six rigid-body modes: its coarse diagonal block is singular, which block smoothers do not survive. */
#define GAMG                                                                                                                                                          \
  "-pc_type gamg -pc_use_amat -pc_gamg_threshold 0.01 -pc_gamg_esteig_ksp_max_it 10 -mg_levels_ksp_type chebyshev -mg_levels_ksp_max_it 2 -mg_levels_pc_type jacobi " \
  "-pc_gamg_coarse_eq_limit 400 -pc_gamg_reuse_interpolation true -matptap_via rap "
/* Classical AMG for scalar problems: on P1 Laplace with 185 k dofs half the time of GAMG, and on cells stretched 10:1 a fifth. Aggressive coarsening on one level along two paths.
   One sweep of Gauss-Seidel down and its transpose up, as CG needs a symmetric preconditioner; PETSc's default sweeps both ways each time, over coarse and fine points apart: twice
   the passes, and more iterations. Measured: docs/benchmarks.md, Solve. */
#ifdef PETSC_HAVE_HYPRE
#define SCALAR_AMG                                                                                                                                        \
  "-pc_type hypre -pc_hypre_type boomeramg -pc_hypre_boomeramg_strong_threshold 0.25 -pc_hypre_boomeramg_coarsen_type HMIS -pc_hypre_boomeramg_agg_nl 1 " \
  "-pc_hypre_boomeramg_agg_num_paths 2 -pc_hypre_boomeramg_interp_type ext+i -pc_hypre_boomeramg_P_max 4 -pc_hypre_boomeramg_no_CF "                      \
  "-pc_hypre_boomeramg_relax_type_down SOR/Jacobi -pc_hypre_boomeramg_relax_type_up backward-SOR/Jacobi "
#else
#define SCALAR_AMG GAMG
#endif
#define ILU "-pc_type ilu -pc_factor_shift_type nonzero "
#define JACOBI "-pc_type jacobi -pc_jacobi_abs "
/* The factor: MUMPS pivots, finds null pivots and uses dense blocks; PETSc's own does none of that and is the last resort. */
#ifdef PETSC_HAVE_MUMPS
#define DIRECT(kind) "-ksp_type preonly -pc_type " kind " -pc_factor_mat_solver_type mumps -mat_mumps_icntl_14 60 "
#define NULL_PIVOTS "-mat_mumps_icntl_24 1 "
#else
#define DIRECT(kind) "-ksp_type preonly -pc_type " kind " -pc_factor_mat_solver_type petsc -pc_factor_mat_ordering_type nd "
#define NULL_PIVOTS "-pc_factor_shift_type nonzero "
#endif

/* The methods that iterate: their options, and the preconditioner of systems that multigrid is not for. */
#define METHOD(options, plain) \
  { options GAMG, options SCALAR_AMG, options plain }
static const struct {
  const char *vector_amg, *scalar_amg, *plain;
} methods[GKT_NUM_LINEAR_METHODS] = {
    [GKT_LINEAR_CG] = METHOD("-ksp_type cg -ksp_norm_type unpreconditioned ", JACOBI),
    [GKT_LINEAR_GMRES] = METHOD("-ksp_type gmres -ksp_gmres_restart 60 -ksp_pc_side right -ksp_norm_type unpreconditioned ", ILU),
    [GKT_LINEAR_BICGSTAB] = METHOD("-ksp_type bcgs -ksp_pc_side right -ksp_norm_type unpreconditioned ", ILU),
    [GKT_LINEAR_MINRES] = METHOD("-ksp_type minres ", JACOBI),
};

static const char *direct_options(const gkt_system_facts *f) {
  if (f->symmetric) return f->singular ? DIRECT("cholesky") NULL_PIVOTS : DIRECT("cholesky");
  return f->singular ? DIRECT("lu") NULL_PIVOTS : DIRECT("lu");
}

/* Entries of a factor by nested dissection (George 1973; constants measured): 20 n^(4/3) in space, 10 n log2 n in the plane, 20 n on a line; against half of the machine's memory.
 */
static double factor_entries(const gkt_system_facts *f, double n) {
  if (f->dim == 1) return 20 * n;
  return f->dim == 2 ? 10 * n * log2(n + 2) : 20 * n * cbrt(n);
}

bool gkt_can_factorize(const gkt_system_facts *f, gkt_idx num_rows) {
  double bytes = 8 * factor_entries(f, num_rows), pages = (double)sysconf(_SC_PHYS_PAGES), page = (double)sysconf(_SC_PAGESIZE);
  return pages <= 0 || bytes < 0.5 * pages * page;
}

static void choose_direct(const gkt_system_facts *f, gkt_linear_choice *out) {
  out->options = direct_options(f);
  out->direct = out->tried_direct = true, out->amg = false;
}

static void choose_iterative(gkt_linear_method method, bool named, const gkt_system_facts *f, gkt_linear_choice *out) {
  bool scalar = f->block_size == 1;
  out->direct = false;
  out->amg = f->symmetric ? f->positive || method == GKT_LINEAR_CG : scalar && !named; /* of transport AMG takes a quarter of the iterations of ILU, or tells early that it fails */
  out->options = !out->amg ? methods[method].plain : scalar ? methods[method].scalar_amg : methods[method].vector_amg;
  if (method == GKT_LINEAR_GMRES) out->tried_gmres = !out->amg;
}

static const char *describe(const gkt_system_facts *f) {
  if (f->symmetric && f->positive)
    return f->singular ? (f->near_null == GKT_KERNEL_RIGID_BODY ? "symmetric, positive up to rigid motions (proven)" : "symmetric, positive up to a constant (proven)")
                       : "symmetric and positive (proven)";
  if (f->symmetric) return "symmetric, not proven positive";
  return "not symmetric";
}

static void count(gkt_idx n, char *out, size_t size) { /* 1,234,567 */
  if (n >= 1000000) snprintf(out, size, "%d,%03d,%03d", n / 1000000, n / 1000 % 1000, n % 1000);
  else if (n >= 1000) snprintf(out, size, "%d,%03d", n / 1000, n % 1000);
  else snprintf(out, size, "%d", n);
}

enum { IN_SPACE = 4000 }; /* above, the fill of a factor in three dimensions costs more than hundreds of iterations */

/* Dofs below which a factor is the fastest, or within 1.5 of it; measured: docs/benchmarks.md, Which method. Where nothing is proven the factor also tells what is singular. */
static gkt_idx factorize_below(const gkt_system_facts *f) {
  bool plane = f->dim == 2;
  if (f->dim == 1) return INT32_MAX;                                                                       /* a band */
  if (f->symmetric && f->positive && f->elliptic) return !plane ? 1500 : f->block_size > 1 ? 30000 : 6000; /* bodies may be nearly incompressible, which multigrid hardly solves */
  if (f->symmetric && f->positive) return plane ? GKT_DIRECT_BELOW : IN_SPACE;
  if (f->symmetric) return plane ? 300000 : IN_SPACE; /* an iteration meets negative curvature, or hardly converges */
  return plane ? 10000 : IN_SPACE;
}

void gkt_linear_choose(gkt_linear_method method, bool named, const gkt_system_facts *f, gkt_idx num_rows, gkt_linear_choice *out) {
  char dofs[16];
  bool small = num_rows < factorize_below(f) && !f->singular && !named && gkt_can_factorize(f, num_rows);
  count(num_rows, dofs, sizeof dofs);
  *out = (gkt_linear_choice){0};
  snprintf(out->why, sizeof out->why, "%s, %s dofs%s", describe(f), dofs, method == GKT_LINEAR_AUTO ? "" : ", as asked");
  if (method == GKT_LINEAR_DIRECT || (method == GKT_LINEAR_AUTO && small)) choose_direct(f, out);
  else if (method == GKT_LINEAR_AUTO) choose_iterative(f->symmetric ? GKT_LINEAR_CG : GKT_LINEAR_GMRES, named, f, out);
  else choose_iterative(method, true, f, out);
}

bool gkt_linear_fall_back(const gkt_linear_choice *failed, const char *reason, const gkt_system_facts *f, gkt_idx num_rows, gkt_linear_choice *out) {
  gkt_linear_choice next = {.tried_direct = failed->tried_direct, .tried_gmres = failed->tried_gmres};
  bool cheap = f->symmetric && !f->positive && f->dim == 3 && num_rows >= IN_SPACE; /* an indefinite system of few waves, or one that is given up early */
  if (!failed->tried_direct && gkt_can_factorize(f, num_rows) && !(cheap && !failed->tried_gmres)) choose_direct(f, &next);
  else if (!failed->tried_gmres) choose_iterative(GKT_LINEAR_GMRES, true, &(gkt_system_facts){0}, &next);
  else return false;
  snprintf(next.why, sizeof next.why, "%.120s; %.120s", failed->why, reason);
  *out = next;
  return true;
}
