/* Several contexts in several threads: each thread has its own context, mesh, forms and problem; all assemble at the same time (PETSc lets one in after the other), and get, bit
   for bit, what they get one after the other. */
#include <galerkit/galerkit.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4 };
typedef struct {
  int number;
  gkt_idx n;
  gkt_scalar *u;
  bool done;
} task;

static const char *const equations[THREADS] = {"dot(grad(u), grad(v))*dx == 1*v*dx", "exp(x[0])*dot(grad(u), grad(v))*dx + u*v*dx == x[1]*v*dx",
                                               "dot(grad(u), grad(v))*dx == 1*v*dx", "(1 + x[1]^2)*dot(grad(u), grad(v))*dx == sin(3*x[0])*v*dx"};

static gkt_status solve(gkt_context *ctx, task *t) {
  gkt_mesh *mesh = NULL;
  gkt_space *V = NULL;
  gkt_scope *scope = NULL;
  gkt_form *R = NULL, *A = NULL;
  gkt_expression *zero = NULL;
  gkt_assembler *residual = NULL, *tangent = NULL;
  gkt_constraints *fixed = NULL;
  gkt_csr *matrix = NULL;
  gkt_scalar *b = NULL;
  gkt_linear_report report = {0};
  gkt_status status;
  int f;
#define TRY(call) \
  if ((status = (call)) != GKT_OK) goto done
  TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {20 + t->number, 20}, {0, 0}, {1, 1}}, &mesh));
  TRY(gkt_mesh_topology(mesh));
  TRY(gkt_space_create(mesh, (gkt_element){GKT_LAGRANGE, 2}, gkt_shape_scalar(), &V));
  TRY(gkt_scope_create(ctx, 2, &scope));
  TRY(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 2}, &f));
  TRY(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = equations[t->number]}, &R));
  TRY(gkt_form_derivative(R, f, &A));
  TRY(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));
  t->n = gkt_space_num_dofs(V);
  t->u = calloc((size_t)t->n, sizeof *t->u), b = calloc((size_t)t->n, sizeof *b);
  const gkt_space *spaces[] = {V, NULL};
  const gkt_scalar *values[] = {t->u, NULL};
  gkt_inputs inputs = {.spaces = spaces, .values = values};
  TRY(gkt_constraints_create(V, &fixed));
  TRY(gkt_constraints_add(fixed, gkt_mesh_find_set(mesh, "boundary"), -1, zero, &inputs, "boundary"));
  TRY(gkt_assembler_create(R, mesh, spaces, &residual));
  TRY(gkt_assembler_create(A, mesh, spaces, &tangent));
  TRY(gkt_assembler_matrix(tangent, &matrix));
  for (int repeat = 0; repeat < 20; repeat++) TRY(gkt_assemble_matrix(tangent, &inputs, matrix));
  TRY(gkt_assemble_vector(residual, &inputs, b));
  for (gkt_idx i = 0; i < t->n; i++) b[i] = -b[i];
  gkt_constraints_zero(fixed, b);
  gkt_constraints_eliminate(fixed, matrix);
  gkt_system_facts facts = {.symmetric = true, .positive = true, .block_size = 1, .dim = 2, .coords = gkt_space_coords(V), .constrained = gkt_constraints_mask(fixed)};
  TRY(gkt_linear_solve(ctx, matrix, &facts, b, t->u, NULL, &report));
  t->done = report.converged;
done:
  gkt_linear_report_clear(&report);
  free(b);
  gkt_csr_destroy(&matrix);
  gkt_assembler_destroy(&residual);
  gkt_assembler_destroy(&tangent);
  gkt_constraints_destroy(&fixed);
  gkt_expression_destroy(&zero);
  gkt_form_destroy(&A);
  gkt_form_destroy(&R);
  gkt_scope_destroy(&scope);
  gkt_space_destroy(&V);
  gkt_mesh_destroy(&mesh);
  return status;
}

static void *work(void *user) {
  task *t = user;
  gkt_context_options options = gkt_context_options_default();
  gkt_context *ctx;
  options.threads = 1;
  if (gkt_context_create(&options, &ctx) != GKT_OK) return NULL;
  if (solve(ctx, t) != GKT_OK) fprintf(stderr, "threads: %d: %s\n", t->number, gkt_context_message(ctx));
  gkt_context_destroy(&ctx);
  return NULL;
}

int main(void) {
  task together[THREADS] = {{0}}, alone[THREADS] = {{0}};
  pthread_t threads[THREADS];
  int equal = 0;
  for (int i = 0; i < THREADS; i++) {
    together[i].number = alone[i].number = i;
    if (pthread_create(&threads[i], NULL, work, &together[i])) return 1;
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++) work(&alone[i]);
  for (int i = 0; i < THREADS; i++) {
    equal += together[i].done && alone[i].done && !memcmp(together[i].u, alone[i].u, (size_t)alone[i].n * sizeof *alone[i].u);
    free(together[i].u), free(alone[i].u);
  }
  printf("%d problems in as many threads, %d equal to one after the other\n", THREADS, equal);
  return equal == THREADS ? 0 : 1;
}
