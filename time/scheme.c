/* Schemes: their words, and what they look at (galerkit/time.h). */
#include "time/scheme.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

typedef struct {
  const char *word;
  int num_parameters;
  double defaults[2];
  int rate_order, order;
} row;
static const row table[GKT_NUM_SCHEMES] = {
#define X(name, word, count, first, second, rate_order, order) {word, count, {first, second}, rate_order, order},
    GKT_SCHEME_LIST(X)
#undef X
};

/* ---- words ---- */
static gkt_status refuse_word(gkt_context *ctx, const char *word) {
  const char *words[GKT_NUM_SCHEMES];
  gkt_text list = {.ctx = ctx};
  for (int k = 0; k < GKT_NUM_SCHEMES; k++) words[k] = table[k].word, gkt_text_printf(&list, "%s%s", k ? ", " : "", words[k]);
  const char *near = gkt_nearest_word(word, GKT_NUM_SCHEMES, words);
  gkt_status status = list.status;
  if (status == GKT_OK && near) status = gkt_fail(ctx, GKT_BAD_INPUT, "no such scheme; did you mean '%s'? expected one of %s", near, list.data);
  else if (status == GKT_OK) status = gkt_fail(ctx, GKT_BAD_INPUT, "no such scheme; expected one of %s", list.data);
  gkt_text_free(&list);
  return status;
}

static gkt_status check_range(gkt_context *ctx, const gkt_scheme *s) {
  const double *p = s->parameters;
  if (s->kind == GKT_SCHEME_THETA && !(p[0] > 0 && p[0] <= 1)) return gkt_fail(ctx, GKT_BAD_INPUT, "out of range; expected theta above 0, at most 1");
  if (s->kind == GKT_SCHEME_GENERALIZED_ALPHA && !(p[0] >= 0 && p[0] <= 1)) return gkt_fail(ctx, GKT_BAD_INPUT, "out of range; expected a spectral radius from 0 to 1");
  if (s->kind == GKT_SCHEME_NEWMARK && !(p[0] > 0 && p[1] >= 0.5 && p[0] <= 1 && p[1] <= 1))
    return gkt_fail(ctx, GKT_BAD_INPUT, "out of range; expected beta above 0 and gamma from 1/2, at most 1: newmark(0.25, 0.5)");
  return GKT_OK;
}

/* "(0.25, 0.5)" */
static bool read_parameters(const char *text, int count, double *out) {
  char *end;
  if (*text++ != '(') return false;
  for (int k = 0; k < count; k++) {
    if (k && *text++ != ',') return false;
    out[k] = strtod(text, &end);
    if (end == text || !isfinite(out[k])) return false;
    for (text = end; *text == ' '; text++) {
    }
  }
  return text[0] == ')' && !text[1];
}

gkt_status gkt_scheme_read(gkt_context *ctx, const char *text, gkt_scheme *out) {
  const size_t length = strcspn(text, "( ");
  for (int k = 0; k < GKT_NUM_SCHEMES; k++) {
    if (strlen(table[k].word) != length || strncmp(table[k].word, text, length) != 0) continue;
    gkt_scheme s = {(gkt_scheme_kind)k, {table[k].defaults[0], table[k].defaults[1]}};
    const char *rest = text + length + strspn(text + length, " ");
    if (*rest && !(table[k].num_parameters && read_parameters(rest, table[k].num_parameters, s.parameters)))
      return gkt_fail(ctx, GKT_BAD_INPUT, "%s takes %d parameter%s in brackets; expected %s", table[k].word, table[k].num_parameters, table[k].num_parameters == 1 ? "" : "s",
                      table[k].num_parameters == 2 ? "newmark(0.25, 0.5)"
                      : table[k].num_parameters    ? "theta(0.5)"
                                                   : table[k].word);
    GKT_TRY(check_range(ctx, &s));
    *out = s;
    return GKT_OK;
  }
  return refuse_word(ctx, text);
}

void gkt_scheme_print(const gkt_scheme *s, size_t size, char *text) {
  const row *r = &table[s->kind];
  if (r->num_parameters == 0) snprintf(text, size, "%s", r->word);
  else if (r->num_parameters == 1) snprintf(text, size, "%s(%.6g)", r->word, s->parameters[0]);
  else snprintf(text, size, "%s(%.6g, %.6g)", r->word, s->parameters[0], s->parameters[1]);
}

double gkt_scheme_order(const gkt_scheme *s) {
  if (s->kind == GKT_SCHEME_THETA) return s->parameters[0] == 0.5 ? 2 : 1;
  if (s->kind == GKT_SCHEME_NEWMARK) return s->parameters[1] == 0.5 ? 2 : 1;
  return table[s->kind].order;
}

int gkt_scheme_rates(const gkt_scheme *s) { return table[s->kind].rate_order; }
bool gkt_scheme_is_explicit(const gkt_scheme *s) { return s->kind >= GKT_SCHEME_SSP3; }
bool gkt_scheme_is_path(const gkt_scheme *s) { return s->kind == GKT_SCHEME_STATIC || s->kind == GKT_SCHEME_ARC_LENGTH; }
bool gkt_scheme_needs_rates(const gkt_scheme *s) { return table[s->kind].rate_order == 2; }

/* ---- combinations ---- */
static const gkt_combination U1 = {{1}}, U0 = {{0, 1}}, RATE0 = {{0, 0, 1}}, ACCELERATION0 = {{0, 0, 0, 1}};
static gkt_combination add(double x, gkt_combination a, double y, gkt_combination b) {
  gkt_combination sum;
  for (int k = 0; k < GKT_NUM_PARTS; k++) sum.of[k] = x * a.of[k] + y * b.of[k];
  return sum;
}
static gkt_combination between(gkt_combination start, gkt_combination end, double part) { return part == 1 ? end : part == 0 ? start : add(1 - part, start, part, end); }

/* ---- schemes of one slope ---- */
gkt_combination gkt_scheme_slope(double step, double before) {
  const double w = step / before;
  if (before <= 0) return add(1 / step, U1, -1 / step, U0);
  return (gkt_combination){{(1 + 2 * w) / (1 + w) / step, -(1 + w) / step, 0, 0, w * w / (1 + w) / step}};
}

gkt_combination gkt_scheme_of_values(int order, double h, double b) {
  if (order == 1) return b > 0 ? gkt_scheme_slope(h, b) : (gkt_combination){{2 / h, -2 / h, -1}};
  return b > 0 ? (gkt_combination){{2 / (h * (h + b)), -2 / (h * b), 0, 0, 2 / (b * (h + b))}} : (gkt_combination){{2 / (h * h), -2 / (h * h), -2 / h}};
}

/* u where it looks at R: part 0 the start, 1 the end of the step */
static void look(gkt_scheme_plan *p, int k, double weight, double part, gkt_combination d) {
  p->weights[k] = weight, p->times[k] = part;
  for (int kind = 0; kind < GKT_NUM_FIELD_KINDS; kind++) {
    p->stages[k][kind][0] = kind == GKT_MULTIPLIER ? U1 : between(U0, U1, part);
    if (kind >= GKT_FIRST_ORDER) p->stages[k][kind][1] = d;
  }
}

static void plan_slopes(const gkt_scheme *s, double step, double before, gkt_scheme_plan *p) {
  const gkt_combination d = gkt_scheme_slope(step, s->kind == GKT_SCHEME_BDF2 ? before : 0);
  const double theta = s->kind == GKT_SCHEME_CRANK_NICOLSON ? 0.5 : s->kind == GKT_SCHEME_THETA ? s->parameters[0] : 1;
  p->num_stages = theta < 1 ? 2 : 1;
  if (theta < 1) look(p, 0, 1 - theta, 0, d), look(p, 1, theta, 1, d);
  else look(p, 0, 1, s->kind == GKT_SCHEME_MIDPOINT ? 0.5 : 1, d);
  p->end[GKT_FIRST_ORDER][1] = d;
}

/* ---- Newmark's family: ends by Newmark's formulas, R looked at between ---- */
typedef struct {
  double beta, gamma, state, acceleration; /* of u''; where it looks, parts of the end */
  double gamma1, rate;                     /* of u' */
} family;

static family make_family(const gkt_scheme *s) {
  if (s->kind == GKT_SCHEME_NEWMARK) return (family){s->parameters[0], s->parameters[1], 1, 1, s->parameters[1], 1};
  const double rho = s->parameters[0], f = 1 / (1 + rho), m = (2 - rho) / (1 + rho), m1 = 0.5 * (3 - rho) / (1 + rho);
  return (family){0.25 * (1 + m - f) * (1 + m - f), 0.5 + m - f, f, m, 0.5 + m1 - f, m1};
}

static void plan_family(const gkt_scheme *s, double step, gkt_scheme_plan *p) {
  const family f = make_family(s);
  const double b = f.beta * step;
  gkt_combination *first = p->end[GKT_FIRST_ORDER], *second = p->end[GKT_SECOND_ORDER];
  first[1] = (gkt_combination){{1 / (f.gamma1 * step), -1 / (f.gamma1 * step), 1 - 1 / f.gamma1}};
  second[2] = (gkt_combination){{1 / (b * step), -1 / (b * step), -1 / b, 1 - 0.5 / f.beta}};
  second[1] = add(1, add(1, RATE0, step * (1 - f.gamma), ACCELERATION0), step * f.gamma, second[2]);
  p->num_stages = 1, p->weights[0] = 1, p->times[0] = f.state;
  for (int kind = 0; kind < GKT_NUM_FIELD_KINDS; kind++) p->stages[0][kind][0] = kind == GKT_MULTIPLIER ? U1 : between(U0, U1, f.state);
  p->stages[0][GKT_FIRST_ORDER][1] = between(RATE0, first[1], f.rate);
  p->stages[0][GKT_SECOND_ORDER][1] = between(RATE0, second[1], f.state);
  p->stages[0][GKT_SECOND_ORDER][2] = between(ACCELERATION0, second[2], f.acceleration);
}

void gkt_scheme_make_plan(const gkt_scheme *s, double step, double before, gkt_scheme_plan *out) {
  *out = (gkt_scheme_plan){0};
  for (int kind = 0; kind < GKT_NUM_FIELD_KINDS; kind++) out->end[kind][0] = U1;
  if (gkt_scheme_rates(s) == 2) plan_family(s, step, out);
  else plan_slopes(s, step, before, out);
}

/* ---- explicit ---- */
const gkt_butcher *gkt_scheme_butcher(const gkt_scheme *s) {
  static const gkt_butcher ssp3 = {3, {0, 1, 0.5}, {{0}, {1}, {0.25, 0.25}}, {1.0 / 6, 1.0 / 6, 2.0 / 3}};
  static const gkt_butcher rk4 = {4, {0, 0.5, 0.5, 1}, {{0}, {0.5}, {0, 0.5}, {0, 0, 1}}, {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}};
  return s->kind == GKT_SCHEME_RK4 ? &rk4 : &ssp3;
}
