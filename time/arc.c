/* Paths of solutions by Keller's pseudo-arc-length: a predictor along the tangent, a correction in the plane across it, with t unknown (galerkit/system.h). */
#include <math.h>
#include <stdlib.h>

#include "time/time.h"

static const double SHARPEST = 0.5, GENTLE = 0.35; /* cosine of the largest turn in a step; the turn, in radians, that steps aim at */
static const double FLAT = 1e-5;                   /* dt/ds at what counts as a limit point: t is off by the square of that */
enum { ITERATIONS = 6, MOST_SEARCHES = 10, LEAST = 1024 };

/* ---- lengths: ds^2 = (|du|^2 + dt^2)/2 ---- */
static double multiply(const gkt_time *t, const gkt_vector *a, const gkt_vector *b) {
  const gkt_layout *l = gkt_system_layout(t->system);
  const gkt_scalar *x = gkt_vector_read(a), *y = gkt_vector_read(b);
  double sum = 0;
  for (int k = 0; k < t->num_blocks; k++) {
    double part = 0;
    for (gkt_idx i = l->blocks[k].first; i < l->blocks[k].first + l->blocks[k].count; i++) part += x[i] * y[i];
    sum += t->path.weights[k] * part;
  }
  return 0.5 * sum;
}

static double multiply_directions(const gkt_time *t, const gkt_path_point *a, const gkt_path_point *b) {
  return multiply(t, a->direction, b->direction) + 0.5 * a->slope * b->slope;
}

/* The chord. work: overwritten */
static double distance(const gkt_time *t, const gkt_path_point *a, const gkt_path_point *b, gkt_vector *work) {
  gkt_vector_copy(b->u, work);
  gkt_vector_axpy(-1, a->u, work);
  return sqrt(multiply(t, work, work) + 0.5 * (b->time - a->time) * (b->time - a->time));
}

static double mean_square(const gkt_vector *v, const gkt_layout_block *block) {
  double sum = 0;
  for (gkt_idx i = block->first; i < block->first + block->count; i++) sum += gkt_vector_read(v)[i] * gkt_vector_read(v)[i];
  return sum / block->count;
}

/* Units in which du/dt is 1; of a field that does not move at the start, its own size, or 1 where it has none. */
static void choose_weights(gkt_time *t, const gkt_vector *slope) {
  const gkt_layout *l = gkt_system_layout(t->system);
  int counted = 0;
  t->path.scale = 0;
  for (int k = 0; k < t->num_blocks; k++) counted += t->kinds[k] != GKT_MULTIPLIER;
  for (int k = 0; k < t->num_blocks; k++) {
    const double moves = mean_square(slope, &l->blocks[k]), size = mean_square(t->u, &l->blocks[k]), unit = moves > 0 ? moves : size > 0 ? size : 1;
    t->path.weights[k] = t->kinds[k] == GKT_MULTIPLIER ? 0 : 1 / (counted * unit * l->blocks[k].count);
    if (t->kinds[k] != GKT_MULTIPLIER) t->path.scale += unit * l->blocks[k].count;
  }
  t->path.scale = sqrt(t->path.scale);
}

/* ---- points ---- */
/* The direction of du/dt, 1 that goes on as `along` does; NULL: to larger t. */
static void orient(gkt_time *t, gkt_path_point *p, const gkt_path_point *along) {
  const double size = sqrt(multiply(t, p->direction, p->direction) + 0.5);
  p->slope = 1 / size;
  gkt_vector_scale(p->direction, 1 / size);
  if (!along || multiply_directions(t, p, along) >= 0) return;
  p->slope = -p->slope;
  gkt_vector_scale(p->direction, -1);
}

/* At a solution; not valid where the tangent is singular. */
static gkt_status find_slope(gkt_time *t, gkt_path_point *p, gkt_step_report *report) {
  gkt_time_clear_report(t);
  GKT_TRY(gkt_system_set_time(t->system, p->time));
  const gkt_status status = gkt_system_slope(t->system, &t->options.solve, p->u, p->direction, &p->num_negative, &t->report);
  gkt_time_count(t, status, true, report);
  return status;
}

/* From a guess in p to the solution in the plane across a direction. */
static gkt_status correct(gkt_time *t, gkt_path_point *p, const gkt_path_point *across, double length, gkt_step_report *report) {
  const gkt_layout *l = gkt_system_layout(t->system);
  const gkt_plane plane = {t->path.normal, 0.5 * across->slope, t->path.scale, length};
  gkt_scalar *normal = gkt_vector_values(t->path.normal);
  for (int k = 0; k < t->num_blocks; k++)
    for (gkt_idx i = l->blocks[k].first; i < l->blocks[k].first + l->blocks[k].count; i++) normal[i] = 0.5 * t->path.weights[k] * gkt_vector_read(across->direction)[i];
  gkt_time_clear_report(t);
  GKT_TRY(gkt_system_set_time(t->system, p->time));
  const gkt_status status = gkt_system_solve_on(t->system, &t->path.solve, &plane, p->u, &t->report);
  gkt_time_count(t, status, false, report);
  p->time = gkt_system_state(t->system, p->u).time;
  return status;
}

/* The report of the solve stays the last one. */
static gkt_status find_direction(gkt_time *t, gkt_path_point *p, const gkt_path_point *along, gkt_step_report *report) {
  gkt_solve_report solved = t->report;
  t->report = (gkt_solve_report){0};
  const gkt_status status = find_slope(t, p, report);
  if (status == GKT_OK && report->valid) {
    gkt_time_clear_report(t);
    t->report = solved, report->report = solved, report->reason[0] = 0;
    orient(t, p, along);
  } else gkt_solve_report_clear(&solved);
  return status;
}

/* to: the point at a length from `from`, along its direction */
static gkt_status reach(gkt_time *t, const gkt_path_point *from, double length, gkt_path_point *to, gkt_step_report *report) {
  gkt_vector_copy(from->u, to->u);
  gkt_vector_axpy(length, from->direction, to->u);
  to->time = from->time + length * from->slope;
  GKT_TRY(correct(t, to, from, length, report));
  return report->valid ? find_direction(t, to, from, report) : GKT_OK;
}

/* ---- between two points: Hermite's cubic in s, s = 0 at a, 1 at b, which are `length` apart ---- */
static void hermite(double s, double length, double of[4]) { /* parts of a, its direction, b, its direction */
  of[0] = (1 + 2 * s) * (1 - s) * (1 - s), of[1] = length * s * (1 - s) * (1 - s);
  of[2] = s * s * (3 - 2 * s), of[3] = length * s * s * (s - 1);
}

static double time_at(const gkt_path_point *a, const gkt_path_point *b, double length, double s) {
  double of[4];
  hermite(s, length, of);
  return of[0] * a->time + of[1] * a->slope + of[2] * b->time + of[3] * b->slope;
}

static void interpolate(const gkt_path_point *a, const gkt_path_point *b, double length, double s, gkt_path_point *out) {
  double of[4];
  hermite(s, length, of);
  gkt_vector_copy(a->u, out->u);
  gkt_vector_scale(out->u, of[0]);
  gkt_vector_axpy(of[1], a->direction, out->u);
  gkt_vector_axpy(of[2], b->u, out->u);
  gkt_vector_axpy(of[3], b->direction, out->u);
  out->time = time_at(a, b, length, s);
  gkt_vector_copy(a->direction, out->direction);
  gkt_vector_scale(out->direction, 1 - s);
  gkt_vector_axpy(s, b->direction, out->direction);
  out->slope = (1 - s) * a->slope + s * b->slope;
}

/* ---- limit points ---- */
typedef struct { /* in s, and dt/ds there */
  double low, high, at_low, at_high;
  int side; /* which was replaced last */
} bracket;
static double guess_root(const bracket *r) { return (r->low * r->at_high - r->high * r->at_low) / (r->at_high - r->at_low); }
/* False positions; an end that stays twice counts half (the Illinois rule). */
static void narrow(bracket *r, double s, double slope) {
  const int side = (slope > 0) == (r->at_low > 0) ? -1 : 1;
  if (side < 0) r->low = s, r->at_low = slope, r->at_high *= r->side == side ? 0.5 : 1;
  else r->high = s, r->at_high = slope, r->at_low *= r->side == side ? 0.5 : 1;
  r->side = side;
}

/* Solutions between a and b in the plane across the way, until dt/ds is 0 there; the last one is in path.limit, or the interpolation where none was found. across, p: work */
static gkt_status search(gkt_time *t, const gkt_path_point *a, const gkt_path_point *b, gkt_path_point *across, gkt_path_point *p, gkt_step_report *report) {
  const double length = distance(t, a, b, t->path.normal);
  bracket r = {0, 1, a->slope, b->slope, 0};
  interpolate(a, b, length, guess_root(&r), t->path.limit);
  for (int k = 0; k < MOST_SEARCHES; k++) {
    const double s = guess_root(&r);
    interpolate(a, b, length, s, p);
    gkt_vector_copy(p->direction, across->direction), across->slope = p->slope;
    GKT_TRY(correct(t, p, across, length, report));
    if (report->valid) GKT_TRY(find_direction(t, p, across, report));
    if (!report->valid) return GKT_OK;
    const gkt_path_point before = *t->path.limit;
    *t->path.limit = *p, *p = before;
    t->path.has_limit = true;
    if (fabs(t->path.limit->slope) <= FLAT) return GKT_OK;
    narrow(&r, s, t->path.limit->slope);
  }
  return GKT_OK;
}

static gkt_status create_point(const gkt_time *t, gkt_path_point *p) {
  if (!p->u) GKT_TRY(gkt_system_vector(t->system, &p->u));
  return p->direction ? GKT_OK : gkt_system_vector(t->system, &p->direction);
}

static void destroy_point(gkt_path_point *p) { gkt_vector_destroy(&p->u), gkt_vector_destroy(&p->direction); }

/* Where dt/ds is 0. */
static gkt_status locate(gkt_time *t, const gkt_path_point *a, const gkt_path_point *b, gkt_step_report *report) {
  gkt_path_point across = {0}, work = {0};
  gkt_solve_report solved = t->report;
  gkt_step_report found = {0};
  gkt_status status;
  t->report = (gkt_solve_report){0};
  GKT_GO(create_point(t, &across));
  GKT_GO(create_point(t, &work));
  GKT_GO(search(t, a, b, &across, &work, &found));
  if (!t->path.has_limit) gkt_log(t->ctx, GKT_LOG_NOTICE, "the limit point near t = %.6g is interpolated: %s", t->path.limit->time, found.reason);
  t->path.has_limit = true;
  gkt_time_add_counts(&found, report);
done:
  gkt_time_clear_report(t);
  t->report = solved;
  destroy_point(&across), destroy_point(&work);
  return status;
}

/* At a fold one eigenvalue changes its sign, and nowhere else does one, unless solutions branch off. */
static void look_for_branches(const gkt_time *t, const gkt_path_point *a, const gkt_path_point *b) {
  const int change = abs(b->num_negative - a->num_negative), more = change - t->path.has_limit;
  if (a->num_negative < 0 || b->num_negative < 0 || more == 0) return;
  gkt_log(t->ctx, GKT_LOG_WARNING,
          "between t = %.6g and t = %.6g of the path %d eigenvalue%s of the tangent change%s sign%s: other solutions branch off there, which are not followed", a->time, b->time,
          change, change == 1 ? "" : "s", change == 1 ? "s" : "", t->path.has_limit ? ", and a limit point accounts for one" : "");
}

/* ---- steps ---- */
static bool turns_back(const gkt_path_point *a, const gkt_path_point *b) { return (a->slope > 0) != (b->slope > 0); }

/* Where the path reaches a time between a and b, before the limit point if there is one: the plain solution there, in b. */
static gkt_status hit(gkt_time *t, const gkt_path_point *a, gkt_path_point *b, double time, gkt_step_report *report) {
  const gkt_path_point *to = t->path.has_limit && (t->path.limit->time - time) * (a->time - time) < 0 ? t->path.limit : b;
  const double length = distance(t, a, to, t->path.normal), sign = to->time > a->time ? 1 : -1;
  double low = 0, high = 1;
  gkt_path_point guess = {0};
  gkt_status status;
  GKT_GO(create_point(t, &guess));
  for (int k = 0; k < 60; k++) {
    const double s = 0.5 * (low + high);
    if (sign * (time_at(a, to, length, s) - time) < 0) low = s;
    else high = s;
  }
  interpolate(a, to, length, low, &guess);
  gkt_vector_copy(guess.u, b->u);
  if (to != b) t->path.has_limit = false;
  b->time = time;
  GKT_GO(gkt_system_set_time(t->system, time));
  GKT_GO(gkt_system_lift(t->system, b->u));
  GKT_GO(gkt_time_solve(t, b->u, report));
  if (report->valid && distance(t, &guess, b, t->path.normal) > length) {
    report->valid = false;
    snprintf(report->reason, sizeof report->reason, "at t = %.9g the solution found is not the one of the path; expected shorter steps", time);
  }
  if (report->valid) GKT_GO(find_direction(t, b, &guess, report));
done:
  destroy_point(&guess);
  return status;
}

static void accept(gkt_time *t, double length) {
  gkt_path_point *before = t->path.now;
  gkt_vector_copy(t->u, t->parts[GKT_BEFORE]);
  t->path.now = t->path.end, t->path.end = before;
  gkt_vector_copy(t->path.now->u, t->u);
  t->time = t->path.now->time, t->before = length, t->num_steps++;
}

/* The path's way to a step's end, if it is worth taking. */
static void check_turn(const gkt_time *t, double length, gkt_step_report *report) {
  const double cosine = multiply_directions(t, t->path.now, t->path.end);
  if (cosine >= SHARPEST || length <= 2 * t->options.step / LEAST) return;
  report->valid = false;
  snprintf(report->reason, sizeof report->reason, "the path turns by %.0f degrees in a step; expected a shorter one", acos(fmax(cosine, -1)) * 180 / M_PI);
}

static bool passes(const gkt_time *t, double time) {
  const double a = t->path.now->time - time, b = t->path.end->time - time, c = t->path.has_limit ? t->path.limit->time - time : b;
  return a != 0 && (a * b <= 0 || a * c < 0);
}

/* end: NULL: nowhere */
static gkt_status take(gkt_time *t, double length, const double *end, gkt_step_report *report) {
  gkt_path *p = &t->path;
  p->has_limit = false;
  report->step = length, report->time = p->now->time, report->valid = false;
  if (!(length > 0) || !isfinite(length)) return gkt_fail(t->ctx, GKT_BAD_ARGUMENT, "a step of length %g; expected one above 0", length);
  GKT_TRY(reach(t, p->now, length, p->end, report));
  p->iterations = t->report.newton.iterations;
  if (report->valid) check_turn(t, length, report);
  if (report->valid && turns_back(p->now, p->end)) GKT_TRY(locate(t, p->now, p->end, report));
  if (report->valid && end && passes(t, *end)) GKT_TRY(hit(t, p->now, p->end, *end, report));
  report->time = p->end->time, report->report = t->report;
  if (report->valid) {
    gkt_vector_copy(p->end->u, t->u);
    GKT_TRY(gkt_time_commit(t, p->end->time, report));
    gkt_vector_copy(p->now->u, t->u);
  }
  p->has_limit = p->has_limit && report->valid;
  if (!report->valid) return gkt_system_set_time(t->system, t->time);
  look_for_branches(t, p->now, p->end);
  accept(t, length);
  return gkt_system_set_time(t->system, t->time); /* a limit point may have been looked at last */
}

gkt_status gkt_time_step_arc(gkt_time *t, double length, gkt_step_report *report) {
  GKT_TRY(take(t, length, NULL, report));
  report->steps = report->valid;
  return GKT_OK;
}

/* By the iterations of the last step, and its turn. */
static double next_length(const gkt_time *t, double length, int iterations) {
  const double turn = acos(fmin(1, fmax(-1, multiply_directions(t, t->path.now, t->path.end)))); /* end: the point before */
  const double factor = fmin(sqrt((double)ITERATIONS / (iterations ? iterations : 1)), turn > 0 ? GENTLE / turn : 2);
  const double longest = t->options.longest > 0 ? t->options.longest : 100 * t->options.step;
  return fmin(longest, fmax(length * fmin(2, fmax(0.5, factor)), t->options.step / LEAST));
}

gkt_status gkt_time_advance_arc(gkt_time *t, double time, gkt_step_report *report) {
  double length = t->path.next;
  if (t->time == time) return report->valid = true, report->time = time, GKT_OK;
  for (;;) {
    GKT_TRY(take(t, length, &time, report));
    if (report->valid || t->report.cancelled || length < 2 * t->options.step / LEAST) break;
    report->rejected++, length *= 0.5;
  }
  report->steps = report->valid;
  if (report->valid) t->path.next = next_length(t, length, t->path.iterations);
  return GKT_OK;
}

/* ---- life ---- */
gkt_status gkt_time_create_arc(gkt_time *t) {
  gkt_path *p = &t->path;
  if (!p->weights) GKT_TRY(gkt_calloc(t->ctx, t->num_blocks, sizeof *p->weights, &p->weights));
  if (!p->normal) GKT_TRY(gkt_system_vector(t->system, &p->normal));
  for (int k = 0; k < 3; k++) GKT_TRY(create_point(t, &p->points[k]));
  p->solve = t->options.solve, p->solve.newton.load_steps = 1;
  p->now = &p->points[0], p->end = &p->points[1], p->limit = &p->points[2];
  return GKT_OK;
}

gkt_status gkt_time_begin_arc(gkt_time *t, gkt_step_report *report) {
  GKT_TRY(gkt_time_create_arc(t));
  gkt_path_point *p = t->path.now;
  gkt_vector_copy(t->u, p->u);
  p->time = t->time, t->path.next = t->options.step, t->path.has_limit = false;
  GKT_TRY(find_slope(t, p, report));
  if (!report->valid) return GKT_OK;
  choose_weights(t, p->direction);
  orient(t, p, NULL);
  return GKT_OK;
}

/* ---- records ---- */
enum { NEXT, SLOPE, NUM_NEGATIVE, SCALE, FIRST_WEIGHT };
static bool is_arc(const gkt_time *t) { return t->options.scheme.kind == GKT_SCHEME_ARC_LENGTH; }
gkt_size gkt_time_arc_size(const gkt_time *t) { return is_arc(t) ? FIRST_WEIGHT + t->num_blocks : 0; }

void gkt_time_get_arc(const gkt_time *t, gkt_scalar *out) {
  const gkt_path *p = &t->path;
  if (!is_arc(t)) return;
  out[NEXT] = p->next, out[SLOPE] = p->now->slope, out[NUM_NEGATIVE] = p->now->num_negative, out[SCALE] = p->scale;
  for (int k = 0; k < t->num_blocks; k++) out[FIRST_WEIGHT + k] = p->weights[k];
}

void gkt_time_set_arc(gkt_time *t, const gkt_scalar *from) {
  gkt_path *p = &t->path;
  if (!is_arc(t)) return;
  gkt_vector_copy(t->u, p->now->u);
  p->now->time = t->time, p->has_limit = false;
  p->next = from[NEXT], p->now->slope = from[SLOPE], p->now->num_negative = (int)from[NUM_NEGATIVE], p->scale = from[SCALE];
  for (int k = 0; k < t->num_blocks; k++) p->weights[k] = from[FIRST_WEIGHT + k];
}

void gkt_time_end_arc(gkt_time *t) {
  gkt_free(&t->path.weights);
  gkt_vector_destroy(&t->path.normal);
  for (int k = 0; k < 3; k++) destroy_point(&t->path.points[k]);
}

gkt_state gkt_time_limit_point(const gkt_time *t) { return t->path.has_limit ? (gkt_state){.u = t->path.limit->u, .time = t->path.limit->time} : (gkt_state){.time = t->time}; }
