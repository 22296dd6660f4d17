/* Gradients as fields: gradient_NAME, a function of the control's own space, for outputs. */
#include <ctype.h>

#include "forms/type.h"
#include "problem/optimize.h"

/* "initial(dt(u))" becomes gradient_initial_dt_u. */
static void print_name(const char *control, char out[GKT_GRADIENT_NAME]) {
  int n = snprintf(out, GKT_GRADIENT_NAME, "gradient_");
  for (; *control && n < GKT_GRADIENT_NAME - 1; control++)
    if (*control != ')') out[n++] = (char)(isalnum((unsigned char)*control) ? *control : '_');
  out[n] = 0;
}

/* The function that the control's values are those of; -1: they are no field. */
static int function_of(const gkt_problem *p, const gkt_control_settings *c) {
  switch (c->kind) {
  case GKT_CONTROL_INITIAL:
  case GKT_CONTROL_INITIAL_RATE: return p->fields[c->number];
  case GKT_CONTROL_COEFFICIENT: break;
  default: return -1;
  }
  if (c->times) return -1; /* many functions */
  const int function = gkt_scope_find_function(p->scope, c->function);
  const gkt_element_kind kind = gkt_scope_function_element(p->scope, function).kind;
  return kind == GKT_REAL || kind == GKT_QUADRATURE_POINTS ? -1 : function;
}

/* A name that the file has taken is the file's. */
gkt_status gkt_problem_declare_gradients(gkt_problem *p) {
  const gkt_optimize_settings *o = &p->settings->optimize;
  char name[GKT_GRADIENT_NAME];
  GKT_TRY(gkt_alloc(p->ctx, o->num_controls, sizeof *p->gradients, &p->gradients));
  for (int i = 0; i < o->num_controls; i++) {
    const int function = function_of(p, &o->controls[i]);
    p->gradients[i] = -1;
    print_name(o->controls[i].name.text, name);
    if (function < 0 || gkt_scope_find_function(p->scope, name) >= 0 || gkt_scope_find_constant(p->scope, name) >= 0 || gkt_scope_find_named(p->scope, name) >= 0) continue;
    GKT_TRY(gkt_problem_place(
        p, gkt_scope_add_coefficient(p->scope, name, gkt_scope_function_shape(p->scope, function), gkt_scope_function_element(p->scope, function), &p->gradients[i]),
        &o->controls[i].name));
  }
  return GKT_OK;
}

static bool is_shown(const gkt_problem *p, int function) {
  bool shown = (p->color && gkt_expression_depends_on(p->color, function)) || (p->warp && gkt_expression_depends_on(p->warp, function));
  for (int i = 0; i < p->settings->num_probes; i++) shown = shown || gkt_expression_depends_on(p->probes[i].expression, function);
  for (int i = 0; i < p->settings->output.num_fields; i++) shown = shown || gkt_expression_depends_on(p->outputs[i], function);
  return shown;
}

gkt_status gkt_problem_add_gradients(gkt_problem *p) {
  for (int i = 0; i < p->settings->optimize.num_controls; i++) {
    const int g = p->gradients[i];
    if (g < 0) continue;
    if (!is_shown(p, g)) p->gradients[i] = -1;
    else {
      const gkt_space *of = p->spaces[function_of(p, &p->settings->optimize.controls[i])];
      gkt_space *space = NULL;
      GKT_TRY(gkt_space_create(p->mesh, gkt_space_element(of), gkt_space_shape(of), &space));
      p->spaces[g] = space;
      GKT_TRY(gkt_calloc(p->ctx, gkt_space_num_dofs(space), sizeof **p->values, &p->values[g]));
    }
  }
  return GKT_OK;
}

/* The function whose product with a change is the change of the objective: derivatives by dofs over weights of the control's own inner product, so that they look alike on any
 * mesh. */
void gkt_design_keep_gradients(gkt_problem *p, const gkt_scalar *gradient) {
  const struct gkt_design *d = p->design;
  for (int k = 0; k < d->num_controls; k++) {
    const gkt_design_control *c = &d->controls[k];
    for (gkt_size i = 0; i < c->size && p->gradients[k] >= 0; i++)
      p->values[p->gradients[k]][c->dofs ? c->dofs[i] : i] = gradient[c->first + i] / d->weights[c->first + i] * c->scale * c->scale;
  }
}
