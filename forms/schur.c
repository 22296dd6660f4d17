/* Forms for the Schur complement of a field: the sum over the fields that it is coupled with, and its own block. */
#include "forms/schur.h"

#include <math.h>

#include "forms/symbol.h"

typedef struct {
  gkt_form *mass, *stiffness; /* of the one field that gives both */
  gkt_form *rest;             /* the sum of what others give, and of the own block */
  gkt_schur_coupling first;   /* that gave something; its forms are gone */
} sum;

static gkt_status add_form(gkt_form **to, gkt_form **form) {
  gkt_form *both = NULL;
  if (*to) GKT_TRY(gkt_form_add(*to, *form, &both));
  else both = *form, *form = NULL;
  gkt_form_destroy(to);
  gkt_form_destroy(form);
  *to = both;
  return GKT_OK;
}

static gkt_status take(gkt_schur_search *s, gkt_schur_coupling *c, sum *all) {
  if (!c->mass && !c->stiffness) return GKT_OK;
  if (all->first.sign && all->first.sign != c->sign) return gkt_schur_explain(s, "fields are coupled with '%s' by different signs", gkt_schur_name(s, s->field));
  if (all->mass && c->mass && c->stiffness) return gkt_schur_explain(s, "'%s' is coupled with two fields of mixed order", gkt_schur_name(s, s->field));
  bool both = c->mass && c->stiffness;
  if (both) all->mass = c->mass, all->stiffness = c->stiffness, c->mass = c->stiffness = NULL;
  if (c->mass) GKT_TRY(add_form(&all->rest, &c->mass));
  if (c->stiffness) GKT_TRY(add_form(&all->rest, &c->stiffness));
  if (both || !all->first.sign) all->first = *c;
  return GKT_OK;
}

static gkt_status add_couplings(gkt_schur_search *s, sum *all) {
  const gkt_functions *others = &s->tangent->arguments[1];
  for (int k = 0; k < others->count && !*s->out->why; k++) {
    int other = others->functions[k];
    gkt_schur_coupling c = {0};
    if (other == s->field || !gkt_functions_hold(&s->tangent->arguments[0], other) || s->scope->functions[other].element.kind == GKT_REAL) continue;
    gkt_status status = gkt_schur_look_at(s, other, &c);
    if (status == GKT_OK && !*s->out->why) status = take(s, &c, all);
    gkt_schur_forget(&c);
    GKT_TRY(status);
  }
  return GKT_OK;
}

/* Its part of what the weight of the rest is, at least; INFINITY where it has gradients. */
static double size_of(const gkt_schur_search *s, const gkt_form *own) {
  double size = 0;
  for (int i = 0; i < own->num_integrals; i++) {
    const gkt_integral *integral = &own->integrals[i];
    gkt_interval r = gkt_schur_range(s, integral->nodes[0]);
    for (int k = 1; k < integral->num_nodes; k++)
      if (integral->nodes[k] != GKT_ZERO) return INFINITY;
    if (integral->measure == GKT_MEASURE_DX && !integral->num_names) size += r.low > 0 ? r.low : r.high < 0 ? -r.high : 0;
  }
  return size;
}

/* -C beside D A^-1 G, or C where that has the other sign. */
static gkt_status add_own(gkt_schur_search *s, sum *all) {
  gkt_form_facts facts;
  gkt_form *own = NULL;
  gkt_status status;
  GKT_GO(gkt_form_block(s->tangent, s->field, s->field, &own));
  GKT_GO(gkt_form_analyse(own, s->range, s->user, NULL, &facts));
  s->out->is_saddle = all->first.is_divergence && (facts.zero || !(size_of(s, own) >= 0.1 * all->first.weight.high));
  if (facts.zero) goto done;
  if (!(all->first.sign > 0 ? facts.negative : facts.positive))
    GKT_GO(gkt_schur_explain(s, "the own block of '%s' is not of the sign of a multiplier's", gkt_schur_name(s, s->field)));
  for (int i = 0; i < own->num_integrals && all->first.sign > 0; i++) gkt_negate(s->graph, own->integrals[i].num_nodes, own->integrals[i].nodes);
  GKT_GO(add_form(&all->rest, &own));
done:
  gkt_form_destroy(&own);
  return status;
}

static const char *kind_of(const gkt_form *form) {
  bool mass = gkt_symbol_part_of(form, GKT_ORDER_ZERO).present, stiffness = gkt_symbol_part_of(form, GKT_ORDER_TWO).present;
  return mass && stiffness ? "mass and stiffness" : mass ? "mass" : "stiffness";
}

static gkt_status finish(gkt_schur_search *s, sum *all) {
  gkt_schur_forms *out = s->out;
  bool both = all->mass, rest = all->rest;
  if (both && rest) {
    gkt_form *copy = gkt_form_retain(all->rest);
    gkt_status status = add_form(&all->stiffness, &copy);
    gkt_form_destroy(&copy);
    GKT_TRY(status);
    GKT_TRY(add_form(&all->mass, &all->rest));
  }
  out->forms[0] = both ? all->mass : all->rest, out->forms[1] = all->stiffness;
  out->count = both ? 2 : 1, out->sign = -all->first.sign, out->other = all->first.other, out->weak = all->first.weak;
  all->mass = all->stiffness = all->rest = NULL;
  for (int i = 0; i < out->count; i++) GKT_TRY(gkt_form_prove_symmetry(out->forms[i]));
  return gkt_schur_explain(s, "%s over the block of '%s'%s", both ? "mass and stiffness by Cahouet and Chabard" : kind_of(out->forms[0]), gkt_schur_name(s, out->other),
                           both && rest ? ", and its own block" : "");
}

static gkt_status find(gkt_schur_search *s) {
  sum all = {0};
  gkt_status status;
  GKT_GO(add_couplings(s, &all));
  if (!*s->out->why && !all.first.sign) GKT_GO(gkt_schur_explain(s, "'%s' is coupled with no other field in cells", gkt_schur_name(s, s->field)));
  if (!*s->out->why) GKT_GO(add_own(s, &all));
  if (!*s->out->why) GKT_GO(finish(s, &all));
  status = gkt_graph_status(s->graph);
done:
  gkt_form_destroy(&all.mass), gkt_form_destroy(&all.stiffness), gkt_form_destroy(&all.rest);
  return status;
}

static gkt_status list_fields(gkt_schur_search *s) {
  int *fields, count = 0;
  GKT_TRY(gkt_alloc(s->ctx, s->scope->num_functions, sizeof *fields, &fields));
  for (int f = 0; f < s->scope->num_functions; f++)
    if (s->scope->functions[f].role == GKT_ROLE_FIELD || s->scope->functions[f].role == GKT_ROLE_RATE) fields[count++] = f;
  gkt_status status = gkt_form_terminals(s->tangent, count, fields, &s->terminals, &s->num_terminals);
  gkt_free(&fields);
  return status;
}

static gkt_status check(const gkt_form *tangent, int field) {
  gkt_context *ctx = tangent->scope->ctx;
  if (tangent->arity != 2) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "gkt_form_find_schur: a form of arity %d; expected 2", tangent->arity);
  if (gkt_functions_hold(&tangent->arguments[0], field) && gkt_functions_hold(&tangent->arguments[1], field)) return GKT_OK;
  return gkt_fail(ctx, GKT_BAD_ARGUMENT, "gkt_form_find_schur: function %d is not in both arguments of the form", field);
}

gkt_status gkt_form_find_schur(const gkt_form *tangent, int field, gkt_terminal_range *range, const void *user, gkt_schur_forms *out) {
  gkt_scope *scope = tangent->scope;
  gkt_schur_forms found = {.other = -1};
  gkt_schur_search s = {
      .tangent = tangent, .scope = scope, .graph = scope->graph, .ctx = scope->ctx, .range = range, .user = user, .field = field, .dim = scope->dim, .out = &found};
  gkt_status status;
  GKT_TRY(check(tangent, field));
  s.components = gkt_function_components(scope, field);
  GKT_GO(list_fields(&s));
  GKT_GO(gkt_calloc(s.ctx, s.num_terminals, sizeof *s.zeros, &s.zeros)); /* GKT_ZERO is 0 */
  GKT_GO(gkt_alloc(s.ctx, 2 * GKT_SCHUR_TERMS, sizeof *s.work, &s.work));
  if (scope->functions[field].element.kind == GKT_REAL) GKT_GO(gkt_schur_explain(&s, "'%s' is one number", gkt_schur_name(&s, field)));
  else GKT_GO(find(&s));
  GKT_GO(gkt_unless_exhausted(s.ctx, GKT_OK));
  *out = found;
  found.count = 0, found.forms[0] = found.forms[1] = NULL;
done:
  gkt_schur_forms_clear(&found);
  gkt_free(&s.terminals);
  gkt_free(&s.zeros);
  gkt_free(&s.work);
  return status;
}

void gkt_schur_forms_clear(gkt_schur_forms *f) {
  for (int i = 0; i < 2; i++) gkt_form_destroy(&f->forms[i]);
  f->count = 0;
}
