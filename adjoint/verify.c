/* Gradients and second derivatives by one control, compared with values of the functional at solutions nearby. */
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
  gkt_size size;
  gkt_scalar *m, *direction, *moved;
  const gkt_vector *start; /* the first guess */
  gkt_vector *u;           /* work */
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
static gkt_status derive(const taylor *t, gkt_taylor_line *line, gkt_taylor *out) {
  gkt_scalar **gradients = NULL, *g = NULL;
  gkt_solve_report report = {0};
  gkt_status status;
  GKT_GO(gkt_calloc(t->a->ctx, t->a->num_controls, sizeof *gradients, &gradients));
  GKT_GO(gkt_calloc(t->a->ctx, t->size, sizeof *g, &g));
  gradients[t->control] = g;
  GKT_GO(gkt_adjoint_gradient(t->a, t->f, t->options, t->start, &line->value_at_0, gradients, &report));
  memcpy(out->reason, report.reason, sizeof out->reason), out->cancelled = report.cancelled;
  for (gkt_size i = 0; i < t->size; i++) line->derivative += g[i] * t->direction[i];
done:
  gkt_solve_report_clear(&report);
  gkt_free(&gradients);
  gkt_free(&g);
  return status;
}

/* d' H d */
static gkt_status derive_twice(const taylor *t, gkt_taylor_line *line, gkt_taylor *out) {
  const gkt_scalar **directions = NULL;
  gkt_scalar **results = NULL, *Hd = NULL;
  gkt_solve_report report = {0};
  gkt_status status;
  GKT_GO(gkt_calloc(t->a->ctx, t->a->num_controls, sizeof *directions, &directions));
  GKT_GO(gkt_calloc(t->a->ctx, t->a->num_controls, sizeof *results, &results));
  GKT_GO(gkt_calloc(t->a->ctx, t->size, sizeof *Hd, &Hd));
  directions[t->control] = t->direction, results[t->control] = Hd;
  GKT_GO(gkt_adjoint_hessian(t->a, t->f, t->options, t->start, directions, results, &report));
  memcpy(out->reason, report.reason, sizeof out->reason), out->cancelled = report.cancelled;
  for (gkt_size i = 0; i < t->size; i++) line->second += Hd[i] * t->direction[i];
done:
  gkt_solve_report_clear(&report);
  gkt_free(&directions);
  gkt_free(&results);
  gkt_free(&Hd);
  return status;
}

/* J(m + eps d) */
static gkt_status move(void *user, double eps, double *J, gkt_taylor *out) {
  const taylor *t = user;
  gkt_solve_report report = {0};
  gkt_status status;
  for (gkt_size i = 0; i < t->size; i++) t->moved[i] = t->m[i] + eps * t->direction[i];
  GKT_TRY(gkt_adjoint_set_control(t->a, t->control, t->moved));
  gkt_vector_copy(t->start, t->u);
  GKT_GO(gkt_system_solve(t->a->s, t->options, t->u, &report));
  if (report.valid) GKT_GO(gkt_functional_value(t->f, t->u, J));
  out->cancelled = report.cancelled;
  if (!report.valid || !isfinite(*J))
    snprintf(out->reason, sizeof out->reason, "with the control moved by %g of the direction: %.1500s", eps, report.valid ? "the functional is not finite" : report.reason);
done:
  gkt_solve_report_clear(&report);
  return status;
}

static gkt_status compare(taylor *t, bool second, double eps, gkt_taylor *out) {
  gkt_taylor_line line = {.user = t, .value = move, .is_second = second, .rtol = t->options ? t->options->newton.linear.rtol : gkt_linear_options_default().rtol};
  GKT_TRY(derive(t, &line, out));
  if (second && !out->reason[0]) GKT_TRY(derive_twice(t, &line, out));
  out->derivative = line.derivative, out->second = line.second;
  return out->reason[0] ? GKT_OK : gkt_taylor_look(&line, eps, out);
}

/* Where nothing is compared nothing would be said to have passed. */
static gkt_status check_line(const taylor *t, const gkt_scalar *direction, double eps) {
  const gkt_size size = t->a->controls[t->control].size;
  bool moves = !direction;
  if (!(eps >= 0 && isfinite(eps))) return gkt_fail(t->a->ctx, GKT_BAD_INPUT, "verify: the largest eps is %g; expected a number above 0, or 0 for one that is found", eps);
  if (direction && !gkt_is_finite(size, direction)) return gkt_fail(t->a->ctx, GKT_BAD_INPUT, "verify: the direction holds what is not finite");
  for (gkt_size i = 0; i < size && !moves; i++) moves = direction[i] != 0;
  return moves ? GKT_OK : gkt_fail(t->a->ctx, GKT_BAD_INPUT, "verify: the direction is 0; expected one along which the control moves");
}

static gkt_status verify(taylor *t, bool second, const gkt_scalar *direction, double eps, gkt_taylor *out) {
  GKT_TRY(gkt_need(t->a->ctx, out, "gkt_adjoint_verify", "place for what is found"));
  GKT_TRY(gkt_adjoint_check_control(t->a, t->control, out));
  GKT_TRY(gkt_adjoint_check_functional(t->a, t->f));
  GKT_TRY(check_line(t, direction, eps));
  const gkt_adjoint_control *c = &t->a->controls[t->control];
  const gkt_scalar *given = c->kind == GKT_CONTROL_COEFFICIENT && !c->signal ? t->a->s->values[c->number] : NULL;
  gkt_status status, restored;
  t->size = c->size;
  *out = (gkt_taylor){.slope = NAN};
  GKT_GO(gkt_system_check_vector(t->a->s, t->start, "u"));
  GKT_GO(create(t, direction));
  status = compare(t, second, eps, out);
  restored = gkt_adjoint_set_control(t->a, t->control, given ? given : t->m);
  if (status == GKT_OK) status = restored;
done:
  destroy(t);
  return status;
}

gkt_status gkt_adjoint_verify(gkt_adjoint *a, gkt_functional *f, const gkt_solve_options *options, int control, const gkt_scalar *direction, double eps, const gkt_vector *u,
                              gkt_taylor *out) {
  taylor t = {.a = a, .f = f, .options = options, .control = control, .start = u};
  return verify(&t, false, direction, eps, out);
}

gkt_status gkt_adjoint_verify_hessian(gkt_adjoint *a, gkt_functional *f, const gkt_solve_options *options, int control, const gkt_scalar *direction, double eps,
                                      const gkt_vector *u, gkt_taylor *out) {
  taylor t = {.a = a, .f = f, .options = options, .control = control, .start = u};
  return verify(&t, true, direction, eps, out);
}
