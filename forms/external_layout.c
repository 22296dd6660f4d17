/* Does a custom function give each of several points what it gives it alone, and write nothing else? A mistake with count or stride shows only where more than one point is asked.
 */
#include <math.h>
#include <string.h>

#include "forms/external.h"

enum { COUNT = GKT_LANES, STRIDE = GKT_LANES + 3 };
static const double UNTOUCHED = -1.2345678901234567e200, TOLERANCE = 1e-12; /* a compiler may round loops of several points in another way */

typedef struct {
  const gkt_external_record *record;
  gkt_external_fn *function;
  const bool *zeros; /* [num_out], not looked at; NULL: all are */
  const char *what;
  int num_out;
  gkt_scalar *in, *out; /* [num_inputs][STRIDE], [num_out][STRIDE] */
} layout;

static const gkt_scalar *point_of(const layout *c, gkt_size num_points, const gkt_scalar *arguments, gkt_size first, int lane) {
  return arguments + (first + lane) % num_points * c->record->num_inputs;
}

static bool differ(double a, double b) { return isnan(a) != isnan(b) || fabs(a - b) > TOLERANCE * fmax(fabs(a), fabs(b)); }

/* The largest number of a point decides what is rounding: components that cancel have no digits of their own. */
static gkt_status compare(gkt_context *ctx, const layout *c, const gkt_scalar *alone, int lane, gkt_size point) {
  double largest = 0;
  for (int k = 0; k < c->num_out; k++) largest = isfinite(alone[k]) && !(c->zeros && c->zeros[k]) ? fmax(largest, fabs(alone[k])) : largest;
  for (int k = 0; k < c->num_out; k++) {
    double among = c->out[k * STRIDE + lane];
    if ((c->zeros && c->zeros[k]) || !differ(among, alone[k]) || fabs(among - alone[k]) <= TOLERANCE * largest) continue;
    return gkt_fail(ctx, GKT_BAD_INPUT,
                    "the %s of '%s' at point %lld: number %d is %.9g among %d points, but %.9g alone; expected in[i*stride + p], out[k*stride + p] for p < count", c->what,
                    c->record->name, (long long)point, k, among, COUNT, alone[k]);
  }
  return GKT_OK;
}

static gkt_status check_untouched(gkt_context *ctx, const layout *c) {
  for (int i = 0; i < c->num_out * STRIDE; i++)
    if (i % STRIDE >= COUNT && c->out[i] != UNTOUCHED)
      return gkt_fail(ctx, GKT_BAD_INPUT, "the %s of '%s' writes number %d of point %d, but was asked for %d points; expected out[k*stride + p] for p < count", c->what,
                      c->record->name, i / STRIDE, i % STRIDE, COUNT);
  return GKT_OK;
}

/* COUNT points from `first` on, in a circle. */
static gkt_status check_block(gkt_context *ctx, const layout *c, gkt_size num_points, const gkt_scalar *arguments, gkt_size first) {
  gkt_scalar alone[GKT_MAX_EXTERNAL_OUTPUTS];
  int m = c->record->num_inputs;
  void *user = c->record->law.user;
  for (int i = 0; i < m * STRIDE; i++) c->in[i] = i % STRIDE < COUNT ? point_of(c, num_points, arguments, first, i % STRIDE)[i / STRIDE] : NAN;
  for (int i = 0; i < c->num_out * STRIDE; i++) c->out[i] = UNTOUCHED;
  c->function(user, COUNT, STRIDE, c->in, c->out);
  GKT_TRY(check_untouched(ctx, c));
  for (int l = 0; l < COUNT; l++) {
    c->function(user, 1, 1, point_of(c, num_points, arguments, first, l), alone);
    GKT_TRY(compare(ctx, c, alone, l, (first + l) % num_points));
  }
  return GKT_OK;
}

static gkt_status check(gkt_context *ctx, layout c, gkt_size num_points, const gkt_scalar *arguments) {
  gkt_status status = GKT_OK;
  GKT_GO(gkt_alloc(ctx, (gkt_size)c.record->num_inputs * STRIDE, sizeof *c.in, &c.in));
  GKT_GO(gkt_alloc(ctx, (gkt_size)c.num_out * STRIDE, sizeof *c.out, &c.out));
  for (gkt_size p = 0; p < num_points; p += COUNT) GKT_GO(check_block(ctx, &c, num_points, arguments, p));
done:
  gkt_free(&c.in);
  gkt_free(&c.out);
  return status;
}

gkt_status gkt_external_check_layout(gkt_context *ctx, const gkt_external_record *r, gkt_size num_points, const gkt_scalar *arguments) {
  GKT_TRY(check(ctx, (layout){.record = r, .function = r->law.function, .what = "result", .num_out = r->num_results}, num_points, arguments));
  return check(ctx, (layout){.record = r, .function = r->law.tangent, .zeros = r->zeros, .what = "tangent", .num_out = r->num_results * r->num_derived}, num_points, arguments);
}
