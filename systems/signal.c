/* Discrete coefficients whose values are given at times: linear between them. */
#include <math.h>
#include <string.h>

#include "systems/system.h"

struct gkt_signal {
  gkt_context *ctx;
  gkt_system *s;
  char *name;
  gkt_size num_times, num_dofs, stride; /* stride: of values of one time */
  double *times;
  gkt_scalar *values; /* [num_times][stride] */
};

/* Times k and k + 1, or k alone where the part of the second is 0. */
static gkt_size find_place(const gkt_signal *r, double time, double *second) {
  gkt_size k = 0;
  while (k + 1 < r->num_times && r->times[k + 1] <= time) k++;
  *second = time > r->times[k] && k + 1 < r->num_times ? (time - r->times[k]) / (r->times[k + 1] - r->times[k]) : 0;
  return k;
}

static gkt_status fill(void *user, gkt_scalar time, gkt_scalar *values) {
  const gkt_signal *r = user;
  double part;
  const gkt_scalar *from = r->values + find_place(r, time, &part) * r->stride;
  for (gkt_size i = 0; i < r->num_dofs; i++) {
    const gkt_size j = i % r->stride;
    values[i] = part > 0 ? (1 - part) * from[j] + part * from[r->stride + j] : from[j];
  }
  return GKT_OK;
}

void gkt_signal_spread(const gkt_signal *r, double time, const gkt_scalar *by_values, gkt_scalar *out) {
  double part;
  gkt_scalar *to = out + find_place(r, time, &part) * r->stride;
  for (gkt_size i = 0; i < r->num_dofs; i++) {
    const gkt_size j = i % r->stride;
    to[j] += (1 - part) * by_values[i];
    if (part > 0) to[r->stride + j] += part * by_values[i];
  }
}

gkt_signal *gkt_system_find_signal(const gkt_system *s, int function) {
  const gkt_system_followed *f = gkt_system_find_followed(s, function);
  return f && f->fill == fill ? f->user : NULL;
}

/* ---- creation ---- */
static gkt_status check(const gkt_system *s, const char *name, gkt_size num_times, const double *times, const gkt_space **space) {
  const int function = gkt_scope_find_function(s->scope, name);
  *space = function >= 0 && function < s->num_functions ? s->spaces[function] : NULL;
  if (!*space) return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': no discrete coefficient of the system; expected the name of one", name);
  if (num_times < 1) return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': values at no time; expected at least one", name);
  for (gkt_size k = 0; k < num_times; k++)
    if (!isfinite(times[k]) || (k && !(times[k] > times[k - 1])))
      return gkt_fail(s->ctx, GKT_BAD_INPUT, "'%s': time %lld of its values is %g; expected times that are finite and ascend", name, (long long)k, times[k]);
  return GKT_OK;
}

gkt_status gkt_signal_create(gkt_system *s, const char *name, gkt_size num_times, const double *times, bool is_uniform, gkt_signal **out) {
  gkt_signal *r = NULL;
  const gkt_space *space;
  gkt_status status;
  GKT_TRY(check(s, name, num_times, times, &space));
  GKT_TRY(gkt_calloc(s->ctx, 1, sizeof *r, &r));
  r->ctx = gkt_context_retain(s->ctx), r->s = s, r->num_times = num_times, r->num_dofs = gkt_space_num_dofs(space);
  r->stride = is_uniform ? gkt_space_block_size(space) : r->num_dofs;
  GKT_GO(gkt_strdup(s->ctx, name, &r->name));
  GKT_GO(gkt_alloc(s->ctx, num_times, sizeof *r->times, &r->times));
  memcpy(r->times, times, (size_t)num_times * sizeof *times);
  GKT_GO(gkt_calloc(s->ctx, num_times * r->stride, sizeof *r->values, &r->values));
  GKT_GO(gkt_system_follow_coefficient(s, name, fill, r));
done:
  if (status == GKT_OK) *out = r;
  else gkt_signal_destroy(&r);
  return status;
}

void gkt_signal_destroy(gkt_signal **signal) {
  gkt_signal *r = *signal;
  if (!r) return;
  gkt_free(&r->name);
  gkt_free(&r->times);
  gkt_free(&r->values);
  gkt_context_destroy(&r->ctx);
  gkt_free(signal);
}

/* ---- values ---- */
gkt_size gkt_signal_size(const gkt_signal *r) { return r->num_times * r->stride; }
gkt_size gkt_signal_num_dofs(const gkt_signal *r) { return r->num_dofs; }
const gkt_scalar *gkt_signal_read(const gkt_signal *r) { return r->values; }
gkt_status gkt_signal_set(gkt_signal *r, const gkt_scalar *values) {
  memmove(r->values, values, (size_t)gkt_signal_size(r) * sizeof *values);
  return gkt_system_follow_coefficient(r->s, r->name, fill, r); /* filled anew */
}
