/* What is drawn for a sample becomes the data of the problem. */
#include "problem/sample.h"

#include <string.h>

#include "forms/form.h"

/* ---- what holds a drawn constant ---- */
static bool is_constant(const gkt_terminal *t, const void *number) { return t->kind == GKT_TERM_CONSTANT && t->function == *(const int *)number; }

static bool holds(const gkt_expression *e, int constant) { return e && gkt_expression_has_terminal(e, is_constant, &constant); }

/* Regions of the mesh are found once. */
static gkt_status check_regions(gkt_problem *p, int constant) {
  for (int i = 0; i < p->settings->num_regions; i++)
    if (holds(p->region_wheres[i], constant))
      return gkt_problem_refuse_text(p, GKT_BAD_INPUT, &p->settings->regions[i].where,
                                     "it holds %s, which is drawn anew for each sample, and regions are found once; expected other constants",
                                     p->settings->constants[constant].name.text);
  return GKT_OK;
}

/* What a data set keeps of a sample is one field, not one for each time. */
static gkt_status refuse_followed(gkt_problem *p, int coefficient, const gkt_word *drawn) {
  for (int i = 0; i < p->num_followed; i++)
    if (p->followed[i].coefficient == coefficient)
      return gkt_problem_refuse(p, GKT_UNAVAILABLE, drawn, "drawn for '%s', whose values depend on t, which is not available yet; expected a symbolic coefficient, or no t in it",
                                p->settings->coefficients[coefficient].name.text);
  return GKT_OK;
}

static gkt_status look_at_coefficients(gkt_problem *p, int constant, const gkt_word *name, gkt_draws *d) {
  gkt_expression *const *values = p->region_values;
  for (int i = 0; i < p->settings->num_coefficients; i++) {
    const gkt_coefficient_settings *c = &p->settings->coefficients[i];
    bool any = holds(p->coefficients[i], constant);
    for (int r = 0; c->kind == GKT_COEFFICIENT_REGIONS && r <= c->num_regions; r++) any = any || holds(values[r], constant);
    values += c->num_regions + 1;
    if (c->kind == GKT_COEFFICIENT_SYMBOLIC || !any) continue;
    GKT_TRY(refuse_followed(p, i, name));
    d->refills = d->varies[gkt_scope_find_function(p->scope, c->name.text)] = true;
  }
  return GKT_OK;
}

/* ---- fields ---- */
static gkt_status create_gaussian(gkt_problem *p, const gkt_draw_settings *s, gkt_drawn *d) {
  int number;
  GKT_TRY(gkt_problem_place(p, gkt_gaussian_create(p->ctx, p->mesh, &s->gaussian, &d->gaussian), &s->name));
  const gkt_space *space = gkt_gaussian_space(d->gaussian);
  GKT_TRY(gkt_scope_create(p->ctx, p->dim, &d->scope));
  GKT_TRY(gkt_scope_add_coefficient(d->scope, "g", gkt_shape_scalar(), gkt_space_element(space), &number));
  GKT_TRY(gkt_expression_parse(d->scope, &(gkt_source){.text = "g"}, &d->expression));
  return gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof *d->field, &d->field);
}

static gkt_status create_field(gkt_problem *p, const gkt_draw_settings *s, gkt_drawn *d) {
  const gkt_space *space = p->spaces[d->function];
  GKT_TRY(gkt_space_create(p->mesh, gkt_space_element(space), gkt_shape_scalar(), &d->scalar));
  GKT_TRY(gkt_alloc(p->ctx, gkt_space_num_nodes(space), sizeof *d->one, &d->one));
  GKT_TRY(gkt_alloc(p->ctx, gkt_space_num_dofs(space), sizeof *d->base, &d->base));
  memcpy(d->base, p->values[d->function], (size_t)gkt_space_num_dofs(space) * sizeof *d->base);
  return s->kind == GKT_DRAW_GAUSSIAN ? create_gaussian(p, s, d) : GKT_OK;
}

/* d->one = the field in the space of one component, which is its own where that is P1. */
static gkt_status take_field(const gkt_drawn *d) {
  const gkt_space *space = gkt_gaussian_space(d->gaussian);
  const gkt_element element = gkt_space_element(d->scalar), own = gkt_space_element(space);
  const gkt_scalar *field = d->field;
  if (element.kind != own.kind || element.degree != own.degree) return gkt_interpolate(d->expression, d->scalar, &(gkt_inputs){.spaces = &space, .values = &field}, d->one);
  memcpy(d->one, field, (size_t)gkt_space_num_nodes(space) * sizeof *field);
  return GKT_OK;
}

/* A component. */
static gkt_status draw_component(gkt_problem *p, const gkt_draw_settings *s, const gkt_drawn *d, const gkt_draw *draw) {
  if (s->kind == GKT_DRAW_SINES) return gkt_sine_draw(p->ctx, &s->sines, draw, p->dim, gkt_space_num_nodes(d->scalar), gkt_space_coords(d->scalar), d->one);
  GKT_TRY(gkt_gaussian_draw(d->gaussian, draw, d->field));
  return take_field(d);
}

/* Components are independent, each by a name of its own: "f[1]". */
static gkt_status draw_field(gkt_problem *p, const gkt_draw_settings *s, const gkt_drawn *d, gkt_idx sample) {
  const gkt_space *space = p->spaces[d->function];
  const int components = gkt_space_block_size(space);
  gkt_scalar *out = p->values[d->function];
  char name[80];
  for (int c = 0; c < components; c++) {
    snprintf(name, sizeof name, components > 1 ? "%s[%d]" : "%s", s->name.text, c);
    GKT_TRY(draw_component(p, s, d, &(gkt_draw){.seed = (uint64_t)p->settings->sample.seed, .sample = sample, .name = name}));
    for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++) {
      const gkt_size k = (gkt_size)i * components + c;
      const gkt_scalar base = d->base[k];
      out[k] = s->exp ? base * exp(d->one[i]) : base + d->one[i];
      if (!isfinite(out[k])) return gkt_problem_refuse(p, GKT_BAD_INPUT, &s->name, "%g at node %d; expected a finite number", out[k], i);
    }
  }
  return GKT_OK;
}

/* ---- numbers ---- */
static gkt_scalar draw_number(const gkt_problem *p, const gkt_draw_settings *s, gkt_idx sample) {
  const gkt_draw draw = {.seed = (uint64_t)p->settings->sample.seed, .sample = sample, .name = s->name.text};
  gkt_scalar x;
  if (s->kind == GKT_DRAW_UNIFORM) return gkt_draw_uniform(&draw, 1, &x), s->first + (s->second - s->first) * x;
  gkt_draw_normal(&draw, 1, &x);
  return s->kind == GKT_DRAW_NORMAL ? s->first + s->second * x : s->first * exp(s->second * x);
}

/* ---- all ---- */
static gkt_status create_one(gkt_problem *p, const gkt_draw_settings *s, gkt_draws *all, gkt_drawn *d) {
  d->function = s->kind >= GKT_DRAW_GAUSSIAN ? gkt_scope_find_function(p->scope, s->name.text) : -1;
  if (d->function >= 0) {
    GKT_TRY(refuse_followed(p, s->number, &s->name));
    all->varies[d->function] = true;
    return create_field(p, s, d);
  }
  d->constant = gkt_scope_find_constant(p->scope, s->name.text);
  GKT_TRY(look_at_coefficients(p, d->constant, &s->name, all));
  return check_regions(p, d->constant);
}

gkt_status gkt_draws_create(gkt_problem *p, gkt_draws **out) {
  const gkt_sample_settings *s = &p->settings->sample;
  gkt_draws *d = NULL;
  gkt_status status;
  GKT_TRY(gkt_calloc(p->ctx, 1, sizeof *d, &d));
  GKT_GO(gkt_calloc(p->ctx, p->num_functions, sizeof *d->varies, &d->varies));
  GKT_GO(gkt_calloc(p->ctx, s->num_draws, sizeof *d->drawn, &d->drawn));
  for (int i = 0; i < s->num_draws; i++) {
    d->num_drawn = i + 1;
    GKT_GO(create_one(p, &s->draws[i], d, &d->drawn[i]));
  }
done:
  if (status == GKT_OK) *out = d;
  else gkt_draws_destroy(&d);
  return status;
}

void gkt_draws_destroy(gkt_draws **draws) {
  gkt_draws *d = *draws;
  if (!d) return;
  for (int i = 0; i < d->num_drawn; i++) {
    gkt_drawn *one = &d->drawn[i];
    gkt_gaussian_destroy(&one->gaussian);
    gkt_expression_destroy(&one->expression);
    gkt_scope_destroy(&one->scope);
    gkt_space_destroy(&one->scalar);
    gkt_free(&one->base), gkt_free(&one->field), gkt_free(&one->one);
  }
  gkt_free(&d->drawn);
  gkt_free(&d->varies);
  gkt_free(draws);
}

/* What the file gives where constants are those of the sample; drawn fields then stand on it. */
static gkt_status refill(gkt_problem *p, const gkt_draws *d) {
  GKT_TRY(gkt_problem_fill_coefficients(p));
  for (int i = 0; i < d->num_drawn; i++) {
    const gkt_drawn *one = &d->drawn[i];
    if (one->function >= 0) memcpy(one->base, p->values[one->function], (size_t)gkt_space_num_dofs(p->spaces[one->function]) * sizeof *one->base);
  }
  return GKT_OK;
}

gkt_status gkt_draws_take(gkt_problem *p, const gkt_draws *d, gkt_idx sample) {
  const gkt_sample_settings *s = &p->settings->sample;
  const gkt_inputs own = {.values = (const gkt_scalar *const *)p->values, .constants = p->constants};
  for (int i = 0; i < s->num_draws; i++)
    if (d->drawn[i].function < 0) p->constants[d->drawn[i].constant] = draw_number(p, &s->draws[i], sample);
  GKT_TRY(gkt_system_set_data(p->system, &own));
  if (d->refills) GKT_TRY(refill(p, d));
  for (int i = 0; i < s->num_draws; i++)
    if (d->drawn[i].function >= 0) GKT_TRY(draw_field(p, &s->draws[i], &d->drawn[i], sample));
  GKT_TRY(gkt_system_set_data(p->system, &own));
  return gkt_problem_set_initial(p);
}

gkt_status gkt_problem_draw(gkt_problem *p, gkt_idx sample) {
  if (!p->draws) return gkt_fail(p->ctx, GKT_BAD_ARGUMENT, "problem: nothing is drawn; expected a file with the key `sample`, checked before");
  if (sample < 0) return gkt_fail(p->ctx, GKT_BAD_ARGUMENT, "problem: sample %d; expected a number from 0", sample);
  return gkt_draws_take(p, p->draws, sample);
}
