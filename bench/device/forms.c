/* The forms that are assembled here: a cube of cells, no conditions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/device/device_bench.h"

const device_form device_forms[] = {
    {"poisson-p1", "shape: tet}}\nfields: {u: {space: P1, test: v}}\nequation: \"dot(grad(u), grad(v))*dx == v*dx\"\n", 4, 40},
    {"poisson-p2", "shape: tet}}\nfields: {u: {space: P2, test: v}}\nequation: \"dot(grad(u), grad(v))*dx == v*dx\"\n", 2, 20},
    {"elasticity-p1",
     "shape: tet}}\nfields: {u: {space: P1, shape: vector, test: v}}\nconstants: {lam: 1.25, mu: 0.8}\n"
     "equation: \"(2*mu*inner(sym(grad(u)), sym(grad(v))) + lam*div(u)*div(v))*dx == v[2]*dx\"\n",
     3, 30},
    {"elasticity-q1",
     "shape: hex}}\nfields: {u: {space: P1, shape: vector, test: v}}\nconstants: {lam: 1.25, mu: 0.8}\n"
     "equation: \"(2*mu*inner(sym(grad(u)), sym(grad(v))) + lam*div(u)*div(v))*dx(degree=2) == v[2]*dx\"\n",
     2, 30},
};
const int num_device_forms = sizeof device_forms / sizeof *device_forms;

const device_form *device_form_find(const char *name) {
  for (int i = 0; i < num_device_forms; i++)
    if (!strcmp(device_forms[i].name, name)) return &device_forms[i];
  return NULL;
}

void assembled_clear(assembled *a) {
  gkt_csr_destroy(&a->matrix);
  gkt_vector_destroy(&a->residual);
  gkt_problem_destroy(&a->problem);
  gkt_context_destroy(&a->ctx);
}

/* Coordinates of nodes stand for the unknown, so that no value is special. */
static void fill(const gkt_inputs *inputs, const gkt_layout *layout, gkt_scalar *u) {
  const gkt_space *space = inputs->spaces[layout->blocks[0].function];
  const double *x = gkt_space_coords(space);
  const int dim = 3, components = gkt_space_block_size(space);
  for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++)
    for (int c = 0; c < components; c++) u[(gkt_size)i * components + c] = sin(1 + c + x[dim * (gkt_size)i] + 2 * x[dim * (gkt_size)i + 1] + 3 * x[dim * (gkt_size)i + 2]);
}

gkt_status assembled_make(const device_form *form, int n, const gkt_context_options *options, assembled *out) {
  char text[1024];
  gkt_problem_options read = gkt_problem_options_default();
  gkt_inputs inputs;
  const int length = snprintf(text, sizeof text, "mesh: {box: {cells: [%d, %d, %d], %s", n, n, n, form->text);
  GKT_TRY(gkt_context_create(options, &out->ctx));
  GKT_TRY(gkt_problem_parse(out->ctx, form->name, text, (size_t)length, &read, &out->problem));
  GKT_TRY(gkt_problem_check(out->problem));
  gkt_system *system = gkt_problem_system(out->problem);
  gkt_vector *u = gkt_problem_solution(out->problem);
  GKT_TRY(gkt_system_inputs(system, &(gkt_state){.u = u}, &inputs));
  fill(&inputs, gkt_system_layout(system), gkt_vector_values(u));
  GKT_TRY(gkt_assembler_matrix(gkt_system_assembler(system, 2), &out->matrix));
  GKT_TRY(gkt_assemble_matrix(gkt_system_assembler(system, 2), &inputs, out->matrix));
  GKT_TRY(gkt_system_vector(system, &out->residual));
  return gkt_assemble_vector(gkt_system_assembler(system, 1), &inputs, gkt_vector_values(out->residual));
}
