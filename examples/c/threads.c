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
  const gkt_element P2 = {GKT_LAGRANGE, 2};
  gkt_mesh *mesh = NULL;
  gkt_space *V = NULL;
  gkt_scope *scope = NULL;
  gkt_form *equation = NULL;
  gkt_expression *zero = NULL;
  gkt_system *system = NULL;
  gkt_vector *u = NULL;
  gkt_csr *matrix = NULL;
  gkt_solve_report report = {0};
  gkt_status status;
  int f;
#define TRY(call) \
  if ((status = (call)) != GKT_OK) goto done
  TRY(gkt_mesh_box(ctx, &(gkt_box){GKT_QUADRILATERAL, 2, {20 + t->number, 20}, {0, 0}, {1, 1}}, &mesh));
  TRY(gkt_mesh_topology(mesh));
  TRY(gkt_space_create(mesh, P2, gkt_shape_scalar(), &V));
  TRY(gkt_scope_create(ctx, 2, &scope));
  TRY(gkt_scope_add_field(scope, "u", "v", gkt_shape_scalar(), P2, &f));
  TRY(gkt_form_parse(scope, GKT_EQUATION, &(gkt_source){.text = equations[t->number]}, &equation));
  TRY(gkt_expression_parse(scope, &(gkt_source){.text = "0"}, &zero));
  TRY(gkt_system_create(equation, mesh, 1, &f, (const gkt_space *const[]){V, NULL}, &system));
  TRY(gkt_system_constrain(system, &(gkt_condition){.unknown = f, .set = gkt_mesh_find_set(mesh, "boundary"), .component = -1, .value = zero}));
  t->n = gkt_space_num_dofs(V);
  t->u = calloc((size_t)t->n, sizeof *t->u);
  TRY(gkt_vector_wrap(ctx, t->n, t->u, &u));
  TRY(gkt_system_matrix(system, &matrix));
  for (int repeat = 0; repeat < 20; repeat++) TRY(gkt_system_tangent(system, &(gkt_state){.u = u}, (gkt_shifts){.value = 1}, matrix));
  TRY(gkt_system_solve(system, NULL, u, &report));
  t->done = report.valid;
done:
  gkt_solve_report_clear(&report);
  gkt_csr_destroy(&matrix);
  gkt_vector_destroy(&u);
  gkt_system_destroy(&system);
  gkt_expression_destroy(&zero);
  gkt_form_destroy(&equation);
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
