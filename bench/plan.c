/* What assembly and batch measure: the plans and data of a problem's system. */
#include <math.h>
#include <string.h>

#include "bench/bench.h"

bool bench_plan_reads(const bench_plan *plan, const gkt_form *form, int function) { return plan->inputs.spaces[function] && gkt_form_depends_on(form, function); }

bool bench_plan_finds(const bench_plan *plan, int function) {
  for (int b = 0; b < plan->layout->num_blocks; b++)
    if (plan->layout->blocks[b].function == function) return true;
  return false;
}

static void wave(const gkt_space *space, gkt_scalar *w) {
  const double *x = gkt_space_coords(space);
  int components = gkt_space_block_size(space), dim = gkt_mesh_dim(gkt_space_mesh(space));
  for (gkt_idx i = 0; i < gkt_space_num_nodes(space); i++, x += dim)
    for (int c = 0; c < components; c++) {
      double phase = 1 + c;
      for (int d = 0; d < dim; d++) phase += (d + 1) * x[d];
      w[(gkt_size)i * components + c] = sin(phase);
    }
}

void bench_plan_wave(const bench_plan *plan, gkt_scalar *w) {
  for (int b = 0; b < plan->layout->num_blocks; b++) wave(plan->inputs.spaces[plan->layout->blocks[b].function], w + plan->layout->blocks[b].first);
}

static gkt_status make_matrix(bench_plan *plan) {
  double start = gkt_seconds();
  TRY(gkt_assembler_matrix(plan->tangent, &plan->matrix));
  plan->matrix_seconds = gkt_seconds() - start;
  plan->dofs = plan->matrix->num_rows, plan->nonzeros = plan->matrix->row_offsets[plan->dofs];
  return GKT_OK;
}

static gkt_status look(bench_plan *plan) {
  gkt_system *system = gkt_problem_system(plan->problem);
  plan->u = gkt_problem_solution(plan->problem);
  plan->tangent = gkt_system_assembler(system, 2), plan->residual = gkt_system_assembler(system, 1);
  plan->layout = gkt_system_layout(system);
  plan->num_functions = gkt_scope_num_functions(gkt_form_scope(gkt_assembler_form(plan->tangent)));
  plan->cells = gkt_mesh_num_cells(gkt_problem_mesh(plan->problem));
  TRY(gkt_system_inputs(system, &(gkt_state){.u = plan->u}, &plan->inputs));
  if (!gkt_system_is_nonlinear(system)) bench_plan_wave(plan, gkt_vector_values(plan->u));
  return GKT_OK;
}

gkt_status bench_plan_make(const gkt_problem_options *options, bench_plan *plan) {
  TRY(gkt_problem_check(plan->problem));
  TRY(look(plan));
  TRY(make_matrix(plan));
  return options->progress(options->progress_user, "assemble", 0, 0, -1) ? GKT_OK : GKT_CANCELLED;
}

void bench_plan_clear(bench_plan *plan) {
  gkt_csr_destroy(&plan->matrix);
  gkt_problem_destroy(&plan->problem);
}
