/* The judge of a solved problem: the truth by dense algebra against what the problem's report says. */
#ifndef GKT_TESTS_HUNT_JUDGE_H
#define GKT_TESTS_HUNT_JUDGE_H
#include "tests/hunt_kernel.h"

typedef enum {
  JUDGED_RIGHT,          /* ok, and it is */
  JUDGED_HONEST,         /* not ok, with reason or with an excuse */
  JUDGED_UNDECIDED,      /* rounding of the data decides */
  JUDGED_HIDDEN,         /* an error above 1e-5, which a residual of 1e-9 in every row allows */
  JUDGED_REFUSED,        /* by the reader */
  JUDGED_GIVEN_UP,       /* a regular system that AUTO or a factor did not solve: honest, but a pity, so rare */
  FAULT_SINGULAR,        /* ok, though undetermined */
  FAULT_ZERO,            /* the same, with a right-hand side of 0 */
  FAULT_WRONG,           /* ok, but not the solution */
  FAULT_KERNEL,          /* ok, but not the solution of mean 0 */
  FAULT_UNNAMED,         /* a singular system that AUTO or a factor did not call so */
  FAULT_CALLED_SINGULAR, /* a regular system called singular */
  FAULT_NOT_LINEAR,      /* called linear, but it is not, or not with this tangent */
  FAULT_REPORT,          /* status, reason and numbers contradict each other */
  NUM_VERDICTS
} verdict;
static const char *const verdict_names[NUM_VERDICTS] = {"right",
                                                        "honest failures",
                                                        "undecided",
                                                        "hidden by the condition",
                                                        "refused",
                                                        "regular, but given up",
                                                        "ok, but undetermined",
                                                        "ok, but undetermined (no load)",
                                                        "ok, but wrong",
                                                        "ok, but not the solution of mean 0",
                                                        "singular, but not named",
                                                        "regular, but called singular",

                                                        "called linear, but not",
                                                        "report contradicts itself"};

/* ---- parts: dofs that the matrix couples. Each is a system of its own, so each must be right by its own measure. ---- */
static int *parts_of(const judged *j) {
  int n = j->n, *part = calloc((size_t)n + 1, sizeof *part);
  for (int i = 0; i < n; i++) part[i] = i;
  for (bool changed = true; changed;) {
    changed = false;
    for (int a = 0; a < n; a++)
      for (int b = 0; b < n; b++) {
        int least = part[a] < part[b] ? part[a] : part[b];
        if (j->d.a[(size_t)a * j->d.n + b] == 0 || part[a] == part[b]) continue;
        part[a] = part[b] = least, changed = true;
      }
  }
  return part;
}

static int block_of(const judged *j, int dof) {
  const gkt_layout *l = &j->p->system->layout;
  for (int b = 0; b < l->num_blocks; b++)
    if (dof < l->blocks[b].first + l->blocks[b].count) return b;
  return -1;
}

static bool fields_apart; /* each field by its own size: where factors are mild, so that no jump of one hides the loads of another */

/* How much the solution's field at an unknown varies within its part, conditions included; what lies below a millionth of its size is not asked for. A single number is its size.
 */
static long double variation(const judged *j, const int *part, int which) {
  const bool *fixed = gkt_constraints_mask(j->p->system->constraints);
  const int block = block_of(j, j->free[which]);
  long double low = INFINITY, high = -INFINITY;
  for (int i = 0; i < j->n; i++) {
    if (part[i] != part[which]) continue;
    if (!fields_apart || block_of(j, j->free[i]) == block) low = fminl(low, j->truth[i]), high = fmaxl(high, j->truth[i]);
    for (gkt_idx k = j->A->row_offsets[j->free[i]]; k < j->A->row_offsets[j->free[i] + 1]; k++) {
      gkt_idx col = j->A->cols[k];
      if (fixed[col] && j->A->vals[k] != 0 && (!fields_apart || block_of(j, col) == block)) low = fminl(low, j->base[col]), high = fmaxl(high, j->base[col]);
    }
  }
  long double size = fmaxl(fabsl(low), fabsl(high));
  return fields_apart && j->p->system->layout.blocks[block].count == 1 ? size : fmaxl(high - low, 1e-6L * size);
}

static verdict compare(judged *j) {
  long double nothing = 1e-10L * size_of_start(j), most = 0;
  int *part = parts_of(j);
  verdict found = JUDGED_RIGHT;
  for (int i = 0; i < j->num_dofs && j->p->system->layout.num_blocks > 1; i++) most = fmaxl(most, fabs(j->u[i]));
  nothing = fmaxl(nothing, 4 * DBL_EPSILON * most); /* beside the other fields */
  for (int i = 0; i < j->n && found < FAULT_SINGULAR; i++) {
    long double wrong = fabsl(j->u[j->free[i]] - j->truth[i]), range = variation(j, part, i);
    if (!(wrong <= 1e-5L * range + 50 * j->spread[i] + nothing)) {
      bool small = j->p->system->layout.num_blocks > 1 && range <= 1e-6L / DBL_EPSILON * j->spread[i]; /* of its field, beside what the others make it of */
      bool hidden = (wrong <= 1e-2L * range || small || wrong <= 1e-6L * fabsl(j->truth[i]) || j->d.condition > REGULAR) && wrong <= 1e-9L / DBL_EPSILON * j->spread[i];
      found = 50 * j->spread[i] > 1e-2L * range ? JUDGED_UNDECIDED : hidden ? JUDGED_HIDDEN : FAULT_WRONG;
      snprintf(j->what, sizeof j->what, "dof %d: %.10g, right is %.10Lg (the part varies by %.3Lg; rounding moves it by %.1Le; condition %.1Le; method %s)", j->free[i],
               j->u[j->free[i]], j->truth[i], range, j->spread[i], j->d.condition, j->p->solution.linear.method);
    }
  }
  free(part);
  return found;
}

/* Conditions hold to rounding. */
static bool meets_conditions(judged *j) {
  const bool *fixed = gkt_constraints_mask(j->p->system->constraints);
  gkt_scalar *g = values(j);
  double most = 0;
  bool met = true;
  for (int i = 0; i < j->num_dofs; i++) most = fmax(most, fabs(j->u[i]));
  gkt_constraints_lift(j->p->system->constraints, g);
  for (int i = 0; i < j->num_dofs && met; i++) {
    met = !fixed[i] || fabs(j->u[i] - g[i]) <= 4 * DBL_EPSILON * fmax(most, fabs(g[i]));
    if (!met) snprintf(j->what, sizeof j->what, "dof %d: %.17g, its condition says %.17g", i, j->u[i], g[i]);
  }
  free(g);
  return met;
}

/* ---- verdicts ---- */
static bool no_load(const judged *j) {
  for (int i = 0; i < j->n; i++)
    if (j->residual[j->free[i]] != 0) return false;
  return true;
}

/* ok, though the tangent is singular */
static verdict judge_singular(judged *j) {
  bool known = j->p->solution.singular, matches = false;
  if (known && is_kernel_known(j, &matches)) {
    solve_dense(j);
    if (!is_balanced(j)) return FAULT_KERNEL;
    verdict v = compare(j);
    return v == FAULT_WRONG ? FAULT_KERNEL : v;
  }
  if (matches) return JUDGED_UNDECIDED; /* no more than the means is open, but for what rounding hides */
  if (!known && j->p->is_nonlinear && !stays_along_kernel(j)) return JUDGED_UNDECIDED;
  if (!known && j->p->is_nonlinear && no_load(j) && isfinite(j->d.condition)) return JUDGED_UNDECIDED; /* 1e12*A u + u^3 = 0 */
  if (!known && !no_load(j) && isfinite(j->d.condition)) {                                             /* far from normal, 1e12*u[1]*v[0]: it may be right all the same */
    solve_dense(j);
    memset(j->spread, 0, (size_t)j->n * sizeof *j->spread);
    if (compare(j) == JUDGED_RIGHT) return JUDGED_UNDECIDED;
  }
  if (!known) snprintf(j->what, sizeof j->what, "condition %.1Le, %d of %d pivots vanish; method %s", j->d.condition, j->d.nullity, j->n, j->p->solution.linear.method);
  return no_load(j) ? FAULT_ZERO : FAULT_SINGULAR;
}

static verdict judge_ok(judged *j) {
  if (!meets_conditions(j)) return FAULT_WRONG;
  if (!j->p->is_nonlinear && !is_linear(j)) return FAULT_NOT_LINEAR;
  if (j->n == 0) return JUDGED_RIGHT;
  if (j->doubtful) return JUDGED_UNDECIDED;
  if (j->d.condition >= SINGULAR) return judge_singular(j);
  solve_dense(j);
  return compare(j);
}

static verdict judge_singular_failure(const judged *j, bool sure, bool claims) { return !sure || j->doubtful || claims || j->p->solution.singular ? JUDGED_HONEST : FAULT_UNNAMED; }

static verdict judge_failure(judged *j) {
  gkt_linear_method method = j->p->settings->solver.linear;
  bool sure = (method == GKT_LINEAR_AUTO || method == GKT_LINEAR_DIRECT) && !j->p->settings->solver.options && !j->p->is_nonlinear;
  bool claims = strstr(j->p->reason, "singular") || strstr(j->p->reason, "incompatible") || strstr(j->p->reason, "undetermined");
  snprintf(j->what, sizeof j->what, "condition %.1Le; method %.40s: %.200s", j->d.condition, j->p->solution.linear.method, j->p->reason);
  if (!j->p->is_nonlinear && j->p->system->layout.num_blocks > 1 && j->d.condition >= SINGULAR) return judge_singular_failure(j, sure, claims);
  if (j->p->is_nonlinear || j->d.condition >= REGULAR) return JUDGED_HONEST;
  return claims ? FAULT_CALLED_SINGULAR : sure ? JUDGED_GIVEN_UP : JUDGED_HONEST;
}

static bool is_consistent(const gkt_problem *p, const char *json) {
  bool ok = strstr(json, "\"status\": \"ok\"") != NULL;
  if (ok != p->valid || ok != !p->reason[0]) return false;
  return !ok || (isfinite(p->solution.linear.residual) && (p->is_nonlinear ? p->solution.newton.converged : p->solution.linear.converged));
}

/* Of a problem that has run. */
static verdict judge(gkt_problem *p, bool valid, char *what, size_t size) {
  judged j = {.p = p};
  verdict v;
  if (!is_consistent(p, gkt_problem_report_json(p))) {
    snprintf(what, size, "valid %d, reason '%.200s', report %.200s", valid, p->reason, gkt_problem_report_json(p));
    return FAULT_REPORT;
  }
  note_free(&j);
  assemble(&j);
  make_dense(&j);
  v = valid ? judge_ok(&j) : judge_failure(&j);
  snprintf(what, size, "%s", j.what);
  gkt_csr_destroy(&j.A);
  dense_destroy(&j.d);
  free(j.free), free(j.u), free(j.base), free(j.residual), free(j.rounding), free(j.truth), free(j.spread);
  return v;
}
#endif
