/* Claim: objects hold what they were made of. Destroyed in every order they leave no memory behind, and none is touched after it was freed (freed memory is overwritten at once);
   what is left works while anything of it is held. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "galerkit/galerkit.h"

static long num_live; /* blocks of the whole process, libraries included */

#ifdef __SANITIZE_ADDRESS__ /* finds both by itself */
static bool counts(void) { return false; }
#else
static bool counts(void) { return true; }
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);
static void *counted(void *p) {
  if (p) __atomic_fetch_add(&num_live, 1, __ATOMIC_RELAXED);
  return p;
}
void *malloc(size_t size) { return counted(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }
void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }
int posix_memalign(void **out, size_t alignment, size_t size) {
  void *p = counted(__libc_memalign(alignment, size));
  if (!p) return 12;
  *out = p;
  return 0;
}
void *realloc(void *old, size_t size) {
  if (!old) return malloc(size);
  return __libc_realloc(old, size);
}
void free(void *p) {
  if (!p) return;
  memset(p, 0, malloc_usable_size(p)); /* no holders: whoever lets go of it again, frees it again */
  __atomic_fetch_sub(&num_live, 1, __ATOMIC_RELAXED);
  __libc_free(p);
}
#endif

enum { CONTEXT, MESH, SCOPE, SPACE, FORM, ASSEMBLER, SYSTEM, EXPRESSION, CONSTRAINTS, SOLVER, MATRIX, GAUSSIAN, FILM, VECTOR, NUM };
typedef struct {
  gkt_context *context;
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *space;
  gkt_form *form;
  gkt_assembler *assembler;
  gkt_system *system;
  gkt_expression *expression;
  gkt_constraints *constraints;
  gkt_linear_solver *solver;
  gkt_csr *matrix;
  gkt_gaussian *gaussian;
  gkt_film *film;
  gkt_vector *vector;
  gkt_system_facts facts;
} world;

static void must(gkt_status status) { assert_int_equal(status, GKT_OK); }

static world make(void) {
  world w = {0};
  int u;
  gkt_box box = {.shape = GKT_TRIANGLE, .dim = 2, .cells = {1, 1}, .upper = {1, 1}};
  gkt_source energy = {.text = "dot(grad(u), grad(u))*dx"}, one = {.text = "1 + x[0]"};
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .poison = true}, &w.context));
  must(gkt_mesh_box(w.context, &box, &w.mesh));
  must(gkt_scope_create(w.context, 2, &w.scope));
  must(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_scalar(), (gkt_element){GKT_LAGRANGE, 1}, &u));
  must(gkt_space_create(w.mesh, (gkt_element){GKT_LAGRANGE, 1}, gkt_shape_scalar(), &w.space));
  must(gkt_form_parse(w.scope, GKT_ENERGY, &energy, &w.form));
  must(gkt_expression_parse(w.scope, &one, &w.expression));
  return w;
}

static void plan(world *w, int what) {
  int u = 0;
  const gkt_space *spaces[] = {w->space, NULL};
  const gkt_condition on_boundary = {.unknown = 0, .set = gkt_mesh_find_set(w->mesh, "boundary"), .component = -1, .value = w->expression};
  if (what == ASSEMBLER) must(gkt_assembler_create(w->form, w->mesh, spaces, &w->assembler));
  if (what == SYSTEM) {
    must(gkt_system_create(w->form, w->mesh, 1, &u, spaces, &w->system));
    must(gkt_system_constrain(w->system, &on_boundary));
  }
  if (what == CONSTRAINTS) must(gkt_constraints_create(1, (const gkt_space *const *)&w->space, &w->constraints));
  if (what == GAUSSIAN) {
    gkt_gaussian_options options = gkt_gaussian_options_default();
    options.length = 0.5;
    must(gkt_gaussian_create(w->context, w->mesh, &options, &w->gaussian));
  }
  if (what == FILM) must(gkt_film_create(w->context, "t005.png", 0.1, &w->film));
  if (what == VECTOR) must(gkt_vector_create(w->context, 4, &w->vector));
}

static void destroy(world *w, int what) {
  switch (what) {
  case CONTEXT: gkt_context_destroy(&w->context); break;
  case MESH: gkt_mesh_destroy(&w->mesh); break;
  case SCOPE: gkt_scope_destroy(&w->scope); break;
  case SPACE: gkt_space_destroy(&w->space); break;
  case FORM: gkt_form_destroy(&w->form); break;
  case ASSEMBLER: gkt_assembler_destroy(&w->assembler); break;
  case SYSTEM: gkt_system_destroy(&w->system); break;
  case EXPRESSION: gkt_expression_destroy(&w->expression); break;
  case CONSTRAINTS: gkt_constraints_destroy(&w->constraints); break;
  case SOLVER: gkt_linear_solver_destroy(&w->solver); break;
  case MATRIX: gkt_csr_destroy(&w->matrix); break;
  case GAUSSIAN: gkt_gaussian_destroy(&w->gaussian); break;
  case FILM: gkt_film_destroy(&w->film); break;
  default: gkt_vector_destroy(&w->vector); break;
  }
}

static void destroy_all(world *w) {
  for (int k = 0; k < NUM; k++) destroy(w, k);
}

/* The next permutation in the order of dictionaries; false: that was the last. */
static bool next(int n, int *order) {
  int k = n - 2, j = n - 1;
  while (k >= 0 && order[k] > order[k + 1]) k--;
  if (k < 0) return false;
  while (order[j] < order[k]) j--;
  int kept = order[k];
  order[k] = order[j], order[j] = kept;
  for (int a = k + 1, b = n - 1; a < b; a++, b--) kept = order[a], order[a] = order[b], order[b] = kept;
  return true;
}

static void every_order(int n, const int *objects, void (*work)(world *)) {
  int order[8];
  for (int k = 0; k < n; k++) order[k] = k;
  long before = -1;
  do {
    if (before < 0) { /* what the first use of libraries keeps */
      world first = make();
      for (int k = 0; k < n; k++) plan(&first, objects[k]);
      if (work) work(&first);
      destroy_all(&first);
      before = num_live;
    }
    world w = make();
    for (int k = 0; k < n; k++) plan(&w, objects[k]);
    if (work) work(&w);
    for (int k = 0; k < n; k++) destroy(&w, objects[order[k]]);
    destroy_all(&w);
    if (counts() && num_live != before) fail_msg("%ld blocks are left", num_live - before);
  } while (next(n, order));
}

static void plans_in_every_order(void **unused) {
  (void)unused;
  every_order(7, (const int[]){CONTEXT, MESH, SCOPE, SPACE, FORM, ASSEMBLER, EXPRESSION}, NULL);
  every_order(7, (const int[]){CONTEXT, MESH, SCOPE, SPACE, FORM, SYSTEM, EXPRESSION}, NULL);
  every_order(5, (const int[]){CONTEXT, MESH, SPACE, CONSTRAINTS, VECTOR}, NULL);
  every_order(4, (const int[]){CONTEXT, MESH, GAUSSIAN, FILM}, NULL);
}

static void solve(world *w) {
  gkt_scalar x[4] = {0};
  const gkt_scalar b[4] = {1, 1, 1, 1};
  gkt_idx offsets[] = {0, 1, 2, 3, 4}, cols[] = {0, 1, 2, 3};
  gkt_linear_report linear;
  w->matrix = calloc(1, sizeof *w->matrix);
  *w->matrix = (gkt_csr){.num_rows = 4, .num_cols = 4, .block_size = 1, .row_offsets = malloc(sizeof offsets), .cols = malloc(sizeof cols), .vals = malloc(4 * sizeof(gkt_scalar))};
  memcpy(w->matrix->row_offsets, offsets, sizeof offsets), memcpy(w->matrix->cols, cols, sizeof cols);
  for (int i = 0; i < 4; i++) w->matrix->vals[i] = 2;
  w->facts = (gkt_system_facts){.symmetric = true, .positive = true, .block_size = 1, .dim = 2};
  must(gkt_linear_solver_create(w->context, w->matrix, &w->facts, NULL, &w->solver));
  must(gkt_linear_solver_solve(w->solver, 1, 4, b, x, &linear));
  assert_true(linear.converged && x[3] == 0.5);
  gkt_linear_report_clear(&linear);
}

static void solvers_in_every_order(void **unused) {
  (void)unused;
  every_order(3, (const int[]){CONTEXT, SOLVER, MATRIX}, solve);
}

/* The last object holds all that it needs. */
static void what_is_held_works(void **unused) {
  (void)unused;
  world w = make();
  gkt_scalar value, u[4];
  plan(&w, ASSEMBLER);
  for (int i = 0; i < 4; i++) u[i] = gkt_space_coords(w.space)[2 * i];
  for (int k = 0; k < NUM; k++)
    if (k != ASSEMBLER) destroy(&w, k);
  must(gkt_assemble_functional(w.assembler, &(gkt_inputs){.values = (const gkt_scalar *const[]){u, NULL}}, &value));
  assert_true(value == 1); /* u = x on the unit square */
  destroy_all(&w);
  w = make();
  plan(&w, SYSTEM);
  gkt_context *context = w.context; /* borrowed: the system holds it */
  for (int k = 0; k < NUM; k++)
    if (k != SYSTEM) destroy(&w, k);
  gkt_solve_options options = gkt_solve_options_default();
  gkt_solve_report report = {0};
  must(gkt_vector_create(context, 4, &w.vector));
  must(gkt_system_solve(w.system, &options, w.vector, &report));
  assert_int_equal(gkt_vector_size(w.vector), 4);
  gkt_solve_report_clear(&report);
  destroy_all(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(plans_in_every_order), cmocka_unit_test(solvers_in_every_order), cmocka_unit_test(what_is_held_works)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
