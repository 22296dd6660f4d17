/* A problem file is read and run; the program goes on with its mesh, names, values and system: how does the heat that leaves the plate grow with the conductivity of the insert? */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "continue: %s\n", gkt_context_message(ctx));
  exit(1);
}

/* A functional of one's own, in the names of the file, at the solution of now. */
static double value_of(gkt_problem *problem, const char *text) {
  gkt_system *system = gkt_problem_system(problem);
  gkt_form *form;
  gkt_assembler *assembler;
  gkt_inputs inputs;
  double value;
  const gkt_state state = gkt_system_state(system, gkt_problem_solution(problem));
  must(gkt_system_inputs(system, &state, &inputs));
  must(gkt_form_parse(gkt_problem_scope(problem), GKT_FUNCTIONAL, &(gkt_source){.text = text}, &form));
  must(gkt_assembler_create(form, gkt_problem_mesh(problem), inputs.spaces, &assembler));
  must(gkt_assemble_functional(assembler, &inputs, &value));
  gkt_assembler_destroy(&assembler);
  gkt_form_destroy(&form);
  return value;
}

int main(int argc, char **argv) {
  gkt_problem *problem;
  gkt_solve_report report;
  const gkt_space *space;
  gkt_scalar *k;
  double before = 0;
  bool valid;
  must(gkt_context_create(NULL, &ctx));
  must(gkt_problem_read(ctx, argc > 1 ? argv[1] : "plate.yaml", NULL, &problem));
  must(gkt_problem_run(problem, &valid));
  if (!valid) return fprintf(stderr, "continue: %s\n", gkt_problem_reason(problem)), 1;

  gkt_system *system = gkt_problem_system(problem);
  must(gkt_problem_values(problem, "k", &space, &k)); /* one value for each cell */
  const gkt_mesh_set *insert = gkt_mesh_find_set_of_dim(gkt_problem_mesh(problem), "insert", 2);
  for (double conductivity = 20; conductivity > 0.1; conductivity /= 4) {
    for (gkt_idx i = 0; i < insert->count; i++) k[insert->entities[i]] = conductivity;
    must(gkt_system_set_coefficient(system, "k", k));
    must(gkt_system_solve(system, NULL, gkt_problem_solution(problem), &report));
    double heat = value_of(problem, "h0*(T - T0)*ds(right)"), in = value_of(problem, "k*dot(grad(T), n)*ds(left)");
    printf("insert %7.4f: heat %.6f, %s, residual %.1e\n", conductivity, heat, report.linear.method, report.linear.residual);
    if (!report.valid || fabs(in - heat) > 0.02 * heat || (before && heat >= before)) return 1; /* a better insulator lets less through; what enters leaves */
    before = heat;
    gkt_solve_report_clear(&report);
  }
  gkt_problem_destroy(&problem);
  gkt_context_destroy(&ctx);
  return 0;
}
