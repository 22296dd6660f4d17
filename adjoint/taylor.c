/* Taylor remainders: a gradient is compared with values of the functional at solutions nearby. Five of them are looked at, as near as it takes until their order shows, and no
   nearer than where they drown in what solvers leave. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "adjoint/adjoint.h"
#include "core/core.h"

typedef struct {
  gkt_adjoint *a;
  gkt_functional *f;
  const gkt_solve_options *options;
  int control;
  bool second; /* with the Hessian */
  gkt_size size;
  gkt_scalar *m, *direction, *moved;
  gkt_vector *u;          /* work */
  double J, floor, noise; /* of J where nothing but rounding and solvers should move it; what remainders must exceed to tell anything */
} taylor;

static void make_direction(taylor *t, const gkt_scalar *direction) {
  uint32_t seed = 1;
  double size = 0;
  for (gkt_size i = 0; i < t->size; i++) size = fmax(size, fabs(t->m[i]));
  const double unit = t->a->controls[t->control].kind == GKT_CONTROL_SHAPE ? gkt_adjoint_shape_unit(t->a) : size > 0 ? size : 1;
  for (gkt_size i = 0; i < t->size; i++) {
    seed = seed * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
    t->direction[i] = direction ? direction[i] : unit * (seed / 2147483648.0 - 1);
  }
}

static gkt_status create(taylor *t, const gkt_scalar *direction) {
  gkt_context *ctx = t->a->ctx;
  GKT_TRY(gkt_alloc(ctx, t->size, sizeof *t->m, &t->m));
  GKT_TRY(gkt_alloc(ctx, t->size, sizeof *t->direction, &t->direction));
  GKT_TRY(gkt_alloc(ctx, t->size, sizeof *t->moved, &t->moved));
  GKT_TRY(gkt_system_vector(t->a->s, &t->u));
  GKT_TRY(gkt_adjoint_get_control(t->a, t->control, t->m));
  make_direction(t, direction);
  return GKT_OK;
}

static void destroy(taylor *t) {
  gkt_free(&t->m);
  gkt_free(&t->direction);
  gkt_free(&t->moved);
  gkt_vector_destroy(&t->u);
}

/* dJ(m) d; the reason is set where there is none. */
static gkt_status derive(taylor *t, const gkt_vector *u, gkt_taylor *out) {
  gkt_scalar **gradients = NULL, *g = NULL;
  gkt_solve_report report = {0};
  gkt_status status;
  GKT_GO(gkt_calloc(t->a->ctx, t->a->num_controls, sizeof *gradients, &gradients));
  GKT_GO(gkt_calloc(t->a->ctx, t->size, sizeof *g, &g));
  gradients[t->control] = g;
  GKT_GO(gkt_adjoint_gradient(t->a, t->f, t->options, u, &t->J, gradients, &report));
  memcpy(out->reason, report.reason, sizeof out->reason), out->cancelled = report.cancelled;
  for (gkt_size i = 0; i < t->size; i++) out->derivative += g[i] * t->direction[i];
done:
  gkt_solve_report_clear(&report);
  gkt_free(&gradients);
  gkt_free(&g);
  return status;
}

/* d' H d */
static gkt_status derive_twice(taylor *t, const gkt_vector *u, gkt_taylor *out) {
  const gkt_scalar **directions = NULL;
  gkt_scalar **results = NULL, *Hd = NULL;
  gkt_solve_report report = {0};
  gkt_status status;
  GKT_GO(gkt_calloc(t->a->ctx, t->a->num_controls, sizeof *directions, &directions));
  GKT_GO(gkt_calloc(t->a->ctx, t->a->num_controls, sizeof *results, &results));
  GKT_GO(gkt_calloc(t->a->ctx, t->size, sizeof *Hd, &Hd));
  directions[t->control] = t->direction, results[t->control] = Hd;
  GKT_GO(gkt_adjoint_hessian(t->a, t->f, t->options, u, directions, results, &report));
  memcpy(out->reason, report.reason, sizeof out->reason), out->cancelled = report.cancelled;
  for (gkt_size i = 0; i < t->size; i++) out->second += Hd[i] * t->direction[i];
done:
  gkt_solve_report_clear(&report);
  gkt_free(&directions);
  gkt_free(&results);
  gkt_free(&Hd);
  return status;
}

/* J(m + eps d), from u as the first guess. */
static gkt_status move(taylor *t, double eps, const gkt_vector *u, double *J, gkt_taylor *out) {
  gkt_solve_report report = {0};
  gkt_status status;
  for (gkt_size i = 0; i < t->size; i++) t->moved[i] = t->m[i] + eps * t->direction[i];
  GKT_TRY(gkt_adjoint_set_control(t->a, t->control, t->moved));
  gkt_vector_copy(u, t->u);
  GKT_GO(gkt_system_solve(t->a->s, t->options, t->u, &report));
  if (report.valid) GKT_GO(gkt_functional_value(t->f, t->u, J));
  out->cancelled = report.cancelled;
  if (!report.valid || !isfinite(*J))
    snprintf(out->reason, sizeof out->reason, "with the control moved by %g of the direction: %.1500s", eps, report.valid ? "the functional is not finite" : report.reason);
done:
  gkt_solve_report_clear(&report);
  return status;
}

static gkt_status fill(taylor *t, int from, double eps, const gkt_vector *u, gkt_taylor *out) {
  for (int i = from; i < GKT_TAYLOR_STEPS && !out->reason[0]; i++, eps /= 2) {
    double J = 0;
    GKT_TRY(move(t, eps, u, &J, out));
    out->eps[i] = eps, out->remainder[i] = fabs(J - t->J - eps * out->derivative - eps * eps / 2 * out->second);
  }
  return GKT_OK;
}

/* Of what solvers leave in J: where remainders are far below rounding, what is there is noise. */
static gkt_status find_floor(taylor *t, const gkt_vector *u, gkt_taylor *out) {
  const double rtol = t->options ? t->options->newton.linear.rtol : gkt_linear_options_default().rtol;
  t->floor = fmax(1e3 * DBL_EPSILON, 10 * rtol) * fabs(t->J) + DBL_MIN;
  for (double eps = 1e-8; eps < 3e-8 && !out->reason[0]; eps *= 1.7) {
    double J = t->J;
    GKT_TRY(move(t, eps, u, &J, out));
    t->noise = fmax(t->noise, fabs(J - t->J - eps * out->derivative));
  }
  t->floor = fmax(t->floor, 10 * t->noise);
  return GKT_OK;
}

/* The last that are above the floor, one after the other: first and number. */
static int find_telling(const taylor *t, const gkt_taylor *out, int *first) {
  int end = GKT_TAYLOR_STEPS;
  while (end > 0 && !(out->remainder[end - 1] > t->floor)) end--;
  for (*first = end; *first > 0 && out->remainder[*first - 1] > t->floor;) --*first;
  return end - *first;
}

static double order_at(const gkt_taylor *out, int i) { return log2(out->remainder[i - 1] / out->remainder[i]); }

/* They fall one after the other by a power, which is that of the first term that is left out, or a higher one where that term vanishes. With noise in the last ones slopes may
   come near a power by chance: the one before must come near it as well, as it does where what is next falls by one power more, and its part of the slope is halved. */
static bool is_settled(const taylor *t, const gkt_taylor *out) {
  enum { SLOPES_THAT_DECIDE = 2 };
  int first;
  const int n = find_telling(t, out, &first), end = first + n - 1;
  if (n < 2) return end < 1; /* linear */
  const double power = fmax(round(order_at(out, end)), t->second ? 3 : 2);
  double allowed = 0.05;
  for (int i = end; i > first && i > end - SLOPES_THAT_DECIDE; i--, allowed *= 3)
    if (!(fabs(order_at(out, i) - power) <= allowed)) return false;
  for (int i = end; i > first; i--)
    if (!(out->remainder[i] < out->remainder[i - 1])) return false;
  return true;
}

static void judge(const taylor *t, gkt_taylor *out) {
  int first;
  const int n = find_telling(t, out, &first);
  if ((n < 2 || !is_settled(t, out)) && !out->reason[0] && t->noise > 1e-5 * fmax(fabs(t->J), 0.01 * fabs(out->derivative)))
    snprintf(out->reason, sizeof out->reason, "found anew with the same data the functional is %g off what it is at the given state, which is no solution, or known to no digit",
             t->noise);
  out->slope = n > 1 && !out->reason[0] ? order_at(out, first + n - 1) : NAN;
  out->passed = !out->reason[0] && is_settled(t, out);
}

/* Where there is no state so far away, from nearer by. */
static gkt_status begin(taylor *t, double *eps, const gkt_vector *u, gkt_taylor *out) {
  enum { MOST = 6 };
  GKT_TRY(fill(t, 0, *eps, u, out));
  for (int i = 0; i < MOST && out->reason[0] && !out->cancelled; i++) {
    out->reason[0] = 0, *eps /= 8;
    GKT_TRY(fill(t, 0, *eps, u, out));
  }
  return GKT_OK;
}

/* Remainders that drown in what solvers leave are looked at from farther away, as far as there are states. */
static gkt_status recede(taylor *t, double eps, const gkt_vector *u, gkt_taylor *out) {
  int first;
  for (; eps < 0.5 && !out->reason[0] && find_telling(t, out, &first) < 3; eps *= 7) {
    const gkt_taylor before = *out;
    GKT_TRY(fill(t, 0, 7 * eps, u, out));
    if (!out->reason[0] || out->cancelled) continue;
    *out = before;
    return GKT_OK;
  }
  return GKT_OK;
}

/* Those that do not show their order yet, from nearer by. */
static gkt_status approach(taylor *t, const gkt_vector *u, gkt_taylor *out) {
  enum { LAST = GKT_TAYLOR_STEPS - 1 };
  const double nearest = 1e-9;
  while (!out->reason[0] && out->remainder[LAST] > t->floor && out->eps[LAST] > nearest && !is_settled(t, out)) {
    memmove(out->eps, out->eps + 1, LAST * sizeof *out->eps);
    memmove(out->remainder, out->remainder + 1, LAST * sizeof *out->remainder);
    GKT_TRY(fill(t, LAST, out->eps[LAST] / 2, u, out));
  }
  return GKT_OK;
}

static gkt_status compare(taylor *t, double eps, const gkt_vector *u, gkt_taylor *out) {
  double from = eps > 0 ? eps : 0.01;
  GKT_TRY(derive(t, u, out));
  if (t->second && !out->reason[0]) GKT_TRY(derive_twice(t, u, out));
  if (!out->reason[0]) GKT_TRY(find_floor(t, u, out));
  if (!out->reason[0]) GKT_TRY(begin(t, &from, u, out));
  if (eps <= 0) GKT_TRY(recede(t, from, u, out));
  GKT_TRY(approach(t, u, out));
  judge(t, out);
  return GKT_OK;
}

static gkt_status verify(taylor *t, const gkt_scalar *direction, double eps, const gkt_vector *u, gkt_taylor *out) {
  const gkt_adjoint_control *c = &t->a->controls[t->control];
  const gkt_scalar *given = c->kind == GKT_CONTROL_COEFFICIENT ? t->a->s->values[c->number] : NULL;
  gkt_status status, restored;
  t->size = c->size;
  *out = (gkt_taylor){.slope = NAN};
  GKT_GO(gkt_system_check_vector(t->a->s, u, "u"));
  GKT_GO(create(t, direction));
  status = compare(t, eps, u, out);
  restored = gkt_adjoint_set_control(t->a, t->control, given ? given : t->m);
  if (status == GKT_OK) status = restored;
done:
  destroy(t);
  return status;
}

gkt_status gkt_adjoint_verify(gkt_adjoint *a, gkt_functional *f, const gkt_solve_options *options, int control, const gkt_scalar *direction, double eps, const gkt_vector *u,
                              gkt_taylor *out) {
  taylor t = {.a = a, .f = f, .options = options, .control = control};
  return verify(&t, direction, eps, u, out);
}

gkt_status gkt_adjoint_verify_hessian(gkt_adjoint *a, gkt_functional *f, const gkt_solve_options *options, int control, const gkt_scalar *direction, double eps,
                                      const gkt_vector *u, gkt_taylor *out) {
  taylor t = {.a = a, .f = f, .options = options, .control = control, .second = true};
  return verify(&t, direction, eps, u, out);
}
