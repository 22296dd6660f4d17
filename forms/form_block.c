/* Forms of several functions taken apart and put together: blocks of a test and a trial function, sums of forms whose functions differ. */
#include <string.h>

#include "forms/form.h"

/* places [components of from][1+dim]: where the slots of z(from) stand in z(to); -1: nowhere */
static gkt_status find_places(const gkt_scope *scope, const gkt_functions *from, const gkt_functions *to, int size, int **places) {
  int slots = 1 + scope->dim, *p;
  GKT_TRY(gkt_alloc(scope->ctx, size, sizeof *p, &p));
  *places = p;
  for (int k = 0; k < from->count; k++) {
    int first = 0, n = gkt_function_components(scope, from->functions[k]) * slots;
    for (int i = 0; i < to->count && to->functions[i] != from->functions[k]; i++) first += gkt_function_components(scope, to->functions[i]) * slots;
    bool found = gkt_functions_hold(to, from->functions[k]);
    for (int i = 0; i < n; i++) *p++ = found ? first + i : -1;
  }
  return GKT_OK;
}

typedef struct {
  int count[2], *places[2]; /* of rows and columns; 1 and {0} where a form has no such index */
  int num_cols;             /* of the nodes that are added to */
} spreading;

static void spread_nodes(gkt_graph *g, const spreading *s, const gkt_node *from, gkt_node *to) {
  for (int k = 0; k < s->count[0] * s->count[1]; k++) {
    int row = s->places[0] ? s->places[0][k / s->count[1]] : 0, col = s->places[1] ? s->places[1][k % s->count[1]] : 0;
    if (row >= 0 && col >= 0 && from[k] != GKT_ZERO) to[row * s->num_cols + col] = gkt_add(g, to[row * s->num_cols + col], from[k]);
  }
}

static int num_slots(const gkt_form *form, int argument) { return argument < form->arity ? gkt_form_components(form, argument) * (1 + form->scope->dim) : 1; }

gkt_status gkt_form_spread(const gkt_form *from, gkt_form *to) {
  spreading s = {.count = {num_slots(from, 0), num_slots(from, 1)}, .num_cols = num_slots(to, 1)};
  gkt_integral *integral;
  gkt_status status;
  for (int i = 0; i < from->arity; i++) GKT_GO(find_places(from->scope, &from->arguments[i], &to->arguments[i], s.count[i], &s.places[i]));
  for (int i = 0; i < from->num_integrals; i++) {
    GKT_GO(gkt_form_find_integral(to, &from->integrals[i], num_slots(to, 0) * s.num_cols, &integral));
    spread_nodes(from->scope->graph, &s, from->integrals[i].nodes, integral->nodes);
  }
  status = gkt_graph_status(from->scope->graph);
done:
  gkt_free(&s.places[0]);
  gkt_free(&s.places[1]);
  return status;
}

/* ---- a part ---- */
static gkt_status check_block(const gkt_form *form, int row, int col) {
  const gkt_scope *s = form->scope;
  if (form->arity != 2) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_form_block: a form of arity %d; expected 2", form->arity);
  const int functions[2] = {row, col};
  for (int i = 0; i < 2; i++)
    if (!gkt_functions_hold(&form->arguments[i], functions[i]))
      return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "gkt_form_block: function %d is none of the form's %s; expected one that gkt_form_argument gives", functions[i],
                      i ? "columns" : "rows");
  return GKT_OK;
}

gkt_status gkt_form_block(const gkt_form *form, int row, int col, gkt_form **out) {
  gkt_context *ctx = form->scope->ctx;
  gkt_form *block = NULL;
  gkt_status status;
  GKT_TRY(check_block(form, row, col));
  GKT_GO(gkt_form_create(form->scope, 2, form->num_integrals, &block));
  GKT_GO(gkt_form_copy_origin(form, block));
  GKT_GO(gkt_functions_set(ctx, &block->arguments[0], 1, &row));
  GKT_GO(gkt_functions_set(ctx, &block->arguments[1], 1, &col));
  GKT_GO(gkt_functions_set(ctx, &block->branches, gkt_functions_hold(&form->branches, col), &col));
  GKT_GO(gkt_form_spread(form, block));
  gkt_form_drop_zeros(block);
  block->symmetric = row == col && form->symmetric;
  if (row == col) GKT_GO(gkt_form_prove_symmetry(block));
  *out = block;
  block = NULL;
done:
  gkt_form_destroy(&block);
  return status;
}

/* ---- sums ---- */
static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

/* Functions of either; the place of a, its key and file if they are those of b. */
static gkt_status unite(const gkt_form *a, const gkt_form *b, gkt_form *sum) {
  gkt_context *ctx = sum->scope->ctx;
  GKT_TRY(gkt_form_copy_origin(a, sum));
  if (!same_text(a->key, b->key)) gkt_free(&sum->key); /* lines and columns are right for both, a key for one only */
  if (!same_text(a->file, b->file)) gkt_free(&sum->file);
  for (int i = 0; i < sum->arity; i++) GKT_TRY(gkt_functions_unite(ctx, &a->arguments[i], &b->arguments[i], &sum->arguments[i]));
  return gkt_functions_unite(ctx, &a->branches, &b->branches, &sum->branches);
}

gkt_status gkt_form_add(const gkt_form *a, const gkt_form *b, gkt_form **out) {
  gkt_form *sum = NULL;
  gkt_status status;
  if (a->scope != b->scope || a->arity != b->arity) return gkt_fail(a->scope->ctx, GKT_BAD_ARGUMENT, "only forms of one scope and arity can be added");
  GKT_GO(gkt_form_create(a->scope, a->arity, a->num_integrals + b->num_integrals, &sum));
  GKT_GO(unite(a, b, sum));
  GKT_GO(gkt_form_spread(a, sum));
  GKT_GO(gkt_form_spread(b, sum));
  sum->symmetric = a->symmetric && b->symmetric, sum->from_energy = a->from_energy && b->from_energy;
  *out = sum;
  sum = NULL;
done:
  gkt_form_destroy(&sum);
  return status;
}

/* ---- an equation for each unknown? ---- */
static gkt_status fail_field(const gkt_form *form, int function, const char *what) {
  return gkt_fail(form->scope->ctx, GKT_BAD_INPUT, "%s'%s': %s", form->place ? form->place : "", form->scope->functions[function].name, what);
}

static gkt_status fail_untested(const gkt_form *form, int field) {
  const gkt_function *f = &form->scope->functions[field];
  char what[300];
  if (f->partner < 0) return fail_field(form, field, "an unknown without a test function, so that no equation belongs to it; expected a test function for it, or an energy");
  snprintf(what, sizeof what, "no equation: its test function '%s' is in no term; expected terms with '%s'", form->scope->functions[f->partner].name,
           form->scope->functions[f->partner].name);
  return fail_field(form, field, what);
}

/* Is a row (which 0) or a column (which 1) of blocks zero? Its slots are first .. first + n. */
static bool is_empty(const gkt_form *tangent, int which, int first, int n) {
  int cols = num_slots(tangent, 1);
  for (int i = 0; i < tangent->num_integrals; i++)
    for (int k = 0; k < tangent->integrals[i].num_nodes; k++) {
      int slot = (which ? k % cols : k / cols) - first;
      if (slot >= 0 && slot < n && tangent->integrals[i].nodes[k] != GKT_ZERO) return false;
    }
  return true;
}

static gkt_status check_empty(const gkt_form *tangent, int which) {
  static const char *const what[] = {"its equation holds no unknown; expected terms with one, or with its gradient",
                                     "the unknown drops out; expected terms that hold it or its gradient"};
  const gkt_functions *list = &tangent->arguments[which];
  for (int k = 0, first = 0; k < list->count; k++) {
    int n = gkt_function_components(tangent->scope, list->functions[k]) * (1 + tangent->scope->dim);
    if (is_empty(tangent, which, first, n)) return fail_field(tangent, list->functions[k], what[which]);
    first += n;
  }
  return GKT_OK;
}

gkt_status gkt_form_check_unknowns(const gkt_form *tangent) {
  const gkt_functions *tests = &tangent->arguments[0], *unknowns = &tangent->arguments[1];
  for (int k = 0; k < unknowns->count; k++)
    if (!gkt_functions_hold(tests, unknowns->functions[k])) return fail_untested(tangent, unknowns->functions[k]);
  for (int k = 0; k < tests->count; k++)
    if (!gkt_functions_hold(unknowns, tests->functions[k]))
      return fail_field(tangent, tests->functions[k], "it has an equation and is no unknown; expected as many unknowns as equations");
  GKT_TRY(check_empty(tangent, 1));
  return check_empty(tangent, 0);
}
