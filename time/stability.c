/* How long explicit steps may be: by the largest eigenvalue of K/m, of the tangent by u and lumped masses. */
#include <math.h>

#include "time/time.h"

/* ---- the largest |eigenvalue|, from below, by powers ---- */
typedef struct {
  gkt_vector *x, *image, *inverse; /* on the host; inverse: of masses */
} powers;

/* From a start that no mode is orthogonal to, or from where the last look ended. */
static void begin(const gkt_time *t, gkt_vector *x) {
  gkt_scalar *values = gkt_vector_values(x);
  const bool knows = t->mode && gkt_vector_norm(t->mode) > 0;
  for (gkt_idx i = 0; i < gkt_vector_size(x); i++) values[i] = knows ? gkt_vector_read(t->mode)[i] : 1 + ((uint32_t)i * UINT32_C(2654435761) >> 31);
}

static double iterate(gkt_time *t, const powers *p) {
  enum { MOST = 60, LEAST = 10, LEAST_AGAIN = 3 };
  const int least = t->mode && gkt_vector_norm(t->mode) > 0 ? LEAST_AGAIN : LEAST;
  double largest = 0;
  begin(t, p->x);
  gkt_mask_zero(&(gkt_mask){.skip = gkt_system_layout(t->system)->constrained}, p->x);
  for (int k = 0; k < MOST; k++) {
    const double size = gkt_vector_norm(p->x), before = largest;
    if (size == 0) break;
    gkt_vector_scale(p->x, 1 / size);
    gkt_csr_multiply(t->tangent, gkt_vector_read(p->x), gkt_vector_values(p->image));
    gkt_vector_copy(p->image, p->x), gkt_vector_multiply(1, p->inverse, p->x);
    largest = gkt_vector_norm(p->x);
    if (k > least && fabs(largest - before) < 1e-3 * largest) break;
  }
  if (t->mode) gkt_vector_copy(p->x, t->mode);
  return largest;
}

static gkt_status find_largest(gkt_time *t, double *out) {
  const gkt_state now = gkt_time_state(t), at = {now.u, gkt_scheme_rates(&t->options.scheme) == 2 ? now.rate : NULL, NULL, now.time};
  powers p = {0};
  gkt_status status;
  if (!t->tangent) GKT_TRY(gkt_system_matrix(t->system, &t->tangent));
  GKT_TRY(gkt_system_tangent(t->system, &at, (gkt_shifts){.value = 1}, t->tangent));
  GKT_GO(gkt_system_vector(t->system, &p.x));
  GKT_GO(gkt_system_vector(t->system, &p.image));
  GKT_GO(gkt_system_vector(t->system, &p.inverse));
  GKT_GO(gkt_vector_to(t->masses, p.inverse));
  *out = iterate(t, &p);
done:
  gkt_vector_destroy(&p.x), gkt_vector_destroy(&p.image), gkt_vector_destroy(&p.inverse);
  return status;
}

/* ---- lengths ---- */
/* Where the region of stability ends: on the negative real axis, on the imaginary one, for u'' in the square of the frequency. */
static double stable(const gkt_scheme *s, double largest, bool symmetric) {
  if (s->kind == GKT_SCHEME_CENTRAL_DIFFERENCE) return 2 / sqrt(largest);
  if (s->kind == GKT_SCHEME_SSP3) return (symmetric ? 2.51 : 1.73) / largest;
  return (symmetric ? 2.78 : 2.82) / largest;
}

/* Of what eigenvalues say, from below. Lengths that vary are stable a little less far, and eigenvalues may grow until they are looked at again. */
static const double MARGIN = 1.02, MARGIN_OF_ADAPTIVE = 1.25;
static gkt_status find_stable(gkt_time *t, double *largest, double *most) {
  gkt_system_facts facts;
  GKT_TRY(find_largest(t, largest));
  GKT_TRY(gkt_system_get_facts(t->system, &facts));
  *most = *largest > 0 ? stable(&t->options.scheme, (gkt_time_adapts(t) ? MARGIN_OF_ADAPTIVE : MARGIN) * *largest, facts.symmetric) : INFINITY;
  return GKT_OK;
}

/* A look costs a tangent and some products: where little changes there are fewer. */
enum { LONGEST_PAUSE = 8 };
static gkt_size next_pause(const gkt_time *t, double before) {
  const double change = before > 0 && t->stable > 0 ? fabs(t->stable / before - 1) : 1;
  if (change > 0.02) return change > 0.05 ? 1 : t->pause;
  return t->pause < LONGEST_PAUSE ? 2 * t->pause : LONGEST_PAUSE;
}

/* An adaptive step of rk4 is two. */
static gkt_status learn(gkt_time *t, double *largest, double *most) {
  const double before = t->stable;
  GKT_TRY(find_stable(t, largest, most));
  t->stable = isfinite(*most) ? (t->options.scheme.kind == GKT_SCHEME_RK4 ? 2 : 1) * *most : 0;
  t->looked = t->num_steps, t->pause = next_pause(t, before);
  return GKT_OK;
}

gkt_status gkt_time_check_stability(gkt_time *t) {
  double largest, most;
  char word[60];
  gkt_vector_destroy(&t->mode);
  t->stable = 0;
  if (gkt_time_follows_stability(t)) GKT_TRY(gkt_system_vector(t->system, &t->mode));
  GKT_TRY(gkt_time_adapts(t) ? learn(t, &largest, &most) : find_stable(t, &largest, &most));
  if (!gkt_time_follows_stability(t)) gkt_csr_destroy(&t->tangent);
  if (t->options.step <= most || gkt_time_adapts(t)) return GKT_OK;
  gkt_scheme_print(&t->options.scheme, sizeof word, word);
  return gkt_fail(t->ctx, GKT_BAD_INPUT,
                  "a step of %.4g is not stable with %s: the largest eigenvalue of the equation at the start is %.4g; expected at most %.4g, or an implicit scheme",
                  t->options.step, word, largest, most);
}

/* ---- of adaptive steps ---- */
bool gkt_time_follows_stability(const gkt_time *t) { return gkt_time_adapts(t) && gkt_scheme_is_explicit(&t->options.scheme) && !gkt_system_is_constant(t->system); }

gkt_status gkt_time_follow_stability(gkt_time *t) {
  double largest, most;
  return gkt_time_follows_stability(t) && t->num_steps - t->looked >= t->pause ? learn(t, &largest, &most) : GKT_OK;
}
