/* Is the tangent that was written by hand the derivative of the function? Central differences of decreasing step, extrapolated to step 0 by Neville's scheme; the entry of the
   tableau with the least estimated error is taken (Ridders, Advances in Engineering Software 4, 1982). */
#include <math.h>
#include <string.h>

#include "forms/type.h"

enum { LEVELS = 14 };
static const double SHRINK = 0.5, FIRST_STEP = 0.05; /* of the scale of an argument */

typedef struct {
  const gkt_external_record *record;
  const gkt_scalar *point, *scales; /* [num_inputs]; scales NULL: by the point */
  gkt_scalar *given, *differences;  /* [num_results][num_derived] */
  gkt_scalar *uncertain;            /* [num_results][num_derived] error of a difference, estimated */
} comparison;
typedef struct { /* the worst so far */
  double error;
  int result, input;
  gkt_size point;
  gkt_scalar given, expected;
  enum { WRONG, UNSETTLED, NOT_SYMMETRIC } kind;
} finding;

static int argument_of(const gkt_external_record *r, int input, int *first, int *size) {
  int i = 0;
  for (*first = 0; *first + (*size = gkt_shape_size(r->law.arguments[i])) <= input; i++) *first += *size;
  return i;
}

static double scale_of(const comparison *c, int input) {
  int first, size;
  double largest = 0;
  if (c->scales && c->scales[input] != 0) return fabs(c->scales[input]);
  argument_of(c->record, input, &first, &size);
  for (int j = first; j < first + size; j++) largest = fmax(largest, fabs(c->point[j]));
  return largest > 0 ? largest : 1;
}

static void central(const comparison *c, int input, double step, gkt_scalar *out, double *noise) {
  const gkt_external_record *r = c->record;
  gkt_scalar in[GKT_MAX_EXTERNAL_INPUTS], values[2][9];
  memcpy(in, c->point, (size_t)r->num_inputs * sizeof *in);
  volatile gkt_scalar high = c->point[input] + step, low = c->point[input] - step; /* the steps that were made, not those that were meant */
  in[input] = high;
  r->law.function(r->law.user, 1, 1, in, values[0]);
  in[input] = low;
  r->law.function(r->law.user, 1, 1, in, values[1]);
  for (int k = 0; k < r->num_results; k++) {
    out[k] = (values[0][k] - values[1][k]) / (high - low);
    noise[k] = 4 * 2.3e-16 * fmax(fabs(values[0][k]), fabs(values[1][k])) / (high - low);
  }
}

/* Column `input` of the differences. table[i][k]: the tableau's last row, of k extrapolations. */
static void differentiate(const comparison *c, int input) {
  int n = c->record->num_results, m = c->record->num_derived;
  gkt_scalar last[LEVELS][9], next[LEVELS][9];
  double step = FIRST_STEP * scale_of(c, input), noise[9];
  for (int k = 0; k < n; k++) c->uncertain[k * m + input] = INFINITY, c->differences[k * m + input] = NAN;
  for (int i = 0; i < LEVELS; i++, step *= SHRINK) {
    central(c, input, step, next[0], noise);
    double factor = 1;
    for (int j = 1; j <= i; j++) {
      factor /= SHRINK * SHRINK;
      for (int k = 0; k < n; k++) {
        next[j][k] = (factor * next[j - 1][k] - last[j - 1][k]) / (factor - 1);
        double error = noise[k] + fmax(fabs(next[j][k] - next[j - 1][k]), fabs(next[j][k] - last[j - 1][k]));
        if (!(error < c->uncertain[k * m + input])) continue;
        c->uncertain[k * m + input] = error;
        c->differences[k * m + input] = next[j][k];
      }
    }
    memcpy(last, next, sizeof last);
  }
}

static void note(finding *f, double error, int kind, int result, int input, gkt_size point, gkt_scalar given, gkt_scalar expected) {
  if (error <= f->error) return; /* what is not a number is noted as infinite */
  *f = (finding){isnan(error) ? INFINITY : error, result, input, point, given, expected, kind};
}

/* The largest derivative by the argument that `input` belongs to, given or found. */
static double size_of_block(const comparison *c, int input) {
  int n = c->record->num_results, m = c->record->num_derived, first, size;
  double largest = 0;
  argument_of(c->record, input, &first, &size);
  for (int k = 0; k < n; k++)
    for (int j = first; j < first + size; j++) largest = fmax(largest, fmax(fabs(c->given[k * m + j]), fabs(c->differences[k * m + j])));
  return largest > 0 ? largest : 1;
}

static void compare(const comparison *c, double tolerance, gkt_size point, finding *f) {
  const gkt_external_record *r = c->record;
  int n = r->num_results, m = r->num_derived;
  for (int j = 0; j < m; j++) {
    double size = size_of_block(c, j);
    for (int k = 0; k < n; k++) {
      double given = c->given[k * m + j], expected = c->differences[k * m + j], uncertain = c->uncertain[k * m + j] / size, error = fabs(given - expected) / size;
      if (isnan(error)) error = INFINITY;
      if (uncertain > tolerance && !(error > 2 * uncertain)) note(f, uncertain, UNSETTLED, k, j, point, given, expected);
      else note(f, error, WRONG, k, j, point, given, expected);
      if (r->law.symmetric && j < k) note(f, fabs(given - c->given[j * m + k]) / size, NOT_SYMMETRIC, k, j, point, given, c->given[j * m + k]);
    }
  }
}

static void check_point(const comparison *c, double tolerance, gkt_size point, finding *f) {
  const gkt_external_record *r = c->record;
  int entries = r->num_results * r->num_derived;
  for (int i = 0; i < entries; i++) c->given[i] = NAN;
  r->law.tangent(r->law.user, 1, 1, c->point, c->given);
  for (int i = 0; i < entries; i++)
    if (r->zeros[i]) c->given[i] = 0;
  for (int j = 0; j < r->num_derived; j++) differentiate(c, j);
  compare(c, tolerance, point, f);
}

static gkt_status report(const gkt_scope *s, const gkt_external_record *r, const finding *f, double tolerance) {
  static const char *const words[] = {"; expected %.9g by differences of the function",
                                      "; differences of the function do not settle (%.9g): expected points away from kinks and jumps",
                                      "; expected %.9g, its mirror image, as the tangent is declared symmetric"};
  int first, size, argument = argument_of(r, f->input, &first, &size);
  char expected[120];
  if (f->error <= tolerance) return GKT_OK;
  bool zero = f->kind == WRONG && r->zeros[f->result * r->num_derived + f->input];
  snprintf(expected, sizeof expected, words[f->kind], f->expected);
  return gkt_fail(s->ctx, GKT_BAD_INPUT, "the tangent of '%s' at point %lld: derivative [%d][%d], of component %d of the result by component %d of argument %d, %s %.9g%s", r->name,
                  (long long)f->point, f->result, f->input, f->result, f->input - first, argument + 1, zero ? "was declared" : "is", f->given, expected);
}

gkt_status gkt_external_check(const gkt_scope *s, int external, gkt_size num_points, const gkt_scalar *arguments, const gkt_scalar *scales, double tolerance, double *worst) {
  const gkt_externals *all = gkt_graph_get_externals(s->graph);
  gkt_scalar *work = NULL;
  finding f = {.error = -1};
  if (external < 0 || external >= all->count) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_external_check: custom function %d; the scope has %d", external, all->count);
  const gkt_external_record *r = all->records[external];
  gkt_size entries = (gkt_size)r->num_results * r->num_derived;
  if (!r->law.tangent) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_external_check: '%s' was added without a tangent", r->name);
  if (tolerance == 0) tolerance = 1e-6;
  GKT_TRY(gkt_external_check_layout(s->ctx, r, num_points, arguments));
  GKT_TRY(gkt_alloc(s->ctx, 3 * entries, sizeof *work, &work));
  for (gkt_size p = 0; p < num_points; p++) {
    comparison c = {r, arguments + p * r->num_inputs, scales, work, work + entries, work + 2 * entries};
    check_point(&c, tolerance, p, &f);
  }
  gkt_free(&work);
  if (worst) *worst = fmax(f.error, 0);
  return report(s, r, &f, tolerance);
}
