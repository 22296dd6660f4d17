/* Systems: creation. */
#include "systems/system.h"

#include <string.h>

#include "assembly/assembler.h"
#include "forms/form.h"
#include "meshes/mesh.h"
#include "spaces/space.h"
#include "systems/device.h"

/* ---- forms ---- */
static gkt_status derive(gkt_system *s, const gkt_form *form) {
  if (gkt_form_arity(form) == 0) {
    GKT_TRY(gkt_form_derivative(form, s->num_unknowns, s->unknowns, &s->derived));
    s->energy = form, s->residual = s->derived;
  } else s->residual = form;
  if (gkt_form_arity(s->residual) != 1)
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: a form of arity %d that is no equation for %s; expected a residual or an energy", gkt_form_arity(form), s->names);
  GKT_TRY(gkt_form_tangent(s->residual, s->num_unknowns, s->unknowns, &s->tangent));
  GKT_TRY(gkt_form_check_unknowns(s->tangent));
  GKT_TRY(gkt_calloc(s->ctx, s->num_unknowns, sizeof *s->diagonal, &s->diagonal));
  for (int k = 0; k < s->num_unknowns; k++) {
    s->is_nonlinear = s->is_nonlinear || gkt_form_varies_with(s->tangent, s->unknowns[k]);
    s->has_rates = s->has_rates || gkt_form_rate_order(s->residual, s->unknowns[k]) > 0;
    GKT_TRY(gkt_form_block(s->tangent, s->unknowns[k], s->unknowns[k], &s->diagonal[k]));
  }
  s->tangent_varies = gkt_form_depends_on_time(s->tangent), s->residual_varies = gkt_form_depends_on_time(s->residual);
  s->is_constant = !s->is_nonlinear && !s->tangent_varies;
  return GKT_OK;
}

/* ---- arrays ---- */
static gkt_status copy_spaces(gkt_system *s, const gkt_space *const *spaces) {
  s->num_functions = gkt_scope_num_functions(s->scope), s->num_constants = gkt_scope_num_constants(s->scope);
  GKT_TRY(gkt_calloc(s->ctx, s->num_functions, sizeof *s->spaces, &s->spaces));
  for (int f = 0; spaces && f < s->num_functions; f++)
    if (gkt_system_is_declared(s, f) && spaces[f]) s->spaces[f] = gkt_space_retain(spaces[f]);
  GKT_TRY(gkt_calloc(s->ctx, s->num_functions, sizeof *s->values, &s->values));
  GKT_TRY(gkt_calloc(s->ctx, s->num_constants, sizeof *s->constants, &s->constants));
  s->inputs = (gkt_inputs){.spaces = s->spaces, .values = s->values, .constants = s->constants};
  return GKT_OK;
}

/* Rates of unknowns stand in the spaces of these. */
static gkt_status add_rates(gkt_system *s) {
  bool any = false;
  for (int k = 0; k < s->num_unknowns; k++)
    for (int order = 1; order <= 2; order++) {
      const int rate = gkt_scope_rate(s->scope, s->unknowns[k], order);
      if (rate < 0) continue;
      any = true;
      if (!s->spaces[rate]) s->spaces[rate] = gkt_space_retain(s->spaces[s->unknowns[k]]);
    }
  if (any) GKT_TRY(gkt_calloc(s->ctx, gkt_system_num_dofs(s), sizeof *s->zeros, &s->zeros));
  gkt_system_combine_shifts(s);
  return GKT_OK;
}

/* ---- creation ---- */
static gkt_status check_unknowns(const gkt_form *form, int num_unknowns, const int *unknowns) {
  const gkt_scope *scope = form->scope;
  bool fields = num_unknowns > 0;
  for (int k = 0; k < num_unknowns; k++) fields = fields && unknowns[k] >= 0 && unknowns[k] < scope->num_functions && scope->functions[unknowns[k]].role == GKT_ROLE_FIELD;
  return fields ? GKT_OK : gkt_fail(scope->ctx, GKT_BAD_ARGUMENT, "system: no unknown; expected numbers of fields of the form's scope");
}

/* Ascending. */
static gkt_status copy_unknowns(gkt_system *s, const int *unknowns) {
  GKT_TRY(gkt_calloc(s->ctx, s->num_unknowns, sizeof *s->unknowns, &s->unknowns));
  for (int n = 0; n < s->num_unknowns; n++) {
    int k = n;
    for (; k > 0 && s->unknowns[k - 1] > unknowns[n]; k--) s->unknowns[k] = s->unknowns[k - 1];
    if (k > 0 && s->unknowns[k - 1] == unknowns[n])
      return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: the unknown '%s' is given twice", gkt_scope_function_name(s->scope, unknowns[n]));
    s->unknowns[k] = unknowns[n];
  }
  return GKT_OK;
}

static gkt_status check_space(const gkt_system *s, int function) {
  const gkt_space *space = s->spaces[function];
  const char *name = gkt_scope_function_name(s->scope, function);
  if (gkt_space_mesh(space) != s->mesh) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: the space of '%s' is one of another mesh", name);
  if (gkt_shapes_are_equal(gkt_space_shape(space), gkt_scope_function_shape(s->scope, function))) return GKT_OK;
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: the space of '%s' has another shape than the function of the scope", name);
}

static gkt_status check_mesh(const gkt_system *s) {
  if (s->scope->dim != s->dim) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: the form is written for %d dimensions, the mesh has %d", s->scope->dim, s->dim);
  for (int k = 0; k < s->num_unknowns; k++)
    if (!gkt_system_space(s, k)) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: no space is given for '%s'", gkt_scope_function_name(s->scope, s->unknowns[k]));
  for (int f = 0; f < s->num_functions; f++)
    if (s->spaces[f]) GKT_TRY(check_space(s, f));
  return GKT_OK;
}

gkt_status gkt_system_create(const gkt_form *form, gkt_mesh *mesh, int num_unknowns, const int *unknowns, const gkt_space *const *spaces, gkt_system **out) {
  gkt_system *s = NULL;
  gkt_status status;
  GKT_TRY(check_unknowns(form, num_unknowns, unknowns));
  GKT_TRY(gkt_calloc(form->scope->ctx, 1, sizeof *s, &s));
  s->ctx = form->scope->ctx, s->scope = form->scope, s->form = gkt_form_retain(form), s->mesh = gkt_mesh_retain(mesh), s->mesh_version = mesh->version, s->dim = gkt_mesh_dim(mesh),
  s->num_unknowns = num_unknowns;
  GKT_GO(copy_unknowns(s, unknowns));
  GKT_GO(copy_spaces(s, spaces));
  GKT_GO(check_mesh(s));
  GKT_GO(gkt_system_lay_out(s));
  GKT_GO(add_rates(s));
  GKT_GO(derive(s, form));
  GKT_GO(gkt_unless_exhausted(s->ctx, GKT_OK));
done:
  if (status == GKT_OK) *out = s;
  else gkt_system_destroy(&s);
  return status;
}

static gkt_status plan(gkt_system *s, const gkt_form *form, gkt_assembler **assembler) {
  return *assembler ? GKT_OK : gkt_assembler_create_tied(form, s->mesh, s->spaces, s->ties, assembler);
}

/* Of a linear problem nothing asks for the energy but its user. */
gkt_status gkt_system_plan(gkt_system *s) {
  GKT_TRY(plan(s, s->residual, &s->residual_assembler));
  if (s->energy && s->is_nonlinear) GKT_TRY(plan(s, s->energy, &s->energy_assembler));
  return plan(s, s->tangent, &s->tangent_assembler);
}

gkt_status gkt_system_plan_energy(gkt_system *s) {
  if (!s->energy) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "system: it has no energy; expected one that was made from an energy");
  return plan(s, s->energy, &s->energy_assembler);
}

void gkt_system_destroy(gkt_system **system) {
  gkt_system *s = *system;
  if (!s) return;
  gkt_assembler_destroy(&s->residual_assembler);
  gkt_assembler_destroy(&s->energy_assembler);
  gkt_assembler_destroy(&s->tangent_assembler);
  gkt_assembler_destroy(&s->barrier_assembler);
  gkt_barriers_destroy(&s->barriers);
  gkt_constraints_destroy(&s->constraints);
  gkt_free(&s->ties);
  gkt_free(&s->expanded);
  gkt_free(&s->tied);
  gkt_system_forget(s);
  gkt_csr_destroy(&s->matrix);
  gkt_system_device_destroy(s);
  gkt_form_destroy(&s->derived);
  gkt_form_destroy(&s->tangent);
  for (int k = 0; s->diagonal && k < s->num_unknowns; k++) gkt_form_destroy(&s->diagonal[k]);
  gkt_free(&s->diagonal);
  gkt_system_forget_slopes(s);
  gkt_assembler_destroy(&s->slope_assembler);
  gkt_free(&s->slope_work);
  for (int i = 0; i < s->num_conditions; i++) gkt_expression_destroy(&s->conditions[i].value);
  gkt_free(&s->conditions);
  gkt_system_clear_histories(s);
  gkt_system_clear_followed(s);
  gkt_spaces_release(s->num_functions, &s->spaces);
  gkt_free(&s->values);
  gkt_free(&s->constants);
  gkt_free(&s->zeros);
  gkt_system_clear_step(s);
  gkt_free(&s->unknowns);
  gkt_free(&s->blocks);
  gkt_free(&s->names);
  gkt_free(&s->facts);
  gkt_system_clear_schurs(s);
  gkt_system_clear_means(s);
  gkt_system_clear_operators(s);
  gkt_mesh_destroy(&s->mesh);
  gkt_form_destroy(&s->form);
  gkt_free(system);
}

/* ---- access ---- */
gkt_context *gkt_system_context(const gkt_system *s) { return s->ctx; }
const gkt_layout *gkt_system_layout(const gkt_system *s) { return &s->layout; }
bool gkt_system_is_nonlinear(const gkt_system *s) { return s->is_nonlinear; }
bool gkt_system_is_constant(const gkt_system *s) { return s->is_constant; }
gkt_status gkt_system_vector(const gkt_system *s, gkt_vector **out) { return gkt_vector_create(s->ctx, s->layout.num_owned, out); }

gkt_assembler *gkt_system_assembler(gkt_system *s, int arity) {
  return arity == 1 ? s->residual_assembler : arity == 2 ? s->tangent_assembler : arity == 0 ? s->energy_assembler : NULL;
}
