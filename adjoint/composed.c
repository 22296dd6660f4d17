/* Functionals made of others by an expression: the chain rule. A functional of one form is its own only part. */
#include "adjoint/adjoint.h"
#include "forms/form.h"

int gkt_functional_num_parts(const gkt_functional *f) { return f->outer ? f->num_parts : 1; }
gkt_functional *gkt_functional_part(gkt_functional *f, int i) { return f->outer ? f->parts[i] : f; }

bool gkt_functional_depends_on_state(const gkt_functional *f) {
  bool depends = f->by_state.form;
  for (int i = 0; i < f->num_parts; i++) depends = depends || f->parts[i]->by_state.form;
  return depends;
}

/* ---- creation ---- */
static gkt_status check(const gkt_adjoint *a, const gkt_expression *outer, int num_parts, const char *const *names, gkt_functional *const *parts) {
  if (!outer || num_parts < 0 || (num_parts && (!names || !parts))) return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "functional: no expression, or no names or parts for it");
  if (gkt_shape_size(outer->value.shape) != 1 || gkt_expression_uses_functions(outer) || gkt_expression_varies(outer))
    return gkt_fail(a->ctx, GKT_UNAVAILABLE, "functional: what is made of others varies in space or holds fields; expected a number made of functionals and constants");
  for (int i = 0; i < num_parts; i++)
    if (!names[i] || !parts[i] || parts[i]->outer || parts[i]->a != a)
      return gkt_fail(a->ctx, GKT_BAD_ARGUMENT, "functional: part %d has no name, or is not one of one form and of this adjoint", i);
  return GKT_OK;
}

static gkt_status find_places(gkt_functional *f, const char *const *names) {
  for (int i = 0; i < f->num_parts; i++) {
    f->places[i] = gkt_scope_find_constant(f->outer->scope, names[i]);
    if (f->places[i] < 0) return gkt_fail(f->a->ctx, GKT_BAD_ARGUMENT, "functional: '%s' is no constant of the outer expression's scope", names[i]);
  }
  return GKT_OK;
}

static gkt_status derive(gkt_functional *f) {
  for (int c = 0; c < f->num_constants; c++) {
    GKT_TRY(gkt_expression_derivative_constant(f->outer, c, &f->slopes[c]));
    if (gkt_expression_is_zero(f->slopes[c])) gkt_expression_destroy(&f->slopes[c]);
  }
  return GKT_OK;
}

static bool is_part(const gkt_functional *f, int constant) {
  bool part = false;
  for (int i = 0; i < f->num_parts; i++) part = part || f->places[i] == constant;
  return part;
}

/* The constant of the system that one of the outer scope is; -1: it is a part. */
static int constant_of(const gkt_functional *f, int constant) { return is_part(f, constant) ? -1 : gkt_scope_find_constant(f->a->s->scope, f->outer->scope->constants[constant]); }

static void note_use(gkt_functional *f) {
  for (int i = 0; i < f->a->num_controls; i++) f->a->controls[i].is_used = f->a->controls[i].is_used || gkt_functional_holds(f, i);
}

gkt_status gkt_functional_compose(gkt_adjoint *a, const gkt_expression *outer, int num_parts, const char *const *names, gkt_functional *const *parts, gkt_functional **out) {
  gkt_functional *f = NULL;
  gkt_status status;
  GKT_NEED(a->ctx, out, "place for the functional");
  GKT_TRY(check(a, outer, num_parts, names, parts));
  GKT_TRY(gkt_calloc(a->ctx, 1, sizeof *f, &f));
  f->a = a, f->outer = gkt_expression_retain(outer), f->num_parts = num_parts, f->num_constants = gkt_scope_num_constants(outer->scope);
  GKT_GO(gkt_calloc(a->ctx, num_parts, sizeof *f->parts, &f->parts));
  GKT_GO(gkt_calloc(a->ctx, num_parts, sizeof *f->places, &f->places));
  GKT_GO(gkt_calloc(a->ctx, f->num_constants, sizeof *f->slopes, &f->slopes));
  GKT_GO(gkt_calloc(a->ctx, f->num_constants, sizeof *f->constants, &f->constants));
  for (int i = 0; i < num_parts; i++) f->parts[i] = parts[i];
  GKT_GO(find_places(f, names));
  GKT_GO(derive(f));
  note_use(f);
  GKT_GO(gkt_functional_warn_outer_kinks(f));
done:
  if (status == GKT_OK) *out = f;
  else gkt_functional_destroy(&f);
  return status;
}

/* ---- values ---- */
static gkt_status evaluate_form(gkt_functional *f, const gkt_inputs *inputs, double *value) {
  GKT_TRY(gkt_adjoint_plan_ahead(f->a, false, &f->value));
  return gkt_assemble_functional(f->value.assembler, inputs, value);
}

static gkt_status at_constants(const gkt_functional *f, const gkt_expression *e, double *out) {
  const double nowhere[3] = {0};
  const gkt_inputs inputs = {.constants = f->constants, .time = f->a->s->inputs.time};
  return gkt_evaluate_at(e, f->outer->scope->dim, &inputs, 1, nowhere, out);
}

gkt_status gkt_functional_evaluate(gkt_functional *f, const gkt_inputs *inputs, double *value) {
  if (!f->outer) return evaluate_form(f, inputs, value);
  for (int c = 0; c < f->num_constants; c++) {
    const int constant = constant_of(f, c);
    if (constant >= 0 && constant < f->a->s->num_constants) f->constants[c] = f->a->s->constants[constant];
  }
  for (int i = 0; i < f->num_parts; i++) GKT_TRY(evaluate_form(f->parts[i], inputs, &f->constants[f->places[i]]));
  return at_constants(f, f->outer, value);
}

static gkt_status slope_at(const gkt_functional *f, int constant, double *out) {
  *out = 0;
  return f->slopes[constant] ? at_constants(f, f->slopes[constant], out) : GKT_OK;
}

gkt_status gkt_functional_weight(const gkt_functional *f, int part, double *out) {
  *out = 1;
  return f->outer ? slope_at(f, f->places[part], out) : GKT_OK;
}

int gkt_functional_place(const gkt_functional *f, const gkt_adjoint_control *c) {
  if (!f->outer || c->kind != GKT_CONTROL_CONSTANT) return -1;
  const int place = gkt_scope_find_constant(f->outer->scope, c->name);
  return place >= 0 && constant_of(f, place) == c->number ? place : -1;
}

gkt_status gkt_functional_slope(const gkt_functional *f, const gkt_adjoint_control *c, double *out) {
  const int place = gkt_functional_place(f, c);
  *out = 0;
  return place < 0 ? GKT_OK : slope_at(f, place, out);
}

bool gkt_functional_holds(const gkt_functional *f, int control) {
  if (!f->outer) return f->by_control[control].form;
  const int place = gkt_functional_place(f, &f->a->controls[control]);
  bool holds = place >= 0 && f->slopes[place];
  for (int i = 0; i < f->num_parts; i++) holds = holds || f->parts[i]->by_control[control].form;
  return holds;
}
