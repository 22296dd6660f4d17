/* Designs: what is sought and what is asked of it, told to the system. */
#include <math.h>
#include <string.h>

#include "forms/form.h"
#include "problem/optimize.h"

/* ---- controls ---- */
static const gkt_filter_settings *filter_of(const gkt_problem *p, int control) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  for (int i = 0; i < o->num_filters; i++)
    if (o->filters[i].control == control) return &o->filters[i];
  return NULL;
}

static gkt_status add_signal(gkt_problem *p, gkt_design_control *c, const gkt_signal *signal) {
  c->size = gkt_signal_size(signal);
  GKT_TRY(gkt_alloc(p->ctx, c->size, sizeof *c->values, &c->values));
  memcpy(c->values, gkt_signal_read(signal), (size_t)c->size * sizeof *c->values);
  return GKT_OK;
}

static gkt_status add_coefficient(gkt_problem *p, gkt_design_control *c) {
  const int function = gkt_scope_find_function(p->scope, c->settings->function);
  const gkt_signal *signal = NULL;
  for (int i = 0; i < p->num_followed; i++) {
    if (p->followed[i].function != function) continue;
    signal = p->followed[i].signal;
    if (!signal)
      return gkt_problem_refuse(p, GKT_BAD_INPUT, &c->settings->name,
                                "a coefficient that depends on t, and a control is the same at all times; expected one that does not, or `times`");
  }
  c->space = p->spaces[function];
  if (signal) GKT_TRY(add_signal(p, c, signal));
  else c->size = gkt_space_num_dofs(c->space), c->values = p->values[function];
  if (c->settings->num_on) GKT_TRY(gkt_design_choose_nodes(p, c));
  return gkt_design_place_filter(p, c);
}

static bool is_constant(const gkt_terminal *t, const void *number) { return t->kind == GKT_TERM_CONSTANT && t->function == *(const int *)number; }

bool gkt_design_uses_constant(const gkt_expression *e, const char *name) {
  const int number = gkt_scope_find_constant(e->scope, name);
  return number >= 0 && gkt_expression_has_terminal(e, is_constant, &number);
}

/* A constant is read once by what is interpolated: its changes would be lost there. */
static gkt_status check_constant(gkt_problem *p, const gkt_word *name) {
  const gkt_settings *s = p->settings;
  for (int i = 0; i < s->num_coefficients; i++) {
    const gkt_coefficient_settings *other = &s->coefficients[i];
    if (other->kind == GKT_COEFFICIENT_SYMBOLIC || !p->coefficients[i]) continue;
    if (gkt_design_uses_constant(p->coefficients[i], name->text))
      return gkt_problem_refuse(p, GKT_UNAVAILABLE, name,
                                "the discrete coefficient %s holds it and is interpolated once; expected a constant that no coefficient with a space holds", other->name.text);
  }
  return GKT_OK;
}

/* Likewise by what steps go on from. */
static gkt_status check_continuation(gkt_problem *p, const gkt_word *name) {
  for (int i = 0; i < p->settings->num_initial; i++)
    if (p->initial[i] && gkt_design_uses_constant(p->initial[i], name->text))
      return gkt_problem_refuse(p, GKT_UNAVAILABLE, name, "a continuation of a constant in `initial` is not available yet; expected one that stands elsewhere");
  return check_constant(p, name);
}

static gkt_status add_constant(gkt_problem *p, gkt_design_control *c) {
  GKT_TRY(check_constant(p, &c->settings->name));
  c->size = 1;
  GKT_TRY(gkt_alloc(p->ctx, 1, sizeof *c->values, &c->values));
  c->values[0] = p->constants[gkt_scope_find_constant(p->scope, c->settings->name.text)];
  return GKT_OK;
}

static gkt_status add_control(gkt_problem *p, gkt_design_control *c) {
  switch (c->settings->kind) {
  case GKT_CONTROL_COEFFICIENT: return add_coefficient(p, c);
  case GKT_CONTROL_CONSTANT: return add_constant(p, c);
  case GKT_CONTROL_INITIAL:
  case GKT_CONTROL_INITIAL_RATE: return gkt_design_add_initial(p, c);
  case GKT_CONTROL_SHAPE: return gkt_design_add_shape(p, c);
  default: return gkt_problem_refuse(p, GKT_UNAVAILABLE, &c->settings->name, "this kind of control is not available yet");
  }
}

static gkt_status add_controls(gkt_problem *p, struct gkt_design *d) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  GKT_TRY(gkt_calloc(p->ctx, o->num_controls, sizeof *d->controls, &d->controls));
  GKT_TRY(gkt_calloc(p->ctx, o->num_controls, sizeof *d->slopes, &d->slopes));
  GKT_TRY(gkt_calloc(p->ctx, o->num_controls, sizeof *d->changes, &d->changes));
  for (int i = 0; i < o->num_continuations; i++) GKT_TRY(check_continuation(p, &o->continuations[i].name));
  for (int i = 0; i < o->num_controls; i++) {
    gkt_design_control *c = &d->controls[d->num_controls++];
    c->settings = &o->controls[i], c->filtered_by = filter_of(p, i), c->first = d->num, c->norm = NAN;
    GKT_TRY(add_control(p, c));
    if (!c->num_values) c->num_values = c->size;
    GKT_TRY(gkt_alloc(p->ctx, c->num_values, sizeof *c->slope, &c->slope));
    GKT_TRY(gkt_alloc(p->ctx, c->num_values, sizeof *c->before, &c->before));
    d->slopes[i] = c->slope, d->changes[i] = c->before, d->num += c->size;
  }
  return GKT_OK;
}

/* Of values at times the trapezoidal rule over the run beside the weights of the space, of the first. */
static void weigh_times(const gkt_problem *p, const gkt_design_control *c, gkt_scalar *weights) {
  const int n = c->settings->times;
  const double interval = (p->settings->time.end - p->settings->time.start) / (n - 1);
  const gkt_size dofs = c->size / n;
  for (gkt_size i = c->size; i-- > 0;) weights[i] = weights[i % dofs] * interval * (i < dofs || i >= c->size - dofs ? 0.5 : 1);
}

/* Lumped masses where they are positive, else one weight for all dofs, so that sums of squares are integrals. */
static gkt_status weigh(gkt_problem *p, const gkt_design_control *c, gkt_scalar *weights) {
  for (gkt_size i = 0; i < c->size; i++) weights[i] = c->extension ? gkt_extension_areas(c->extension)[i] : 1;
  if (c->dofs && c->filter) memcpy(weights, gkt_filter_volumes(c->filter), (size_t)gkt_filter_size(c->filter) * sizeof *weights);
  else if (c->dofs) GKT_TRY(gkt_design_weigh_nodes(p, c, weights));
  else if (c->space && gkt_space_element(c->space).kind != GKT_REAL) GKT_TRY(gkt_design_weights(c->space, weights));
  if (c->settings->times) weigh_times(p, c, weights);
  return GKT_OK;
}

/* How far its variables may be expected to go: as their bounds allow or, where these are none or too far apart to tell, by as much as is there at the start. */
static double size_of(const struct gkt_design *d, const gkt_design_control *c) {
  const double width = c->settings->upper - c->settings->lower;
  double most = 0;
  for (gkt_size i = c->first; i < c->first + c->size; i++) most = fmax(most, fabs(d->x[i]));
  if (isfinite(width) && width > 0 && (most == 0 || width <= 100 * most)) return width;
  return most > 0 ? most : 1;
}

/* Controls of other units, as a modulus beside a ratio, count by parts of their sizes, as those of the first do. */
static void level(struct gkt_design *d) {
  for (int k = 0; k < d->num_controls; k++) {
    gkt_design_control *c = &d->controls[k];
    c->scale = gkt_power_near(size_of(d, &d->controls[0]) / size_of(d, c));
    for (gkt_size i = c->first; i < c->first + c->size; i++) d->weights[i] *= c->scale * c->scale;
  }
}

static gkt_status set_variables(gkt_problem *p, struct gkt_design *d) {
  gkt_scalar **const arrays[] = {&d->x, &d->at, &d->norms_at, &d->lower, &d->upper, &d->weights};
  for (int k = 0; k < 6; k++) GKT_TRY(gkt_alloc(p->ctx, d->num, sizeof **arrays[k], arrays[k]));
  for (int k = 0; k < d->num_controls; k++) {
    const gkt_design_control *c = &d->controls[k];
    if (c->dofs) memset(d->x + c->first, 0, (size_t)c->size * sizeof *d->x), gkt_design_gather(c, c->values, d->x + c->first);
    else if (c->extension) memset(d->x + c->first, 0, (size_t)c->size * sizeof *d->x);
    else memcpy(d->x + c->first, c->values, (size_t)c->size * sizeof *d->x);
    for (gkt_size i = c->first; i < c->first + c->size; i++) d->lower[i] = c->settings->lower, d->upper[i] = c->settings->upper;
    GKT_TRY(weigh(p, c, d->weights + c->first));
    for (gkt_size i = 0; i < c->size; i++)
      if (d->x[c->first + i] < c->settings->lower || d->x[c->first + i] > c->settings->upper)
        return gkt_problem_refuse(p, GKT_BAD_INPUT, &c->settings->name, "infeasible start: value %g at dof %lld is outside of the bounds %g to %g; expected a start within them",
                                  d->x[c->first + i], (long long)i, c->settings->lower, c->settings->upper);
  }
  level(d);
  return GKT_OK;
}

/* ---- life ---- */
/* Keys of other methods may stay in a file; that they do nothing is said. */
static void warn_of_unused(const gkt_problem *p) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  const gkt_yaml *map = gkt_yaml_get(p->settings->root, "optimizer");
  const gkt_optimizer m = o->method;
  const bool moves = m == GKT_OPTIMIZER_MMA || m == GKT_OPTIMIZER_OC, ours = moves || m == GKT_OPTIMIZER_GCMMA;
  const struct {
    const char *key;
    bool is_used;
  } keys[] = {{"move", moves}, {"damping", m == GKT_OPTIMIZER_OC}, {"options", !ours}};
  for (int i = 0; map && !o->only_gradient && i < 3; i++)
    if (!keys[i].is_used && gkt_yaml_get(map, keys[i].key)) gkt_log(p->ctx, GKT_LOG_WARNING, "optimizer.%s is not used by %s", keys[i].key, gkt_optimizer_word(m));
}

gkt_status gkt_design_create(gkt_problem *p, struct gkt_design **out) {
  struct gkt_design *d = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(p->ctx, 1, sizeof *d, &d));
  warn_of_unused(p);
  GKT_GO(add_controls(p, d));
  GKT_GO(set_variables(p, d));
  GKT_GO(gkt_design_add_adjoint(p, d));
  GKT_GO(gkt_design_add_starts(p, d));
  GKT_GO(gkt_design_add_functionals(p, d));
  if (p->settings->time.at) GKT_GO(gkt_design_plan_runs(p, d));
  d->history.width = GKT_DESIGN_COLUMNS + p->settings->optimize.num_limits;
done:
  if (status == GKT_OK) *out = d;
  else gkt_design_destroy(&d);
  return status;
}

static void destroy_control(gkt_design_control *c) {
  gkt_extension_destroy(&c->extension);
  gkt_filter_destroy(&c->filter);
  if (c->settings->kind != GKT_CONTROL_COEFFICIENT || c->settings->times) gkt_free(&c->values); /* others are the problem's */
  gkt_free(&c->dofs), gkt_free(&c->own), gkt_free(&c->by_values), gkt_free(&c->smooth), gkt_free(&c->slope), gkt_free(&c->before);
}

void gkt_design_destroy(struct gkt_design **design) {
  struct gkt_design *d = *design;
  if (!d) return;
  gkt_design_end_runs(d);
  for (int i = 0; i < d->num_functionals; i++) gkt_functional_destroy(&d->functionals[i]), gkt_functional_destroy(&d->running[i]);
  for (int i = 0; i < d->num_parts; i++) gkt_functional_destroy(&d->parts[i]);
  gkt_adjoint_destroy(&d->adjoint);
  for (int i = 0; i < d->num_controls; i++) destroy_control(&d->controls[i]);
  gkt_free(&d->controls), gkt_free(&d->slopes), gkt_free(&d->changes), gkt_free(&d->parts), gkt_free(&d->functionals), gkt_free(&d->running), gkt_free(&d->names),
      gkt_free(&d->limits);
  gkt_vector_destroy(&d->guess), gkt_vector_destroy(&d->there);
  gkt_free(&d->x), gkt_free(&d->at), gkt_free(&d->norms_at), gkt_free(&d->values_at), gkt_free(&d->lower), gkt_free(&d->upper), gkt_free(&d->weights), gkt_free(&d->history.rows);
  gkt_optimize_report_clear(&d->report);
  gkt_free(design);
}

/* ---- forward ---- */
gkt_status gkt_design_begin_step(gkt_problem *p) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  for (int i = 0; i < o->num_continuations; i++) {
    const gkt_continuation_settings *c = &o->continuations[i];
    const double value = c->values[p->design->step];
    p->constants[gkt_scope_find_constant(p->scope, c->name.text)] = value;
    GKT_TRY(gkt_system_set_constant(p->system, c->name.text, value));
  }
  gkt_free(&p->design->values_at); /* with another beta they are others */
  p->design->is_solved = false;
  return GKT_OK;
}

static gkt_status set_control(gkt_problem *p, gkt_design_control *c, int number, const gkt_scalar *x) {
  const struct gkt_design *d = p->design;
  if (c->extension) return gkt_design_set_shape(p, c, number, x);
  GKT_TRY(gkt_design_to_values(d, c, x));
  if (c->settings->kind == GKT_CONTROL_CONSTANT) p->constants[gkt_scope_find_constant(p->scope, c->settings->name.text)] = c->values[0];
  return gkt_adjoint_set_control(d->adjoint, number, c->values);
}

static void count(gkt_design_counts *n, const gkt_solve_report *r, bool nonlinear) {
  n->solves++, n->assemblies += r->assemblies;
  n->setups += nonlinear ? r->newton.setups : r->linear.setups, n->kept += nonlinear ? r->newton.kept : r->linear.kept;
  n->linear += nonlinear ? r->newton.linear_iterations : r->linear.iterations;
}

/* ---- the state ---- */
gkt_vector *gkt_design_state(const gkt_problem *p) { return p->design && p->design->there ? p->design->there : p->u; }

gkt_status gkt_design_fetch(gkt_problem *p) { return p->design->there ? gkt_vector_to(p->design->there, p->u) : GKT_OK; }

static gkt_status create_guess(gkt_problem *p, gkt_where where) {
  struct gkt_design *d = p->design;
  GKT_TRY(gkt_vector_create_on(p->ctx, where, gkt_vector_size(p->u), &d->guess));
  const gkt_status status = gkt_vector_to(p->u, d->guess);
  if (status != GKT_OK) gkt_vector_destroy(&d->guess);
  return status;
}

/* Where Newton's method found nothing, its last iterate is no first guess for any other design. */
static gkt_status begin(gkt_problem *p) {
  struct gkt_design *d = p->design;
  gkt_where where;
  if (d->guess) return GKT_OK;
  GKT_TRY(gkt_system_where(p->system, &where));
  if (where == GKT_ON_DEVICE && !d->there) GKT_TRY(gkt_vector_create_on(p->ctx, where, gkt_vector_size(p->u), &d->there));
  GKT_TRY(create_guess(p, where));
  if (d->there) gkt_vector_copy(d->guess, d->there);
  return GKT_OK;
}

/* A factor gains nothing from a guess but its rounding, which a restart would not have. */
static bool is_solved_by_factor(const gkt_problem *p) { return !p->is_nonlinear && p->solution.linear.method[0] && p->solution.linear.iterations == 0; }

static gkt_status solve(gkt_problem *p) {
  struct gkt_design *d = p->design;
  const bool anew = is_solved_by_factor(p);
  gkt_solve_report_clear(&p->solution);
  GKT_TRY(begin(p));
  if (anew) gkt_vector_fill(gkt_design_state(p), 0);
  GKT_TRY(gkt_problem_solve_system(p));
  count(&d->counts, &p->solution, p->is_nonlinear);
  if (p->valid) gkt_vector_copy(gkt_design_state(p), d->guess);
  else gkt_vector_copy(d->guess, gkt_design_state(p));
  return GKT_OK;
}

gkt_status gkt_design_set(gkt_problem *p, const gkt_scalar *x) {
  struct gkt_design *d = p->design;
  memmove(d->at, x, (size_t)d->num * sizeof *x);
  d->is_whole = true;
  for (int i = 0; i < d->num_controls && d->is_whole; i++) GKT_TRY(set_control(p, &d->controls[i], i, x + d->controls[i].first));
  return GKT_OK;
}

gkt_status gkt_design_solve(gkt_problem *p, const gkt_scalar *x) {
  struct gkt_design *d = p->design;
  if (d->is_solved && !memcmp(d->at, x, (size_t)d->num * sizeof *x)) return GKT_OK;
  d->is_solved = false, d->missing[0] = 0;
  GKT_TRY(gkt_design_set(p, x));
  if (!d->is_whole) return d->is_solved = true, d->is_valid = p->valid = false, GKT_OK;
  GKT_TRY(d->time ? gkt_design_march(p) : solve(p));
  d->is_solved = true, d->is_valid = p->valid;
  return GKT_OK;
}

gkt_status gkt_design_value(gkt_problem *p, int number, double *value) {
  if (p->design->time) return gkt_design_run_value(p, number, value);
  return gkt_functional_value(p->design->functionals[number], gkt_design_state(p), value);
}

/* ---- back ---- */
static bool depends_on_state(const struct gkt_design *d, int number) {
  const gkt_functional *end = d->functionals[number], *running = d->running[number];
  return (end && gkt_functional_depends_on_state(end)) || (running && gkt_functional_depends_on_state(running));
}

/* After a call of the adjoint's: its counts, and what is missing; the report is cleared. */
gkt_status gkt_design_finish(gkt_problem *p, gkt_status status, gkt_solve_report *report, const char *what) {
  struct gkt_design *d = p->design;
  d->counts.adjoint_assemblies += report->assemblies, d->counts.adjoint_setups += report->linear.setups, d->counts.adjoint_linear += report->linear.iterations;
  if (status == GKT_OK && report->cancelled) status = GKT_CANCELLED;
  if (status == GKT_OK && !report->valid) snprintf(d->missing, sizeof d->missing, "no %s: %.1000s", what, report->reason);
  gkt_solve_report_clear(report);
  return status;
}

/* out += what stands in the controls' slopes; where there is nothing, what is not finite: for the optimizer to know */
gkt_status gkt_design_take_all_back(gkt_problem *p, bool by_state, gkt_scalar *out) {
  for (gkt_size i = 0; p->design->missing[0] && i < p->design->num; i++) out[i] = NAN;
  if (p->design->missing[0]) return GKT_OK;
  for (int k = 0; k < p->design->num_controls; k++) {
    gkt_design_control *c = &p->design->controls[k];
    GKT_TRY(c->extension ? gkt_design_take_back_shape(c, out + c->first) : gkt_design_from_slope(p->design, c, by_state, out + c->first));
  }
  return GKT_OK;
}

static gkt_status differentiate(gkt_problem *p, int number) {
  struct gkt_design *d = p->design;
  const gkt_solve_options options = gkt_problem_solve_options(p);
  gkt_solve_report report;
  d->counts.adjoint_solves += depends_on_state(d, number);
  const gkt_status status = gkt_adjoint_gradient(d->adjoint, d->functionals[number], &options, gkt_design_state(p), NULL, d->slopes, &report);
  return gkt_design_finish(p, status, &report, "gradient");
}

gkt_status gkt_design_find_slopes(gkt_problem *p, int number) {
  struct gkt_design *d = p->design;
  for (int k = 0; k < d->num_controls; k++) memset(d->controls[k].slope, 0, (size_t)d->controls[k].num_values * sizeof(gkt_scalar));
  GKT_TRY(d->time ? gkt_design_run_gradient(p, number) : differentiate(p, number));
  return number == 0 && !d->missing[0] && gkt_design_is_bent(p) ? gkt_design_keep_values(p) : GKT_OK;
}

gkt_status gkt_design_gradient(gkt_problem *p, int number, gkt_scalar *out) {
  GKT_TRY(gkt_design_find_slopes(p, number));
  return gkt_design_take_all_back(p, depends_on_state(p->design, number), out);
}
