/* Assembly: nanoseconds per cell of reassembly (inside: map, reduce, nothing else), set-up apart. Usage: bench_assembly [cells per edge P1] [cells per edge P2] [threads] [name].
   Each figure is the best of several runs; the spread shows how quiet the machine was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "galerkit/galerkit.h"
#include "core/core.h"

typedef struct {
  const char *name, *text;
  int degree, components;
} problem;

static void must(gkt_context *ctx, gkt_status status) {
  if (status == GKT_OK) return;
  fprintf(stderr, "%s\n", gkt_context_message(ctx));
  exit(1);
}

static gkt_mesh *box_of(gkt_context *ctx, int n) {
  gkt_mesh *mesh;
  gkt_box box = {.shape = GKT_TETRAHEDRON, .dim = 3, .cells = {n, n, n}, .upper = {1, 1, 1}};
  must(ctx, gkt_mesh_box(ctx, &box, &mesh));
  return mesh;
}

static void measure(gkt_context *ctx, gkt_mesh *mesh, const problem *p) {
  gkt_scope *scope;
  gkt_space *space;
  gkt_form *residual, *tangent;
  gkt_assembler *a;
  gkt_assembler_info info;
  gkt_csr *A;
  int field, constant;
  gkt_source source = {.text = p->text};
  gkt_shape shape = p->components == 1 ? gkt_shape_scalar() : gkt_shape_vector(p->components);
  must(ctx, gkt_scope_create(ctx, 3, &scope));
  must(ctx, gkt_scope_add_field(scope, "u", "v", shape, p->degree, &field));
  must(ctx, gkt_scope_add_constant(scope, "k", &constant));
  must(ctx, gkt_scope_add_constant(scope, "mu", &constant));
  must(ctx, gkt_form_parse(scope, GKT_EQUATION, &source, &residual));
  must(ctx, gkt_form_derivative(residual, field, &tangent));
  must(ctx, gkt_space_create(mesh, (gkt_element){.degree = p->degree}, shape, &space));
  gkt_scalar *u = calloc((size_t)gkt_space_num_dofs(space), sizeof *u), constants[] = {1.5, 0.5};
  for (gkt_idx i = 0; i < gkt_space_num_dofs(space); i++) u[i] = 0.1 * (i % 7);
  const gkt_space *spaces[] = {space, NULL};
  const gkt_scalar *values[] = {u, NULL};
  gkt_inputs inputs = {spaces, values, constants, 0};
  must(ctx, gkt_assembler_create(tangent, mesh, spaces, &a));
  must(ctx, gkt_assembler_matrix(a, &A));
  gkt_assembler_get_info(a, &info);
  double best = 1e9, worst = 0, cells = gkt_mesh_num_cells(mesh);
  for (int run = 0; run < 12; run++) {
    double start = gkt_seconds();
    must(ctx, gkt_assemble_matrix(a, &inputs, A));
    double seconds = gkt_seconds() - start;
    best = seconds < best ? seconds : best;
    worst = seconds > worst && run ? seconds : worst;
  }
  printf("%-22s %8.0f cells %9d dofs  %7.1f ns/cell (worst %.1f) = %6.2f M/s  pattern %5.0f ns/cell  compile %.2f s  kept %5.1f B/cell  %s\n", p->name, cells, A->num_rows,
         1e9 * best / cells, 1e9 * worst / cells, cells / best / 1e6, 1e9 * info.pattern_seconds / cells, info.compile_seconds, (double)info.element_bytes / cells, info.backend);
  fflush(stdout);
  free(u);
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&tangent);
  gkt_form_destroy(&residual);
  gkt_space_destroy(&space);
  gkt_scope_destroy(&scope);
}

int main(int argc, char **argv) {
  static const problem problems[] = {
      {"P1 Poisson", "dot(grad(u),grad(v))*dx", 1, 1},
      {"P1 Poisson, k", "k*dot(grad(u),grad(v))*dx", 1, 1},
      {"P1 mass", "u*v*dx", 1, 1},
      {"P1 nonlinear", "(1+u^2)*dot(grad(u),grad(v))*dx(degree=2)", 1, 1},
      {"P1 elasticity", "2*mu*inner(sym(grad(u)),sym(grad(v)))*dx + k*div(u)*div(v)*dx", 1, 3},
      {"P2 Poisson", "dot(grad(u),grad(v))*dx", 2, 1},
      {"P2 elasticity", "2*mu*inner(sym(grad(u)),sym(grad(v)))*dx + k*div(u)*div(v)*dx", 2, 3},
  };
  int n1 = argc > 1 ? atoi(argv[1]) : 56, n2 = argc > 2 ? atoi(argv[2]) : 30;
  gkt_context_options options = gkt_context_options_default();
  gkt_context *ctx;
  options.threads = argc > 3 ? atoi(argv[3]) : 1;
  if (gkt_context_create(&options, &ctx) != GKT_OK) return 1;
  gkt_mesh *meshes[] = {box_of(ctx, n1), box_of(ctx, n2)};
  for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
    if (argc < 5 || !strcmp(argv[4], problems[i].name)) measure(ctx, meshes[problems[i].degree - 1], &problems[i]);
  for (int k = 0; k < 2; k++) gkt_mesh_destroy(&meshes[k]);
  gkt_context_destroy(&ctx);
  return 0;
}
