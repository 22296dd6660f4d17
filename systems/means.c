/* Integrals of a component of an unknown, or of its rotation in a plane, by its dofs: what fixes what no condition does. Kept on the host as long as nodes and ties stay. */
#include "assembly/assembler.h"
#include "core/vector.h"
#include "forms/build.h"
#include "forms/form.h"
#include "meshes/mesh.h"
#include "systems/device.h"

/* out [dofs]: the integral of a value that is linear in an unknown, by its dofs: out . u~ is that of the value; where u stands */
static gkt_status integrate_by_dofs(gkt_solution *o, int block, gkt_build *build, gkt_value value, const gkt_vector *u, gkt_vector *out) {
  gkt_system *s = o->s;
  const gkt_inputs inputs = gkt_system_now_at(s, u);
  const bool there = gkt_vector_where(u) == GKT_ON_DEVICE;
  gkt_form *form = NULL, *derivative = NULL;
  gkt_assembler *assembler = NULL;
  gkt_status status;
  gkt_vector_fill(out, 0);
  GKT_GO(gkt_build_functional(build, value, -1, &form));
  GKT_GO(gkt_form_derivative(form, 1, &s->unknowns[block], &derivative));
  GKT_GO(gkt_assembler_create_tied(derivative, s->mesh, s->spaces, s->ties, &assembler));
  GKT_GO(gkt_assemble_to(assembler, 1, &inputs, (there ? gkt_vector_address(out) : gkt_vector_values(out)) + s->blocks[block].first, gkt_vector_where(u)));
done:
  gkt_assembler_destroy(&assembler);
  gkt_form_destroy(&derivative);
  gkt_form_destroy(&form);
  return status;
}

static gkt_status integrate_component(gkt_solution *o, int block, int component, const gkt_vector *u, gkt_vector *out) {
  const gkt_source origin = {.text = o->s->blocks[block].name, .file = o->s->residual->file, .key = "solver.nullspace"};
  gkt_build build = {.scope = o->s->residual->scope, .source = &origin};
  return integrate_by_dofs(o, block, &build, gkt_build_component(&build, gkt_build_function(&build, o->s->unknowns[block]), component), u, out);
}

/* (d u_b / d x_a - d u_a / d x_b) / 2 in a plane (a, b); the gradient of a rotation is constant. */
static gkt_status integrate_turn(gkt_solution *o, int block, int plane, const gkt_vector *u, gkt_vector *out) {
  static const int axes[3][2] = {{0, 1}, {1, 2}, {0, 2}};
  const gkt_source origin = {.text = o->s->blocks[block].name, .file = o->s->residual->file, .key = "solver.nullspace"};
  gkt_build build = {.scope = o->s->residual->scope, .source = &origin};
  const int dim = o->s->dim, a = axes[plane][0], b = axes[plane][1];
  gkt_value grad = gkt_build_grad(&build, gkt_build_function(&build, o->s->unknowns[block]));
  gkt_value twice = gkt_build_operator(&build, '-', gkt_build_component(&build, grad, b * dim + a), gkt_build_component(&build, grad, a * dim + b));
  return integrate_by_dofs(o, block, &build, gkt_build_operator(&build, '/', twice, gkt_build_number(&build, 2)), u, out);
}

void gkt_system_clear_means(gkt_system *s) {
  for (int i = 0; s->means && i < s->num_unknowns * GKT_MEANS_OF_BLOCK; i++) gkt_vector_destroy(&s->means[i]);
  gkt_free(&s->means);
}

gkt_status gkt_solution_integrate(gkt_solution *o, int block, int mode, const gkt_vector *u, gkt_vector *out) {
  gkt_system *s = o->s;
  const int size = s->blocks[block].block_size;
  const bool keeps = gkt_vector_where(u) == GKT_ON_HOST && !s->mesh->moves;
  if (keeps && !s->means) GKT_TRY(gkt_calloc(s->ctx, (gkt_size)s->num_unknowns * GKT_MEANS_OF_BLOCK, sizeof *s->means, &s->means));
  gkt_vector **kept = keeps ? &s->means[block * GKT_MEANS_OF_BLOCK + mode] : NULL;
  if (kept && *kept) return gkt_vector_copy(*kept, out), GKT_OK;
  GKT_TRY(mode < size ? integrate_component(o, block, mode, u, out) : integrate_turn(o, block, mode - size, u, out));
  if (!kept) return GKT_OK;
  GKT_TRY(gkt_system_vector(s, kept));
  gkt_vector_copy(out, *kept);
  return GKT_OK;
}
