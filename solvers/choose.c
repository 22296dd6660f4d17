/* The choice of a method by the facts of a system. A choice is a line of PETSc options: what the user gives is inserted after it and wins. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "solvers/linear.h"
#include "solvers/shell.h"

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
/* The factor: MUMPS pivots and uses dense blocks; PETSc's own does neither: small positive systems need neither, and it takes half the time or less there. */
#define OWN_BY(kind, ordering) "-ksp_type preonly -pc_type " kind " -pc_factor_mat_solver_type petsc -pc_factor_mat_ordering_type " ordering " "
#define OWN(kind) OWN_BY(kind, "nd")
/* Likewise by blocks (cholesky.c). */
#define OWN_BLOCKS(ordering) "-ksp_type preonly -pc_type " GKT_PC_CHOLESKY " -pc_factor_mat_ordering_type " ordering " "
/* In the plane minimum degree leaves 5 to 10 % fewer entries than nested dissection, in space up to 11 % more. */
#ifdef PETSC_HAVE_SUITESPARSE
#define IN_PLANE "amd"
#else
#define IN_PLANE "nd"
#endif
#ifdef PETSC_HAVE_MUMPS
#define DIRECT(kind) "-ksp_type preonly -pc_type " kind " -pc_factor_mat_solver_type mumps "
enum { HAS_MUMPS = true };
#else
#define DIRECT(kind) OWN(kind)
enum { HAS_MUMPS = false };
#endif

/* By fields; jumps of coefficients make the method's path long. FGMRES, whose preconditioner may change from step to step, where the user's options solve a field by iterations. */
#define FIELDS(method) \
  "-ksp_type " method " -ksp_gmres_restart 200 -ksp_pc_side right -ksp_norm_type unpreconditioned -pc_type fieldsplit -pc_fieldsplit_type multiplicative -matptap_via rap "

/* The methods that iterate: their options, and the preconditioner of systems that multigrid is not for. */
#define METHOD(options, plain, sweep) \
  { options GAMG, options SCALAR_AMG, options plain, options "-pc_type fieldsplit -pc_fieldsplit_type " sweep " -matptap_via rap " }
static const struct {
  const char *vector_amg, *scalar_amg, *plain, *split;
} methods[GKT_NUM_LINEAR_METHODS] = {
    [GKT_LINEAR_CG] = METHOD("-ksp_type cg -ksp_norm_type unpreconditioned ", JACOBI, "symmetric_multiplicative"),
    [GKT_LINEAR_GMRES] = METHOD("-ksp_type gmres -ksp_gmres_restart 60 -ksp_pc_side right -ksp_norm_type unpreconditioned ", ILU, "multiplicative"),
    [GKT_LINEAR_BICGSTAB] = METHOD("-ksp_type bcgs -ksp_pc_side right -ksp_norm_type unpreconditioned ", ILU, "multiplicative"),
    [GKT_LINEAR_MINRES] = METHOD("-ksp_type minres ", JACOBI, "additive"),
};

static const char *direct_options(const gkt_system_facts *f) { return f->symmetric ? DIRECT("cholesky") : DIRECT("lu"); }

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

/* Where its entries are fewer than this, dense blocks do not pay. Measured: docs/benchmarks.md, Small factors. */
static const double OWN_ENTRIES = 2e6;
/* Likewise by blocks in the plane, where the symbolic part, which PETSc makes in a time that grows with the square of the nodes, takes as long as the numeric one. */
static const double OWN_ENTRIES_OF_BLOCKS = 2e7;

/* Not where the user speaks of factors that PETSc's options choose. */
static bool goes_by_blocks(const gkt_system_facts *f, gkt_linear_named named) { return HAS_MUMPS && f->dim > 1 && f->block_size > 1 && !named.factor; }

static bool has_own_factor(const gkt_system_facts *f, gkt_linear_named named, gkt_idx num_rows) {
  const double limit = f->dim == 2 && goes_by_blocks(f, named) ? OWN_ENTRIES_OF_BLOCKS : OWN_ENTRIES;
  return HAS_MUMPS && f->symmetric && f->positive && !f->singular && !f->blocks && factor_entries(f, num_rows) < limit;
}

/* If it fails, MUMPS tells why. */
static void choose_own_factor(const gkt_system_facts *f, gkt_linear_named named, gkt_linear_choice *out) {
  if (goes_by_blocks(f, named)) out->options = f->dim < 3 ? OWN_BLOCKS(IN_PLANE) : OWN_BLOCKS("nd");
  else out->options = f->dim < 3 ? OWN_BY("cholesky", IN_PLANE) : OWN("cholesky");
  out->direct = out->own_factor = true;
}

static void choose_direct(const gkt_system_facts *f, gkt_linear_choice *out) {
  out->options = direct_options(f);
  out->direct = out->tried_direct = true, out->amg = out->split = false;
}

/* ---- several fields ---- */
static int num_multipliers(const gkt_system_facts *f) {
  int count = 0;
  for (int b = 0; f->blocks && b < f->num_blocks; b++) count += f->blocks[b].multiplier;
  return count;
}

static void choose_split(gkt_linear_method method, bool flexible, gkt_linear_choice *out) {
  out->direct = false;
  out->split = out->amg = out->tried_split = true;
  out->options = flexible ? FIELDS("fgmres") : method == GKT_LINEAR_GMRES ? FIELDS("gmres") : methods[method].split;
}

/* Does S take a constant to something of the size of its entries? A mass matrix does, a Laplacian does not. */
static bool is_mass(const gkt_csr *S) {
  double sum = 0, absolute = 0;
  for (gkt_idx k = 0; k < S->row_offsets[S->num_rows]; k++) sum += S->vals[k], absolute += fabs(S->vals[k]);
  return fabs(sum) > 0.1 * absolute;
}

/* Beside a multiplier a body's block has no part that resists changes of volume, so that each component is solved like a scalar, and faster. */
static const char *field_options(const gkt_system_facts *f, const gkt_block_facts *b) {
  if (b->count <= GKT_TINY_FIELD) return "-ksp_type preonly -pc_type lu -pc_factor_shift_type nonzero ";
  if (b->multiplier && b->schur && is_mass(b->schur)) return "-ksp_type chebyshev -ksp_max_it 4 -ksp_norm_type none -pc_type jacobi ";
  if (!num_multipliers(f) && b->symmetric && b->positive && b->near_null == GKT_KERNEL_RIGID_BODY) return "-ksp_type preonly " GAMG;
  return "-ksp_type preonly " SCALAR_AMG;
}

static bool is_multigrid(const gkt_petsc_word *w) { return w->is_name && (!strncmp(w->begin, "-pc_", 4) || !strncmp(w->begin, "-mg_", 4)); }

/* Under a prefix; inner: multigrid is for what the elimination of inner nodes leaves. */
static void print_options(const char *options, const char *prefix, bool inner, gkt_text *out) {
  gkt_petsc_word w;
  if (inner) gkt_text_printf(out, "-%spc_type gkt_inner ", prefix);
  while (gkt_petsc_next_word(&options, &w))
    if (w.is_name) gkt_text_printf(out, "-%s%s%.*s ", prefix, inner && is_multigrid(&w) ? "inner_" : "", (int)w.length - 1, w.begin + 1);
    else gkt_text_printf(out, "%.*s ", (int)w.length, w.begin);
}

/* The first product P'AP, which later values of A do not make again (grids.c): a third slower without A P and P' in memory. */
static bool has_lean_product(const gkt_linear_choice *c, const gkt_system_facts *f) { return c->amg && f->reused && f->block_size > 1 && !f->num_inner; }

/* Those of each field by its name. */
void gkt_linear_choice_options(const gkt_linear_choice *c, const gkt_system_facts *f, gkt_text *out) {
  char prefix[128];
  if (!c->split) {
    print_options(c->options, "", c->amg && f->num_inner > 0, out);
    if (has_lean_product(c, f)) gkt_text_printf(out, "-matptap_via scalable ");
    return;
  }
  gkt_text_printf(out, "%s", c->options);
  for (int b = 0; b < f->num_blocks; b++) {
    const gkt_block_facts *block = &f->blocks[b];
    snprintf(prefix, sizeof prefix, "fieldsplit_%.100s_", block->name);
    print_options(field_options(f, block), prefix, block->num_inner > 0 && block->count > GKT_TINY_FIELD && !block->multiplier, out);
  }
}

static void choose_iterative(gkt_linear_method method, gkt_linear_named named, const gkt_system_facts *f, gkt_linear_choice *out) {
  if (f->blocks) {
    choose_split(method, named.fields, out);
    return;
  }
  bool scalar = f->block_size == 1;
  out->direct = out->split = false;
  out->amg =
      f->symmetric ? f->positive || method == GKT_LINEAR_CG : scalar && !named.method; /* of transport AMG takes a quarter of the iterations of ILU, or tells early that it fails */
  out->options = !out->amg ? methods[method].plain : scalar ? methods[method].scalar_amg : methods[method].vector_amg;
  if (method == GKT_LINEAR_GMRES) out->tried_gmres = !out->amg;
}

static const char *describe(const gkt_system_facts *f) {
  if (num_multipliers(f)) return f->symmetric ? "symmetric saddle point" : "saddle point, not symmetric";
  if (f->symmetric && f->positive)
    return f->singular ? (f->near_null == GKT_KERNEL_RIGID_BODY ? "symmetric, positive up to rigid motions (proven)" : "symmetric, positive up to a constant (proven)")
                       : "symmetric and positive (proven)";
  if (f->symmetric) return "symmetric, not proven positive";
  return "not symmetric";
}

/* " in 3 fields, p a multiplier" */
static void describe_fields(const gkt_system_facts *f, size_t size, char *out) {
  int n = 0, left = num_multipliers(f);
  out[0] = 0;
  if (!f->blocks) return;
  n = snprintf(out, size, " in %d fields%s", f->num_blocks, left ? ", " : "");
  for (int b = 0; b < f->num_blocks && n < (int)size; b++) {
    if (!f->blocks[b].multiplier) continue;
    n += snprintf(out + n, size - (size_t)n, "%s%s", f->blocks[b].name, --left > 1 ? ", " : left == 1 ? " and " : num_multipliers(f) == 1 ? " a multiplier" : " multipliers");
  }
}

static void count(gkt_idx n, char *out, size_t size) { /* 1,234,567 */
  if (n >= 1000000) snprintf(out, size, "%d,%03d,%03d", n / 1000000, n / 1000 % 1000, n % 1000);
  else if (n >= 1000) snprintf(out, size, "%d,%03d", n / 1000, n % 1000);
  else snprintf(out, size, "%d", n);
}

enum { IN_SPACE = 4000 }; /* above, the fill of a factor in three dimensions costs more than hundreds of iterations */

/* Of several fields, likewise. What is not symmetric may be dominated by its convection, or indefinite, and is safer with a factor where that is not dear. */
static gkt_idx factorize_fields_below(const gkt_system_facts *f) {
  bool plane = f->dim == 2;
  if (f->symmetric) return !plane ? IN_SPACE : f->reused ? 300000 : 10000;
  return plane ? 100000 : 2 * IN_SPACE;
}

/* Dofs below which a factor is the fastest, or within 1.5 of it; measured: docs/benchmarks.md, Which method. Where nothing is proven the factor also tells what is singular. */
static gkt_idx factorize_below(const gkt_system_facts *f, gkt_linear_named named) {
  bool plane = f->dim == 2;
  if (f->dim == 1) return INT32_MAX; /* a band */
  if (f->blocks) return factorize_fields_below(f);
  if (f->symmetric && f->positive && f->elliptic)
    return !plane                                                     ? 1500
           : f->block_size == 1                                       ? 6000
           : f->reused || (goes_by_blocks(f, named) && !named.device) ? 100000
                                                                      : 30000; /* bodies may be nearly incompressible, which multigrid hardly solves */
  if (f->symmetric && f->positive) return plane ? GKT_DIRECT_BELOW : IN_SPACE;
  if (f->symmetric) return plane ? 300000 : IN_SPACE; /* an iteration meets negative curvature, or hardly converges */
  return plane ? 10000 : IN_SPACE;
}

static bool factorizes(const gkt_system_facts *f, gkt_linear_named named, gkt_idx num_rows) {
  return num_rows < factorize_below(f, named) && (!f->singular || f->blocks) && gkt_can_factorize(f, num_rows);
}
bool gkt_linear_factorizes(const gkt_system_facts *f, gkt_idx num_rows) { return factorizes(f, (gkt_linear_named){0}, num_rows); }

void gkt_linear_choose(gkt_linear_method method, gkt_linear_named named, const gkt_system_facts *f, gkt_idx num_rows, gkt_linear_choice *out) {
  char dofs[16], fields[100];
  bool small = !named.method && factorizes(f, named, num_rows);
  count(num_rows, dofs, sizeof dofs);
  describe_fields(f, sizeof fields, fields);
  *out = (gkt_linear_choice){0};
  snprintf(out->why, sizeof out->why, "%s, %s dofs%s%s", describe(f), dofs, fields, method == GKT_LINEAR_AUTO ? "" : ", as asked");
  const bool direct = method == GKT_LINEAR_DIRECT || (method == GKT_LINEAR_AUTO && small);
  if (direct && has_own_factor(f, named, num_rows)) choose_own_factor(f, named, out);
  else if (direct) choose_direct(f, out);
  else if (method == GKT_LINEAR_AUTO) choose_iterative(f->symmetric && (f->positive || !f->blocks) ? GKT_LINEAR_CG : GKT_LINEAR_GMRES, named, f, out);
  else choose_iterative(method, (gkt_linear_named){.method = true, .fields = named.fields}, f, out);
}

/* Of several fields: by fields, by a factor, by ILU, which breaks down on multipliers, each once. */
static bool fall_back_by_fields(const gkt_linear_choice *failed, const gkt_system_facts *f, gkt_idx num_rows, gkt_linear_choice *next) {
  if (!failed->tried_direct && gkt_can_factorize(f, num_rows)) choose_direct(f, next);
  else if (!failed->tried_split) choose_split(f->symmetric && f->positive ? GKT_LINEAR_CG : GKT_LINEAR_GMRES, false, next);
  else if (!failed->tried_gmres && !num_multipliers(f)) next->options = methods[GKT_LINEAR_GMRES].plain, next->tried_gmres = true;
  else return false;
  return true;
}

static bool fall_back(const gkt_linear_choice *failed, const gkt_system_facts *f, gkt_idx num_rows, gkt_linear_choice *next) {
  bool cheap = f->symmetric && !f->positive && f->dim == 3 && num_rows >= IN_SPACE; /* an indefinite system of few waves, or one that is given up early */
  if (f->blocks) return fall_back_by_fields(failed, f, num_rows, next);
  if (!failed->tried_direct && gkt_can_factorize(f, num_rows) && !(cheap && !failed->tried_gmres)) choose_direct(f, next);
  else if (!failed->tried_gmres) choose_iterative(GKT_LINEAR_GMRES, (gkt_linear_named){.method = true}, &(gkt_system_facts){0}, next);
  else return false;
  return true;
}

bool gkt_linear_fall_back(const gkt_linear_choice *failed, const char *reason, const gkt_system_facts *f, gkt_idx num_rows, gkt_linear_choice *out) {
  gkt_linear_choice next = {.tried_direct = failed->tried_direct, .tried_gmres = failed->tried_gmres, .tried_split = failed->tried_split};
  if (!fall_back(failed, f, num_rows, &next)) return false;
  snprintf(next.why, sizeof next.why, "%.120s; %.120s", failed->why, reason);
  *out = next;
  return true;
}
