/* Taylor remainders: a gradient is compared with values of the functional at solutions nearby. */
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
  memcpy(out->reason, report.reason, sizeof out->reason);
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
  memcpy(out->reason, report.reason, sizeof out->reason);
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
  else snprintf(out->reason, sizeof out->reason, "with the control moved by %g of the direction: %.1500s", eps, report.reason);
done:
  gkt_solve_report_clear(&report);
  return status;
}

static gkt_status fill(taylor *t, double eps, const gkt_vector *u, gkt_taylor *out) {
  for (int i = 0; i < GKT_TAYLOR_STEPS && !out->reason[0]; i++, eps /= 2) {
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

static int count_telling(const taylor *t, const gkt_taylor *out) {
  int n = 0;
  while (n < GKT_TAYLOR_STEPS && out->remainder[n] > t->floor) n++;
  return n;
}

static void judge(const taylor *t, gkt_taylor *out) {
  const int n = count_telling(t, out);
  if (n < 2 && !out->reason[0] && t->noise > 1e-5 * fmax(fabs(t->J), 0.01 * fabs(out->derivative)))
    snprintf(out->reason, sizeof out->reason, "found anew with the same data the functional is %g off what it is at the given state, which is no solution, or known to no digit",
             t->noise);
  out->slope = n > 1 ? log2(out->remainder[n - 2] / out->remainder[n - 1]) : NAN;
  out->passed = !out->reason[0] && (n < 2 || out->slope > (t->second ? 2.95 : 1.95));
}

/* Remainders that drown in what solvers leave are looked at from farther away. */
static gkt_status compare(taylor *t, double eps, const gkt_vector *u, gkt_taylor *out) {
  const double first = eps > 0 ? eps : 0.01, last = eps > 0 ? eps : 0.5;
  GKT_TRY(derive(t, u, out));
  if (t->second && !out->reason[0]) GKT_TRY(derive_twice(t, u, out));
  if (!out->reason[0]) GKT_TRY(find_floor(t, u, out));
  for (double e = first; e <= last; e *= 7) {
    GKT_TRY(fill(t, e, u, out));
    if (out->reason[0] || count_telling(t, out) > 2) break;
  }
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
