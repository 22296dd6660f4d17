#include "assembly/magnitude.h"

#include <math.h>
#include <string.h>

#include "assembly/visit.h"
#include "forms/external.h"
#include "forms/op.h"

typedef struct {
  const gkt_assembler *a;
  const gkt_map *m; /* that the arrays below belong to */
  bool *below;      /* [top+1], as the others */
  gkt_node top;
  gkt_scalar *values, *sizes;
  gkt_scalar *vector;
} sums;

/* ---- operations ---- */
typedef struct {
  gkt_op op;
  double value;
  const double *x, *m; /* [3] values and sizes of the operands */
} operation;

/* The words of op_list.h's derivatives, of numbers; where derive.c has a graph there is nothing here. */
static double number(const void *g, double value) { return (void)g, value; }
static double function(const void *g, gkt_op op, double a) { return (void)g, gkt_op_apply(op, a, 0, 0); }
static double function_of_two(const void *g, gkt_op op, double a, double b) { return (void)g, gkt_op_apply(op, a, b, 0); }
static double sum(const void *g, double a, double b) { return (void)g, a + b; }
static double difference(const void *g, double a, double b) { return (void)g, a - b; }
static double product(const void *g, double a, double b) { return (void)g, a * b; }
static double quotient(const void *g, double a, double b) { return (void)g, a / b; }
static double negative(const void *g, double a) { return (void)g, -a; }
static double square(const void *g, double a) { return (void)g, a * a; }
static double choose(const void *g, double condition, double a, double b) { return (void)g, gkt_select_of(condition, a, b); }
static double chain(const void *g, double slope, double da) { return (void)g, slope * da; }

/* Of a function, by operand i. */
static double slope_of(const operation *o, int i) {
  const void *g = NULL;
  double a = o->x[0], b = o->x[1], n = o->value, da = i == 0, db = i == 1;
  (void)a, (void)b, (void)n;
  switch (o->op) {
#define X(name, arity, word, takes, cost, value, derivative, ...) \
  case GKT_OP_##name: return derivative;
    GKT_FUNCTION_LIST(X)
#undef X
#define X(name, ...) case GKT_OP_##name:
    GKT_OPERATION_LIST(X)
#undef X
  case GKT_OP_CONSTANT:
  case GKT_OP_TERMINAL:
  case GKT_OP_EXTERNAL: break;
  }
  return 0;
}

/* A function rounds its value, and passes on what its arguments bring; at an end of its domain, as sqrt has at 0, it has no slope. */
static double rounded(const operation *o) {
  double size = fabs(o->value);
  for (int i = 0; i < gkt_op_arity(o->op); i++) {
    double slope = slope_of(o, i);
    size += isfinite(slope) ? fabs(slope) * o->m[i] : 0;
  }
  return size;
}

static double size_of(const operation *o) {
  const double v = o->value, a = o->x[0], b = o->x[1], ma = o->m[0], mb = o->m[1], mc = o->m[2];
  switch (o->op) {
#define X(name, arity, word, takes, cost, value, derivative, breaks, range, degree, size) \
  case GKT_OP_##name: return size;
    GKT_OP_LIST(X)
#undef X
  case GKT_OP_CONSTANT:
  case GKT_OP_TERMINAL:
  case GKT_OP_EXTERNAL: break;
  }
  return fabs(v);
}

/* By its tangent, where there is one; what is summed inside of a custom function is not seen. */
static double size_of_external(const gkt_graph *g, gkt_node n, const sums *s) {
  gkt_scalar row[GKT_MAX_EXTERNAL_INPUTS];
  gkt_node arguments[GKT_MAX_EXTERNAL_INPUTS];
  double size = fabs(s->values[n]);
  if (!gkt_external_slopes(g, n, s->values, row)) return size;
  int count = gkt_external_arguments(g, n, arguments);
  for (int j = 0; j < count; j++) size += fabs(row[j]) * s->sizes[arguments[j]];
  return size;
}

/* ---- terminals: sum |phi_i u_i|, sum |d phi_i u_i|; all else as it is ---- */
static double derivative_along(const gkt_visit *v, const gkt_table *table, int node, int direction, int lane) {
  const double *dphi = table->dphi + ((gkt_size)v->row * table->size + node) * table->dim;
  double sum = 0;
  for (int r = 0; r < table->dim; r++) sum += dphi[r] * v->geometry.K[r][direction][lane];
  return sum;
}

static double size_of_terminal(const gkt_visit *v, int lane, const gkt_terminal *t, double value) {
  if (!gkt_is_of_function(t)) return fabs(value);
  const gkt_table *table = v->m->functions[t->function];
  const gkt_space *space = v->tables.inputs->spaces[t->function];
  const gkt_scalar *u = v->tables.inputs->values[t->function] + t->component;
  double sum = 0;
  if (!table) return fabs(value);
  const gkt_idx *nodes = space->cell_nodes[v->m->block] + (gkt_size)v->at.cell[lane] * table->size;
  for (int i = 0; i < table->size; i++) {
    double basis = t->kind == GKT_TERM_VALUE ? table->phi[(gkt_size)v->row * table->size + i] : derivative_along(v, table, i, t->direction, lane);
    sum += fabs(basis * u[(gkt_size)nodes[i] * space->block_size]);
  }
  return sum;
}

/* ---- one point ---- */
static void evaluate_sizes(const gkt_visit *v, int lane, sums *s) {
  const gkt_graph *g = v->m->form->scope->graph;
  for (gkt_node n = 0; n <= s->top; n++) {
    const gkt_node_data *d = gkt_graph_get(g, n);
    if (!s->below[n]) continue;
    if (d->op == GKT_OP_CONSTANT) s->sizes[n] = fabs(d->value);
    else if (d->op == GKT_OP_TERMINAL) s->sizes[n] = size_of_terminal(v, lane, &d->terminal, s->values[n]);
    else if (d->op == GKT_OP_EXTERNAL) s->sizes[n] = size_of_external(g, n, s);
    else {
      double x[3] = {s->values[d->a], s->values[d->b], s->values[d->c]}, m[3] = {s->sizes[d->a], s->sizes[d->b], s->sizes[d->c]};
      s->sizes[n] = size_of(&(operation){d->op, s->values[n], x, m});
    }
  }
}

/* What is added to C' R is turned, and so are sizes, by absolute values. */
static void add_size(const gkt_ties *ties, gkt_size node, int components, int row, double size, gkt_scalar *vector) {
  gkt_scalar Q[GKT_MAX_TURNED * GKT_MAX_TURNED];
  gkt_scalar *at = vector + (ties ? ties->masters[node] : node) * components;
  if (ties && gkt_ties_is_turned(ties, (gkt_idx)node)) {
    gkt_ties_matrix(ties, (gkt_idx)node, Q);
    for (int c = 0; c < components; c++) at[c] += fabs(Q[row * components + c]) * size;
  } else at[row] += size;
}

static void add_point(const gkt_visit *v, const gkt_coupling *c, int lane, const sums *s) {
  const gkt_map *m = v->m;
  const gkt_argument *arg = &c->arguments[0];
  gkt_scalar *vector = s->vector + s->a->targets.all[c->target].first_value;
  const gkt_table *table = m->rule.tables[arg->table];
  double measure = m->rule.weights[v->row] * gkt_measure_at(v->group, &v->geometry, lane);
  for (int e = 0; e < c->num_entries; e++) {
    const gkt_entry *entry = &c->entries[e];
    double size = s->sizes[gkt_visit_node(m, c, entry)];
    for (int a = 0; a < arg->num_nodes; a++) {
      double z = entry->row_slot ? derivative_along(v, table, a, entry->row_slot - 1, lane) : table->phi[(gkt_size)v->row * table->size + a];
      gkt_size node = arg->nodes[(gkt_size)v->at.cell[lane] * arg->num_nodes + a];
      add_size(arg->space ? s->a->ties[arg->function] : NULL, node, arg->components, entry->row, fabs(measure * z) * size, vector);
    }
  }
}

static gkt_status enter_map(const gkt_map *m, sums *s) {
  if (s->m == m) return GKT_OK;
  gkt_free(&s->below);
  gkt_free(&s->values);
  gkt_free(&s->sizes);
  s->m = m;
  GKT_TRY(gkt_visit_mark(m, &s->below, &s->top));
  GKT_TRY(gkt_calloc(m->ctx, (gkt_size)s->top + 2, sizeof *s->values, &s->values)); /* unused operands name node 0, marked or not */
  return gkt_calloc(m->ctx, (gkt_size)s->top + 2, sizeof *s->sizes, &s->sizes);
}

static gkt_status add(const gkt_visit *v, void *user, bool *stop) {
  sums *s = user;
  (void)stop;
  GKT_TRY(enter_map(v->m, s));
  for (int l = 0; l < v->count; l++) {
    gkt_visit_evaluate(v, l, s->below, s->top, s->values);
    evaluate_sizes(v, l, s);
    for (int c = 0; c < v->m->num_couplings; c++) add_point(v, &v->m->couplings[c], l, s);
  }
  return GKT_OK;
}

gkt_status gkt_assemble_magnitude(const gkt_assembler *a, const gkt_inputs *inputs, gkt_scalar *vector) {
  sums s = {.a = a, .vector = vector};
  if (a->form->arity != 1) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "magnitude: a form of arity %d; expected 1", a->form->arity);
  memset(vector, 0, (size_t)a->targets.num_values * sizeof *vector);
  gkt_status status = gkt_visit_points(a, inputs, add, &s);
  gkt_free(&s.below);
  gkt_free(&s.values);
  gkt_free(&s.sizes);
  return status;
}
