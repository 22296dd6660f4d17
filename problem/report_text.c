/* The report for a person: problem, solver and why, proof, results, time. */
#include <math.h>
#include <string.h>

#include "forms/form.h"
#include "meshes/cell.h"
#include "problem/optimize.h"

static const char *grouped(gkt_size n, char buffer[32]) {
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%lld", (long long)n), k = 0;
  for (int i = 0; i < length; i++) {
    if (i && (length - i) % 3 == 0) buffer[k++] = ',';
    buffer[k++] = digits[i];
  }
  buffer[k] = 0;
  return buffer;
}

static void print_number(gkt_text *t, int digits, double x) {
  if (isnan(x)) gkt_text_printf(t, "nan"); /* no "-nan" */
  else gkt_text_printf(t, "%.*g", digits, x);
}

static void print_values(gkt_text *t, const gkt_scalar *x, gkt_size n) {
  if (n > 1) gkt_text_printf(t, "(");
  for (gkt_size i = 0; i < n; i++) {
    gkt_text_printf(t, "%s", i ? ", " : "");
    print_number(t, 6, x[i]);
  }
  if (n > 1) gkt_text_printf(t, ")");
}

/* "1,200 hexahedra, 300 prisms of order 2" */
static void print_cells(const gkt_mesh *mesh, gkt_text *t) {
  char a[32];
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
    gkt_text_printf(t, "%s%s %s", b ? ", " : "", grouped(block->num_cells, a), block->num_cells == 1 ? cell->name : cell->plural);
  }
  gkt_text_printf(t, " of order %d", gkt_mesh_block(mesh, 0)->order);
}

static gkt_idx num_constrained(const gkt_layout *layout, const gkt_layout_block *block, gkt_idx *tied) {
  gkt_idx count = 0;
  *tied = 0;
  for (gkt_idx i = block->first; i < block->first + block->count; i++)
    if (layout->tied && layout->tied[i]) ++*tied;
    else count += layout->constrained[i];
  return count;
}

/* "u: P2, 2 components; 1,234 dofs, 56 of them constrained, 12 tied to others" */
static void print_field(const gkt_problem *p, int i, gkt_text *t) {
  const gkt_layout *layout = gkt_system_layout(p->system);
  const gkt_layout_block *block = &layout->blocks[i];
  char a[32], b[32], element[32];
  gkt_idx tied, given = num_constrained(layout, block, &tied);
  gkt_element_name(gkt_space_element(p->spaces[p->fields[i]]), element, sizeof element);
  gkt_text_printf(t, "%s%s: %s", i ? "            " : layout->num_blocks > 1 ? "  fields    " : "  field     ", block->name, element);
  if (block->block_size > 1) gkt_text_printf(t, ", %d components", block->block_size);
  gkt_text_printf(t, "; %s dof%s, %s of them constrained", grouped(block->count, a), block->count == 1 ? "" : "s", grouped(given, b));
  gkt_text_printf(t, tied ? ", %s tied to others\n" : "\n", grouped(tied, b));
}

static void print_problem(const gkt_problem *p, gkt_text *t) {
  char a[32];
  const char *from = p->mesh_is_given ? "given" : p->settings->mesh.path ? p->settings->mesh.path : "box";
  gkt_text_printf(t, "  mesh      ");
  print_cells(p->mesh, t);
  gkt_text_printf(t, ", %s nodes (%s)\n", grouped(gkt_mesh_num_nodes(p->mesh), a), from);
  for (int i = 0; i < p->settings->num_fields; i++) print_field(p, i, t);
  if (p->settings->num_fields > 1) gkt_text_printf(t, "            together %s dofs\n", grouped(gkt_system_layout(p->system)->num_owned, a));
}

enum { MAX_STEPS_SHOWN = 12 };

/* "newton    3 iterations: 1.0e+00 2.1e-03 8.0e-09 1.2e-15", relative to the first, a line for each load step: quadratic convergence doubles the exponents. */
static void print_newton(const gkt_problem *p, gkt_text *t) {
  const gkt_nonlinear_report *r = &p->solution.newton;
  int first = r->num_steps > MAX_STEPS_SHOWN ? r->num_steps - MAX_STEPS_SHOWN : 0;
  for (int i = first; i < r->num_steps; i++) {
    const gkt_load_step *s = &r->steps[i];
    gkt_text_printf(t, "%s", i == first ? "  newton    " : "            ");
    if (i == first && first) gkt_text_printf(t, "%d load steps before; ", first);
    if (p->settings->solver.nonlinear.load_steps > 1) gkt_text_printf(t, "load %.6g: ", s->load);
    gkt_text_printf(t, "%d iteration%s:", s->iterations, s->iterations == 1 ? "" : "s");
    for (int k = s->begin; k < s->begin + s->count; k++) gkt_text_printf(t, " %.1e", r->history[s->begin] > 0 ? r->history[k] / r->history[s->begin] : 0);
    gkt_text_printf(t, "%s\n", s->at_rounding ? " (the limit of rounding)" : s->end != GKT_NEWTON_CONVERGED ? " (failed)" : "");
  }
}

/* "            steps accepted by the energy; a minimum of it" */
static void print_kind(const gkt_problem *p, gkt_text *t) {
  static const char *const kinds[] = {"; whether it is a minimum is not known", "; a minimum", "; a SADDLE, not a minimum",
                                      "; a MAXIMUM, not a minimum"}; /* in the order of gkt_stationary */
  const gkt_nonlinear_report *r = &p->solution.newton;
  if (!r->num_steps) return;
  gkt_text_printf(t, "            so that every row counts: %.2e; steps accepted by: %s%s\n", r->scaled_residual, r->accept,
                  gkt_form_arity(p->form) == 0 && r->converged ? kinds[r->stationary] : "");
}

/* To where a path was followed, and where it turned back. */
static void print_path(const gkt_problem *p, gkt_text *t) {
  const gkt_series *s = &p->series, *l = &p->limit_points;
  if (!s->count) return;
  gkt_text_printf(t, "  path      to t = %.9g%s", s->rows[(s->count - 1) * s->width], p->path_end && !strcmp(p->path_end, "steps") ? ", where its steps ended" : "");
  for (gkt_size i = 0; i < l->count; i++)
    gkt_text_printf(t, "%s%s %.9g", i ? ", " : "; limit points: ", l->rows[i * l->width + 1] > 0 ? "maximum" : "minimum", l->rows[i * l->width]);
  gkt_text_printf(t, "\n");
}

/* As many as the file asks for where none was taken. */
static void print_steps(const gkt_problem *p, gkt_text *t) {
  const gkt_time_settings *s = &p->settings->time;
  const int n = p->computed ? p->counts.steps : gkt_problem_num_steps(p);
  char scheme[60], a[32];
  gkt_scheme_print(&p->scheme, sizeof scheme, scheme);
  if (p->scheme.kind == GKT_SCHEME_ARC_LENGTH) {
    gkt_text_printf(t, "  time      from %g by %s, ", s->start, scheme);
    if (p->computed) gkt_text_printf(t, "%s step%s, ", grouped(n, a), n == 1 ? "" : "s");
    gkt_text_printf(t, "the first one of %g", s->step);
    return;
  }
  gkt_text_printf(t, "  time      %g to %g by %s, %s step%s of %s%g", s->start, s->end, scheme, grouped(n, a), n == 1 ? "" : "s", s->rtol > 0 ? "at most " : "", s->step);
}

static void print_time(const gkt_problem *p, gkt_text *t) {
  char a[32], b[32];
  if (!p->settings->time.at) return;
  print_steps(p, t);
  if (p->computed && p->counts.rejected) gkt_text_printf(t, ", %d tries cut back", p->counts.rejected);
  gkt_text_printf(t, "\n");
  if (!p->computed) return;
  if (p->counts.newton == 0 && p->counts.steps > 0) gkt_text_printf(t, "            explicit: no system was solved\n");
  if (p->counts.newton == 0) return;
  gkt_text_printf(t, "            %s linear system%s", grouped(p->counts.newton, a), p->counts.newton == 1 ? "" : "s");
  if (p->counts.linear) gkt_text_printf(t, ", %s iterations", grouped(p->counts.linear, b));
  gkt_text_printf(t, ", set up %s time%s; what follows is of the last step\n", grouped(p->counts.setups, a), p->counts.setups == 1 ? "" : "s");
  if (p->scheme.kind == GKT_SCHEME_ARC_LENGTH) print_path(p, t);
}

static void print_solver(const gkt_problem *p, gkt_text *t) {
  gkt_assembler_info info;
  gkt_assembler_get_info(gkt_system_assembler(p->system, 2), &info);
  gkt_text_printf(t, "  assembly  %s, reduce %s\n", info.backend, info.reduce);
  print_time(p, t);
  print_newton(p, t);
  print_kind(p, t);
  if (!p->solution.linear.method[0]) return;
  gkt_text_printf(t, "  solver    %s\n            because %s\n", p->solution.linear.method, p->solution.linear.why);
  gkt_text_printf(t, "  solved    ");
  if (p->solution.linear.iterations) gkt_text_printf(t, "%d iteration%s, ", p->solution.linear.iterations, p->solution.linear.iterations == 1 ? "" : "s");
  gkt_text_printf(t, "true residual |b-Ax|/|b| = %.2e%s%s\n", p->solution.linear.residual, p->is_nonlinear ? " in the last step" : "",
                  p->solution.linear.at_rounding ? " (the limit of rounding)" : "");
  gkt_text_printf(t, "            so that every row counts: %.2e", p->solution.linear.scaled_residual);
  if (p->solution.linear.energy_error > 0) gkt_text_printf(t, "; error in the energy norm %.1e", p->solution.linear.energy_error);
  if (p->solution.linear.condition > 0) gkt_text_printf(t, "; condition from %.1e", p->solution.linear.condition);
  gkt_text_printf(t, "\n");
  if (p->solution.initial_residual > 0) gkt_text_printf(t, "            the form itself: |R(u)|/|R(g)| = %.2e\n", p->solution.final_residual / p->solution.initial_residual);
  if (p->solution.singular && p->valid) {
    bool many = strstr(p->solution.unfixed, " and ") != NULL;
    const char *is = p->solution.turns_freely ? " and mean rotation are" : many ? " are" : " is";
    gkt_text_printf(t, "            no condition fixes %s; %s%s set to 0\n", p->solution.unfixed, many ? "their means" : "its mean", is);
  }
}

static void print_reals(const gkt_problem *p, gkt_text *t) {
  for (int i = 0; i < p->settings->num_fields; i++) {
    const int f = gkt_scope_find_function(p->scope, p->settings->fields[i].name.text);
    if (gkt_space_element(p->spaces[f]).kind != GKT_REAL) continue;
    gkt_text_printf(t, "  real      %s = ", p->settings->fields[i].name.text);
    print_values(t, p->values[f], gkt_space_num_dofs(p->spaces[f]));
    gkt_text_printf(t, "\n");
  }
}

static void print_results(const gkt_problem *p, gkt_text *t) {
  const gkt_settings *s = p->settings;
  print_reals(p, t);
  for (int i = 0; i < s->num_exact; i++) {
    gkt_text_printf(t, "  error     %s: L2 %.6e", s->exact[i].name.text, fabs(p->errors[2 * i].values[0]));
    if (p->errors[2 * i + 1].form) gkt_text_printf(t, ", H1-seminorm %.6e", fabs(p->errors[2 * i + 1].values[0]));
    gkt_text_printf(t, "\n");
  }
  for (int i = 0; i < s->num_probes; i++) {
    gkt_text_printf(t, "  probe     %s = ", s->probes[i].name.text);
    print_values(t, p->probes[i].values, p->probes[i].num_values);
    gkt_text_printf(t, " at ");
    print_values(t, s->probes[i].at, s->probes[i].num_at);
    gkt_text_printf(t, "\n");
  }
  for (int i = 0; i < s->num_compute; i++) {
    gkt_text_printf(t, "  compute   %s = ", s->compute[i].name.text);
    print_number(t, 9, p->compute[i].values[0]);
    if (p->compute[i].expression && !p->compute[i].is_derived && isfinite(p->compute[i].values[0])) {
      gkt_text_printf(t, " at ");
      print_values(t, p->compute[i].where, p->dim);
      gkt_text_printf(t, p->compute[i].at_points ? " (quadrature point)" : " (nodal mean)");
    }
    gkt_text_printf(t, "\n");
  }
}

/* Of a problem in time the list that opens all its VTU files; XDMF lists its states itself. */
static void print_files(const gkt_problem *p, gkt_text *t) {
  const gkt_output_settings *o = &p->settings->output;
  gkt_text_printf(t, "  written  ");
  if (o->numbers_file) gkt_text_printf(t, " %s %s", o->file, o->numbers_file);
  else if (o->file && p->settings->time.at) gkt_text_printf(t, " %.*s.pvd", (int)strlen(o->file) - 4, o->file);
  else if (o->file) gkt_text_printf(t, " %s", o->file);
  if (o->mesh_file) gkt_text_printf(t, " %s", o->mesh_file);
  if (o->picture_file) gkt_text_printf(t, " %s", o->picture_file);
  if (o->film.file) gkt_text_printf(t, " %s", o->film.file);
  if (o->graph.file) gkt_text_printf(t, " %s", o->graph.file);
  if (p->out_dir) gkt_text_printf(t, " in %s", p->out_dir);
  gkt_text_printf(t, "\n");
}

/* "optimized mma, 51 iterations: compliance from 1007.02 to 216.81; volume 600" */
static void print_design(const gkt_problem *p, gkt_text *t) {
  const struct gkt_design *d = p->design;
  const gkt_optimize_settings *o = &p->settings->optimize;
  char a[32], b[32];
  if (!d || !d->history.count) return;
  const gkt_scalar *first = d->history.rows, *last = first + (d->history.count - 1) * d->history.width;
  const char *name = o->objective.name;
  if (o->only_gradient) gkt_text_printf(t, "  gradient  of %s = %.9g\n", name, last[GKT_DESIGN_OBJECTIVE]);
  else {
    gkt_text_printf(t, "  design    %s, %s iterations: %s from %.9g to %.9g", gkt_optimizer_word(o->method), grouped((gkt_size)last[GKT_DESIGN_ITERATION], a), name,
                    first[GKT_DESIGN_OBJECTIVE], last[GKT_DESIGN_OBJECTIVE]);
    for (int i = 0; i < o->num_limits; i++) gkt_text_printf(t, "; %s %.6g", d->names[i], last[GKT_DESIGN_COLUMNS + i]);
    gkt_text_printf(t, "\n            ended because %s\n", d->report.reason);
  }
  gkt_text_printf(t,
                  p->settings->time.at ? "            %s runs with %s set-ups and %s backwards; what is said of the solver is of the last\n"
                                       : "            %s solves with %s set-ups, %s adjoint solves; what is said of the solver is of the last\n",
                  grouped(d->counts.solves, a), grouped(d->counts.setups + d->counts.adjoint_setups, b), grouped(d->counts.adjoint_solves, (char[32]){0}));
}

/* "found     x0 = 0.45", of controls that are one number */
static void print_found(const gkt_problem *p, gkt_text *t) {
  for (int i = 0; p->design && !p->settings->optimize.only_gradient && i < p->design->num_controls; i++) {
    const gkt_design_control *c = &p->design->controls[i];
    if (c->size == 1) gkt_text_printf(t, "  found     %s = %.9g\n", c->settings->name.text, p->design->x[c->first]);
  }
}

/* "gradient  by rho: norm 1.23e-02; Taylor remainders fall with slope 2.00: passed" */
static void print_gradients(const gkt_problem *p, gkt_text *t) {
  for (int i = 0; p->design && i < p->design->num_controls; i++) {
    const gkt_design_control *c = &p->design->controls[i];
    if (isnan(c->norm)) continue;
    gkt_text_printf(t, "  gradient  by %s: norm %.6e", c->settings->name.text, c->norm);
    if (c->is_verified && gkt_design_replaces(c)) gkt_text_printf(t, " as its filter replaces it, which is not verified; the gradient itself: norm %.6e", c->verified_norm);
    if (c->is_verified && c->taylor.reason[0]) gkt_text_printf(t, "; could not be verified\n");
    if (c->is_verified && c->taylor.reason[0]) continue;
    for (int k = 0; c->is_verified && k < GKT_TAYLOR_STEPS; k++) gkt_text_printf(t, "%s%.1e", k ? " " : "; Taylor remainders ", c->taylor.remainder[k]);
    if (c->is_verified) gkt_text_printf(t, ": slope %.3f, %s", c->taylor.slope, c->taylor.passed ? "passed" : "FAILED");
    gkt_text_printf(t, "\n");
  }
}

static void print_samples(const gkt_problem *p, gkt_text *t) {
  const gkt_samples *s = &p->samples;
  char a[32], b[32];
  if (!p->settings->sample.at || !s->count) return;
  gkt_text_printf(t, "  samples   %s of %s", grouped(s->done, a), grouped(s->count, b));
  if (s->found) gkt_text_printf(t, ", %s were there", grouped(s->found, a));
  if (s->per_second > 0) gkt_text_printf(t, ", %.3g per second", s->per_second);
  gkt_text_printf(t, " (%s%s%s)\n", p->settings->sample.file, p->out_dir ? " in " : "", p->out_dir ? p->out_dir : "");
  if (s->num_failed) gkt_text_printf(t, "            %s without a valid answer, the first: sample %d, %s\n", grouped(s->num_failed, a), s->noted[0].sample, s->noted[0].reason);
}

static void print_end(const gkt_problem *p, gkt_text *t) {
  const gkt_output_settings *o = &p->settings->output;
  gkt_text_printf(t, "  seconds  ");
  for (int i = 0; i < GKT_NUM_TIMES; i++) gkt_text_printf(t, " %s %.2f", gkt_timing_names[i], p->timings[i]);
  gkt_text_printf(t, " total %.2f\n", p->total);
  if (p->valid && p->has_results && (o->file || o->mesh_file || o->picture_file || o->graph.file)) print_files(p, t);
}

const char *gkt_problem_report_text(gkt_problem *p) {
  gkt_text t = {.ctx = p->ctx};
  gkt_text_printf(&t, "%s\n", p->settings->title ? p->settings->title : p->settings->file);
  if (p->is_planned) {
    print_problem(p, &t);
    print_design(p, &t);
    if (p->computed) print_solver(p, &t);
    print_found(p, &t);
    print_gradients(p, &t);
    if (p->has_results) print_results(p, &t);
    print_samples(p, &t);
    if (p->computed) print_end(p, &t);
    else print_time(p, &t);
    if (!p->computed) gkt_text_printf(&t, "  checked   nothing is wrong; nothing was solved\n");
  }
  for (int i = 0; i < p->num_warnings; i++) gkt_text_printf(&t, "  warning   %s\n", p->warnings[i]);
  if (p->reason[0]) gkt_text_printf(&t, "  no valid answer: %s\n", p->reason);
  if (t.status != GKT_OK) gkt_text_free(&t); /* half a report would look like a whole one */
  gkt_free(&p->report_text);
  p->report_text = t.data;
  return t.data ? t.data : "";
}
