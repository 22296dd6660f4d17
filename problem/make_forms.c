/* The scope and everything that is parsed in it. Nothing here needs a mesh, only its dimension. */
#include <string.h>

#include "forms/build.h"
#include "problem/problem.h"

gkt_shape gkt_problem_shape(int rank, int size, int dim) {
  if (rank == 0) return gkt_shape_scalar();
  if (rank == 1) return gkt_shape_vector(size ? size : dim);
  return gkt_shape_matrix(dim, dim);
}

static gkt_status add_fields(gkt_problem *p) {
  GKT_TRY(gkt_calloc(p->ctx, p->settings->num_fields, sizeof *p->fields, &p->fields));
  for (int i = 0; i < p->settings->num_fields; i++) {
    const gkt_field_settings *f = &p->settings->fields[i];
    gkt_shape shape = gkt_problem_shape(f->rank, f->size, p->dim);
    GKT_TRY(gkt_scope_add_field(p->scope, f->name.text, f->test.text, shape, f->element, &p->fields[i]));
  }
  return GKT_OK;
}

static gkt_status add_constants(gkt_problem *p) {
  int n = p->settings->num_constants, number;
  GKT_TRY(gkt_calloc(p->ctx, n, sizeof *p->constants, &p->constants));
  for (int i = 0; i < n; i++) {
    GKT_TRY(gkt_scope_add_constant(p->scope, p->settings->constants[i].name.text, &number));
    p->constants[number] = p->settings->constants[i].value;
  }
  p->inputs.constants = p->constants;
  return GKT_OK;
}

static gkt_status add_expressions(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  for (int i = 0; i < s->num_coefficients; i++)
    if (s->coefficients[i].kind == GKT_COEFFICIENT_SYMBOLIC) GKT_TRY(gkt_scope_add_expression(p->scope, s->coefficients[i].name.text, &s->coefficients[i].value, false));
  for (int i = 0; i < s->num_lets; i++) GKT_TRY(gkt_scope_add_expression(p->scope, s->lets[i].name.text, &s->lets[i].source, true));
  return GKT_OK;
}

/* The value of a discrete coefficient: an expression in x, t, constants and symbolic coefficients. */
static gkt_status parse_value(gkt_problem *p, const gkt_source *source, gkt_expression **out) {
  GKT_TRY(gkt_expression_parse(p->scope, source, out));
  if (gkt_expression_uses_functions(*out) || gkt_expression_uses_normal(*out))
    return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "the value of a discrete coefficient; expected x, t, constants and symbolic coefficients only");
  return GKT_OK;
}

static gkt_status same_shape(gkt_problem *p, const gkt_coefficient_settings *c, const gkt_expression *a, const gkt_expression *b) {
  gkt_shape s = gkt_expression_shape(a), t = gkt_expression_shape(b);
  if (s.rank == t.rank && s.dims[0] == t.dims[0] && s.dims[1] == t.dims[1]) return GKT_OK;
  return gkt_problem_refuse(p, GKT_BAD_INPUT, &c->name, "the values of its regions have different shapes; expected one shape");
}

static gkt_status add_region_coefficient(gkt_problem *p, const gkt_coefficient_settings *c, gkt_expression **values) {
  for (int i = 0; i < c->num_regions; i++) {
    GKT_TRY(parse_value(p, &c->regions[i].source, &values[i]));
    GKT_TRY(same_shape(p, c, values[0], values[i]));
  }
  if (c->fallback.text) {
    GKT_TRY(parse_value(p, &c->fallback, &values[c->num_regions]));
    if (c->num_regions) GKT_TRY(same_shape(p, c, values[0], values[c->num_regions]));
  }
  return GKT_OK;
}

/* Its number in the settings and in the scope; values: of its regions. */
/* Of a control whose values are sought at times; 0: of none. */
static int times_of(const gkt_problem *p, int coefficient) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  for (int i = 0; i < o->num_controls; i++)
    if (o->controls[i].times && o->controls[i].condition < 0 && o->controls[i].number == coefficient) return o->controls[i].times;
  return 0;
}

static gkt_status follow_time(gkt_problem *p, int i, gkt_expression *const *values, int function) {
  const int n = p->settings->coefficients[i].num_regions;
  const int times = times_of(p, i);
  bool any = times || (p->coefficients[i] && gkt_expression_uses_time(p->coefficients[i]));
  for (int r = 0; r <= n; r++) any = any || (values[r] && gkt_expression_uses_time(values[r]));
  if (!any) return GKT_OK;
  p->followed[p->num_followed++] = (gkt_followed){.p = p, .name = &p->settings->coefficients[i].name, .function = function, .coefficient = i, .control = -1, .times = times};
  return gkt_scope_follow_time(p->scope, function);
}

static gkt_status add_discrete(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  int number, total = 0;
  for (int i = 0; i < s->num_coefficients; i++) total += s->coefficients[i].num_regions + 1;
  GKT_TRY(gkt_calloc(p->ctx, s->num_coefficients, sizeof *p->coefficients, &p->coefficients));
  GKT_TRY(gkt_calloc(p->ctx, total, sizeof *p->region_values, &p->region_values));
  GKT_TRY(gkt_calloc(p->ctx, s->num_coefficients + s->optimize.num_controls, sizeof *p->followed, &p->followed));
  gkt_expression **values = p->region_values;
  for (int i = 0; i < s->num_coefficients; i++) {
    const gkt_coefficient_settings *c = &s->coefficients[i];
    const gkt_expression *first = NULL;
    if (c->kind == GKT_COEFFICIENT_DISCRETE) {
      GKT_TRY(parse_value(p, &c->value, &p->coefficients[i]));
      GKT_TRY(gkt_problem_check_real(p, &c->value, p->coefficients[i], c->element));
      first = p->coefficients[i];
    } else if (c->kind == GKT_COEFFICIENT_REGIONS) {
      GKT_TRY(add_region_coefficient(p, c, values));
      first = values[0] ? values[0] : values[c->num_regions];
    }
    if (first) GKT_TRY(gkt_scope_add_coefficient(p->scope, c->name.text, gkt_expression_shape(first), c->element, &number));
    if (first) GKT_TRY(follow_time(p, i, values, number));
    values += c->num_regions + 1;
  }
  return GKT_OK;
}

/* Which fields stand in an energy is seen by its derivative by each; those that do not need not be tested by it. */
static gkt_status derive_energy(gkt_problem *p, const gkt_form *energy, gkt_form **out) {
  int *held = NULL, count = 0;
  gkt_status status;
  GKT_GO(gkt_alloc(p->ctx, p->settings->num_fields, sizeof *held, &held));
  for (int i = 0; i < p->settings->num_fields; i++)
    if (p->settings->num_fields == 1 || gkt_form_depends_on(energy, p->fields[i])) held[count++] = p->fields[i];
  if (count) GKT_GO(gkt_form_derivative(energy, count, held, out));
  else status = gkt_problem_refuse_text(p, GKT_BAD_INPUT, &p->settings->energy, "it holds no field; expected terms with one");
done:
  gkt_free(&held);
  return status;
}

/* The residual, or the energy alone. */
static gkt_status parse_forms(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  gkt_form *energy = NULL, *gradient = NULL, *equation = NULL;
  gkt_status status = GKT_OK;
  if (s->equation.text) GKT_GO(gkt_form_parse(p->scope, GKT_EQUATION, &s->equation, &equation));
  if (s->energy.text) GKT_GO(gkt_form_parse(p->scope, GKT_ENERGY, &s->energy, &energy));
  if (equation && energy) {
    GKT_GO(derive_energy(p, energy, &gradient));
    GKT_GO(gkt_form_add(equation, gradient, &p->form));
    goto done;
  }
  p->form = equation ? equation : energy;
  equation = energy = NULL;
done:
  gkt_form_destroy(&energy);
  gkt_form_destroy(&gradient);
  gkt_form_destroy(&equation);
  return status;
}

/* The one field of a problem that does not hold it. */
static gkt_status refuse_no_field(gkt_problem *p) {
  const gkt_source *source = p->settings->equation.text ? &p->settings->equation : &p->settings->energy;
  return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "%s drops out; expected terms that hold it or its gradient (second derivatives of P1 are zero: integrate by parts)",
                                 p->settings->fields[0].name.text);
}

static gkt_status stands_nowhere(const gkt_form *tangent, int field, bool *out) {
  *out = true;
  for (int k = 0; k < gkt_form_num_arguments(tangent, 0) && *out; k++) {
    gkt_form *block;
    GKT_TRY(gkt_form_block(tangent, gkt_form_argument(tangent, 0, k), field, &block));
    *out = gkt_form_num_integrals(block) == 0;
    gkt_form_destroy(&block);
  }
  return GKT_OK;
}

/* One field of several that no equation tests, or none holds. */
static gkt_status check_field(gkt_problem *p, const gkt_form *tangent, int i) {
  const gkt_field_settings *f = &p->settings->fields[i];
  bool drops_out;
  if (!gkt_functions_hold(&tangent->arguments[0], p->fields[i]))
    return gkt_problem_refuse(p, GKT_BAD_INPUT, f->test.text ? &f->test : &f->name, "no equation belongs to %s: %s", f->name.text,
                              f->test.text ? "its test function is in no term; expected terms with it" : "it has no test function and is in no energy; expected one of these");
  GKT_TRY(stands_nowhere(tangent, p->fields[i], &drops_out));
  if (!drops_out) return GKT_OK;
  return gkt_problem_refuse(p, GKT_BAD_INPUT, &f->name, "it drops out: no equation holds it or its gradient; expected terms that do, or no such field");
}

/* Before there is a mesh: does the form determine the unknowns at all, and is it linear? */
static gkt_status look_at_tangent(gkt_problem *p) {
  const int n = p->settings->num_fields;
  gkt_form *residual = NULL, *tangent = NULL;
  gkt_status status = GKT_OK;
  if (gkt_form_arity(p->form) == 0) GKT_GO(gkt_form_derivative(p->form, n, p->fields, &residual));
  GKT_GO(gkt_form_tangent(residual ? residual : p->form, n, p->fields, &tangent));
  for (int i = 0; i < n; i++) p->is_nonlinear = p->is_nonlinear || gkt_form_varies_with(tangent, p->fields[i]);
  if (n == 1 && !gkt_form_num_integrals(tangent)) GKT_GO(refuse_no_field(p));
  for (int i = 0; i < n && n > 1; i++) GKT_GO(check_field(p, tangent, i));
  GKT_GO(gkt_form_check_unknowns(tangent));
done:
  gkt_form_destroy(&residual);
  gkt_form_destroy(&tangent);
  return status;
}

/* |u - exact|^2 and |grad(u - exact)|^2, with the symbolic gradient, degree 2k+4, or that of squares of bubbles. */
static gkt_status make_error_forms(gkt_problem *p, const gkt_source *source, int field, const gkt_expression *exact, gkt_result out[2]) {
  const gkt_element element = gkt_scope_function_element(p->scope, field);
  const int squares = 2 * gkt_element_polynomial_degree(element, p->dim, true), usual = 2 * gkt_element_complete_degree(element) + 4, degree = squares > usual ? squares : usual;
  gkt_build b = {.scope = p->scope, .source = source};
  gkt_value error = gkt_build_operator(&b, '-', gkt_build_function(&b, field), exact->value);
  GKT_TRY(gkt_build_functional(&b, gkt_build_inner(&b, error, error), degree, &out[0].form));
  if (error.shape.rank == 2) return GKT_OK; /* matrices have no gradient yet */
  gkt_value slope = gkt_build_grad(&b, error);
  return gkt_build_functional(&b, gkt_build_inner(&b, slope, slope), degree, &out[1].form);
}

static gkt_status parse_one_exact(gkt_problem *p, const gkt_source *source, int field, gkt_result out[2]) {
  gkt_expression *exact = NULL;
  gkt_status status;
  GKT_GO(gkt_expression_parse(p->scope, source, &exact));
  if (gkt_expression_uses_fields(exact))
    GKT_GO(gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "the exact solution contains the unknown; expected x, constants and coefficients only"));
  GKT_GO(gkt_problem_refuse_history(p, source, exact));
  GKT_GO(gkt_problem_check_shape(p, source, exact, gkt_scope_function_shape(p->scope, field)));
  GKT_GO(make_error_forms(p, source, field, exact, out));
done:
  gkt_expression_destroy(&exact);
  return status;
}

static gkt_status parse_exact(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  GKT_TRY(gkt_calloc(p->ctx, 2 * s->num_exact, sizeof *p->errors, &p->errors));
  for (int i = 0; i < s->num_exact; i++) GKT_TRY(parse_one_exact(p, &s->exact[i].source, gkt_scope_find_function(p->scope, s->exact[i].name.text), &p->errors[2 * i]));
  return GKT_OK;
}

/* A real where a function of place was meant. */
static bool is_real(const gkt_expression *e) { return !gkt_expression_varies(e) && gkt_expression_uses_functions(e); }
#define NO_PLACE "one number for the whole mesh, with no value by place; expected what varies in space (the report holds the number, compute takes others made of it)"

/* An expression whose values are wanted at nodes or points, where n has no meaning. */
static gkt_status parse_at_points(gkt_problem *p, const gkt_source *source, gkt_expression **out) {
  GKT_TRY(gkt_expression_parse(p->scope, source, out));
  if (gkt_expression_uses_normal(*out)) return gkt_problem_refuse_text(p, GKT_BAD_INPUT, source, "n has no meaning at points; expected an integral over ds(...) instead");
  return gkt_problem_check_rates(p, source, *out, NULL);
}

static gkt_status parse_compute(gkt_problem *p, const gkt_compute_settings *c, gkt_result *out) {
  if (out->is_derived) return GKT_OK; /* when the others are known */
  if (c->kind == GKT_COMPUTE_FUNCTIONAL) {
    GKT_TRY(gkt_form_parse(p->scope, GKT_FUNCTIONAL, &c->source, &out->form));
    return gkt_problem_check_rates(p, &c->source, NULL, out->form);
  }
  GKT_TRY(parse_at_points(p, &c->source, &out->expression));
  if (is_real(out->expression)) return gkt_problem_refuse_text(p, GKT_BAD_INPUT, &c->source, NO_PLACE);
  return gkt_problem_check_shape(p, &c->source, out->expression, gkt_shape_scalar());
}

static gkt_status parse_results(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  GKT_TRY(gkt_calloc(p->ctx, s->num_compute, sizeof *p->compute, &p->compute));
  GKT_TRY(gkt_calloc(p->ctx, s->num_probes, sizeof *p->probes, &p->probes));
  GKT_TRY(gkt_problem_find_derived(p));
  for (int i = 0; i < s->num_compute; i++) GKT_TRY(parse_compute(p, &s->compute[i], &p->compute[i]));
  return gkt_problem_parse_derived(p);
}

static gkt_status parse_probes(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  for (int i = 0; i < s->num_probes; i++) {
    const gkt_probe_settings *q = &s->probes[i];
    if (q->num_at != p->dim) return gkt_problem_refuse_key(p, GKT_BAD_INPUT, q->name.at, "at", "%d coordinates; expected %d, as the mesh has", q->num_at, p->dim);
    GKT_TRY(parse_at_points(p, &q->value, &p->probes[i].expression));
    if (is_real(p->probes[i].expression)) return gkt_problem_refuse(p, GKT_BAD_INPUT, &q->name, "'%.60s' is " NO_PLACE, q->value.text);
  }
  return GKT_OK;
}

static gkt_status parse_outputs(gkt_problem *p) {
  const gkt_output_settings *o = &p->settings->output;
  GKT_TRY(gkt_calloc(p->ctx, o->num_fields, sizeof *p->outputs, &p->outputs));
  for (int i = 0; i < o->num_fields; i++) GKT_TRY(parse_at_points(p, &o->fields[i].source, &p->outputs[i]));
  if (o->color.text) GKT_TRY(parse_at_points(p, &o->color, &p->color));
  if (p->color && gkt_expression_shape(p->color).rank > 1)
    return gkt_problem_refuse_text(p, GKT_BAD_INPUT, &o->color, "a matrix has no colour; expected a scalar or a vector, for example norm(...)");
  if (!o->warp.text) return GKT_OK;
  GKT_TRY(parse_at_points(p, &o->warp, &p->warp));
  return gkt_problem_check_shape(p, &o->warp, p->warp, gkt_shape_vector(p->dim));
}

static gkt_status parse_condition(gkt_problem *p, const gkt_condition_settings *c, gkt_expression **out) {
  gkt_shape shape = gkt_scope_function_shape(p->scope, p->fields[c->number]);
  int count = gkt_shape_size(shape);
  GKT_TRY(gkt_expression_parse(p->scope, &c->value, out));
  if (gkt_expression_uses_fields(*out))
    return gkt_problem_refuse_text(p, GKT_BAD_INPUT, &c->value, "the value of a condition contains the unknown; expected x, constants and coefficients only");
  if (gkt_expression_uses_normal(*out)) return gkt_problem_refuse_text(p, GKT_UNAVAILABLE, &c->value, "n in the value of a condition is not available yet");
  GKT_TRY(gkt_problem_refuse_history(p, &c->value, *out));
  if (c->component >= count) return gkt_problem_refuse_key(p, GKT_BAD_INPUT, c->at, "component", "no such component of field %s; expected 0 to %d", c->field.text, count - 1);
  return gkt_problem_check_shape(p, &c->value, *out, c->component == GKT_ALL_COMPONENTS ? shape : gkt_shape_scalar());
}

static gkt_status parse_where(gkt_problem *p, const gkt_region_settings *r, gkt_expression **out) {
  if (!r->where.text) return GKT_OK;
  GKT_TRY(gkt_expression_parse(p->scope, &r->where, out));
  if (gkt_expression_uses_functions(*out) || gkt_expression_uses_normal(*out) || gkt_expression_uses_time(*out))
    return gkt_problem_refuse_text(p, GKT_BAD_INPUT, &r->where, "a condition for places; expected x and constants only");
  return gkt_problem_check_shape(p, &r->where, *out, gkt_shape_scalar());
}

static gkt_status parse_conditions(gkt_problem *p) {
  const gkt_settings *s = p->settings;
  GKT_TRY(gkt_calloc(p->ctx, s->num_conditions, sizeof *p->conditions, &p->conditions));
  GKT_TRY(gkt_calloc(p->ctx, s->num_regions, sizeof *p->region_wheres, &p->region_wheres));
  for (int i = 0; i < s->num_conditions; i++) GKT_TRY(parse_condition(p, &s->conditions[i], &p->conditions[i]));
  for (int i = 0; i < s->num_regions; i++) GKT_TRY(parse_where(p, &s->regions[i], &p->region_wheres[i]));
  return GKT_OK;
}

gkt_status gkt_problem_make_forms(gkt_problem *p) {
  GKT_TRY(gkt_scope_create(p->ctx, p->dim, &p->scope));
  GKT_TRY(add_fields(p));
  GKT_TRY(add_constants(p));
  GKT_TRY(add_expressions(p));
  GKT_TRY(add_discrete(p));
  GKT_TRY(gkt_problem_declare_histories(p));
  GKT_TRY(gkt_problem_declare_values(p));
  GKT_TRY(gkt_scope_check(p->scope));
  GKT_TRY(parse_forms(p));
  GKT_TRY(look_at_tangent(p));
  GKT_TRY(gkt_problem_choose_scheme(p));
  GKT_TRY(gkt_problem_lump(p));
  GKT_TRY(parse_exact(p));
  GKT_TRY(parse_results(p));
  GKT_TRY(gkt_problem_parse_initial(p));
  GKT_TRY(gkt_problem_parse_histories(p));
  GKT_TRY(parse_conditions(p));
  GKT_TRY(gkt_problem_declare_gradients(p)); /* only what follows may read them: they are 0 before there is a solution */
  GKT_TRY(parse_probes(p));
  GKT_TRY(parse_outputs(p));
  GKT_TRY(gkt_problem_check_histories(p));
  return gkt_problem_take_values(p);
}
