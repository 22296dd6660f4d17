/* A path of solutions: t is one more unknown, and steps lie in a plane (gkt_nonlinear_path). The bordered system
     A d + slope dt = -F,  plane . d + plane_t dt = 0
   is solved by the factor of A alone: d = d0 + dt z with A d0 = -F, A z = -slope. Where A is singular on its own, at a limit point, both solutions grow and their sum loses digits,
   which the next step of Newton's method brings back; paths only come close to such points (Keller, Lectures on Numerical Methods in Bifurcation Problems, 1987, section 4.2). */
#include <math.h>
#include <omp.h>

#include "solvers/linear.h"
#include "solvers/newton.h"

gkt_status gkt_newton_path_begin(gkt_newton *s) {
  const gkt_nonlinear_path *path = s->system->path;
  if (!path) return GKT_OK;
  if (s->A->where == GKT_ON_DEVICE) return gkt_fail(s->petsc.ctx, GKT_UNAVAILABLE, "paths on a device are not available yet; expected vectors and matrix on the host");
  if (s->asked.load_steps > 1) return gkt_fail(s->petsc.ctx, GKT_BAD_INPUT, "%d load steps on a path, which has steps of its own; expected 1", s->asked.load_steps);
  s->t = s->at_t = *path->t;
  GKT_TRY(gkt_vector_create(s->petsc.ctx, s->n, &s->slope));
  return gkt_vector_create(s->petsc.ctx, s->n, &s->tangent);
}

void gkt_newton_path_destroy(gkt_newton *s) { gkt_vector_destroy(&s->slope), gkt_vector_destroy(&s->tangent); }

gkt_status gkt_newton_path_move(gkt_newton *s, double t, gkt_vector *u) {
  gkt_status status;
  if (!s->system->path || (t == s->at_t && u == s->u)) return GKT_OK;
  s->at_t = t;
  GKT_OUTSIDE(s, status = s->system->path->move(s->system->path->user, t, u));
  return status;
}

gkt_status gkt_newton_path_end(gkt_newton *s) {
  GKT_TRY(gkt_newton_path_move(s, s->t, s->u));
  if (s->system->path) *s->system->path->t = s->t;
  return GKT_OK;
}

gkt_status gkt_newton_path_look(gkt_newton *s) {
  const gkt_nonlinear_path *path = s->system->path;
  gkt_status status = GKT_OK;
  if (!path) return GKT_OK;
  s->has_tangent = false;
  GKT_OUTSIDE(s, status = path->slope(path->user, s->u, s->A, s->slope));
  return status;
}

void gkt_newton_path_first(gkt_newton *s) {
  if (!s->system->path) return;
  gkt_vector_copy(s->slope, s->next_b);
  gkt_mask_zero(&s->constrained, s->next_b);
  gkt_vector_scale(s->next_b, s->factor * s->system->path->length);
  s->first = fmax(s->first, gkt_vector_norm(s->next_b));
  gkt_newton_raise_rows(s, s->next_b);
}

double gkt_newton_path_length(const gkt_newton *s, const gkt_vector *d, double dt) {
  return s->system->path ? hypot(gkt_vector_norm(d), s->system->path->scale * dt) : gkt_vector_norm(d);
}

static gkt_status find_tangent(gkt_newton *s) {
  gkt_linear_report report = {0};
  gkt_vector_copy(s->slope, s->next_b);
  gkt_vector_scale(s->next_b, -s->factor);
  gkt_mask_zero(&s->constrained, s->next_b);
  GKT_TRY(gkt_newton_correct(s, s->next_b, s->tangent, &report));
  gkt_mask_take(&s->constrained, s->slope, s->tangent);
  s->has_tangent = true;
  gkt_linear_report_clear(&report);
  return GKT_OK;
}

gkt_status gkt_newton_path_turn(gkt_newton *s, gkt_vector *d, double *dt) {
  const gkt_nonlinear_path *path = s->system->path;
  if (!path) return GKT_OK;
  if (!s->has_tangent) GKT_TRY(find_tangent(s));
  *dt = -gkt_vector_dot(path->plane, d) / (path->plane_t + gkt_vector_dot(path->plane, s->tangent));
  gkt_vector_axpy(*dt, s->tangent, d);
  return GKT_OK;
}
