/* A conductivity in each cell from temperatures: the gradient is a call, the optimizer the program's own, of twenty lines (Barzilai and Borwein, IMA J. Numer. Anal. 8, 1988). */
#include <galerkit/galerkit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gkt_context *ctx;
static void must(gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "gradient: %s\n", gkt_context_message(ctx));
  exit(1);
}

static gkt_solve_options options;
static void solve(gkt_problem *problem) {
  gkt_solve_report report;
  must(gkt_system_solve(gkt_problem_system(problem), &options, gkt_problem_solution(problem), &report));
  if (!report.valid) fprintf(stderr, "gradient: %s\n", report.reason), exit(1);
  gkt_solve_report_clear(&report);
}

/* J and '=' dJ/dk */
static double value_and_gradient(gkt_problem *problem, gkt_adjoint *adjoint, gkt_functional *J, const gkt_scalar *k, gkt_size n, gkt_scalar *g) {
  double value;
  gkt_solve_report report;
  must(gkt_adjoint_set_control(adjoint, 0, k));
  solve(problem);
  memset(g, 0, (size_t)n * sizeof *g);
  must(gkt_adjoint_gradient(adjoint, J, &options, gkt_problem_solution(problem), &value, &g, &report)); /* one more right-hand side */
  if (!report.valid || report.assemblies != 0) exit(1);
  gkt_solve_report_clear(&report);
  return value;
}

int main(int argc, char **argv) {
  gkt_problem *problem;
  gkt_adjoint *adjoint;
  gkt_form *misfit;
  gkt_functional *J;
  gkt_scalar *k, *measured;
  const gkt_space *V, *Q;
  must(gkt_context_create(NULL, &ctx));
  options = gkt_solve_options_default(), options.keep_solver = true; /* for the adjoint system */
  must(gkt_problem_read(ctx, argc > 1 ? argv[1] : "sensors.yaml", NULL, &problem));
  must(gkt_problem_check(problem));
  must(gkt_problem_values(problem, "k", &Q, &k)), must(gkt_problem_values(problem, "measured", &V, &measured));

  gkt_system *system = gkt_problem_system(problem);
  const gkt_size n = gkt_space_num_dofs(Q);
  const gkt_mesh_set *insert = gkt_mesh_find_set_of_dim(gkt_problem_mesh(problem), "insert", 2);
  for (gkt_idx i = 0; i < insert->count; i++) k[insert->entities[i]] = 3; /* the truth, which is measured */
  must(gkt_system_set_coefficient(system, "k", k));
  solve(problem);
  memcpy(measured, gkt_vector_read(gkt_problem_solution(problem)), (size_t)gkt_space_num_dofs(V) * sizeof *measured);
  must(gkt_system_set_coefficient(system, "measured", measured));

  must(gkt_adjoint_create(system, 1, &(gkt_control){GKT_CONTROL_COEFFICIENT, "k"}, &adjoint));
  must(gkt_form_parse(gkt_problem_scope(problem), GKT_FUNCTIONAL, &(gkt_source){.text = "0.5*(T - measured)^2*dx + alpha*1e-4*(k - 1)^2*dx"}, &misfit));
  must(gkt_functional_create(adjoint, misfit, &J));
  gkt_scalar *m = malloc((size_t)n * sizeof *m), *g = malloc((size_t)n * sizeof *g), *before = malloc((size_t)n * sizeof *before);
  for (gkt_size i = 0; i < n; i++) m[i] = 1;
  double value = value_and_gradient(problem, adjoint, J, m, n, g), first = value, step = 100 / first / (double)n;
  for (int iteration = 0; value > 3e-4 * first && iteration < 400; iteration++) {
    double ss = 0, sy = 0;
    memcpy(before, g, (size_t)n * sizeof *g);
    gkt_scalar *s = malloc((size_t)n * sizeof *s);
    for (gkt_size i = 0; i < n; i++) s[i] = fmax(0.2, m[i] - step * g[i]) - m[i], m[i] += s[i];
    value = value_and_gradient(problem, adjoint, J, m, n, g);
    for (gkt_size i = 0; i < n; i++) ss += s[i] * s[i], sy += s[i] * (g[i] - before[i]);
    free(s);
    step = sy > 0 ? ss / sy : 2 * step;
    if (iteration % 40 == 39) printf("iteration %3d: J %.3e\n", iteration + 1, value);
  }
  double inside = 0, outside = 0;
  for (gkt_size i = 0; i < n; i++) outside += m[i];
  for (gkt_idx i = 0; i < insert->count; i++) inside += m[insert->entities[i]], outside -= m[insert->entities[i]];
  printf("J %.3e, %.3e before; mean conductivity %.3f in the insert (3), %.3f around it (1)\n", value, first, inside / insert->count, outside / (double)(n - insert->count));
  const bool found = value < 1e-3 * first && fabs(inside / insert->count - 3) < 0.5 && fabs(outside / (double)(n - insert->count) - 1) < 0.15;
  free(m), free(g), free(before);
  gkt_functional_destroy(&J), gkt_form_destroy(&misfit), gkt_adjoint_destroy(&adjoint), gkt_problem_destroy(&problem), gkt_context_destroy(&ctx);
  return !found;
}
