/* Claim: CG, BiCGSTAB and GMRES on the device take as many iterations as PETSc's with the same preconditioner, with the same residuals at first, end for the same reasons, and
   leave the same bits however often the host looks and whatever the order of blocks; after set-up nothing but scalars crosses the bus. */
#include "core/vector.h"
#include "solvers/krylov.h"
#include "solvers/linear.h"
#include "tests/emulated_device.h"
#include "tests/device_csr.h"
#include "tests/systems.h"

static gkt_context *ctx;
static int begin(void **state) {
  (void)state;
  use_emulated_device();
  return gkt_context_create(&(gkt_context_options){.poison = true}, &ctx) != GKT_OK;
}
static int end(void **state) {
  (void)state;
  gkt_context_destroy(&ctx);
  return 0;
}

/* ---- a system on both sides ---- */
enum { LIMIT = 400 };
typedef struct {
  const gkt_csr *host;
  device_csr A;
  gkt_product *product;
  gkt_vector *b, *x, *weights, *answer;
} fixture;

static void must(gkt_status status) {
  if (status != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
}
static gkt_vector *send(gkt_idx n, const double *values) {
  gkt_vector *host, *device;
  must(gkt_vector_create(ctx, n, &host));
  must(gkt_vector_create_on(ctx, GKT_ON_DEVICE, n, &device));
  memcpy(gkt_vector_values(host), values, sizeof(double) * (size_t)n);
  must(gkt_vector_to(host, device));
  gkt_vector_destroy(&host);
  return device;
}
static void fixture_begin(const gkt_csr *A, const double *b, fixture *f) {
  gkt_idx n = A->num_rows;
  double *weights = malloc(sizeof(double) * (size_t)n);
  f->host = A;
  for (gkt_idx i = 0; i < n; i++) {
    weights[i] = 1;
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      if (A->cols[k] == i && A->vals[k] != 0) weights[i] = 1 / A->vals[k];
  }
  must(device_csr_create(ctx, A, &f->A));
  must(gkt_product_create(ctx, &f->A.csr, GKT_PRODUCT_AUTO, &f->product));
  f->b = send(n, b), f->x = send(n, b), f->weights = send(n, weights);
  must(gkt_vector_create(ctx, n, &f->answer));
  free(weights);
}
static void fixture_end(fixture *f) {
  gkt_product_destroy(&f->product);
  gkt_vector_destroy(&f->b), gkt_vector_destroy(&f->x), gkt_vector_destroy(&f->weights), gkt_vector_destroy(&f->answer);
  device_csr_destroy(&f->A);
}
typedef struct {
  int end, iterations;
  bool cancelled;
  double norms[LIMIT + 1];
  double least, most;
} outcome;
static bool stop_at_seven(void *user, int iteration, double norm) { return (void)user, (void)norm, iteration < 7; }

static outcome solve(fixture *f, gkt_krylov_options options, double rtol, bool (*watch)(void *, int, double)) {
  gkt_krylov *k;
  gkt_krylov_result result;
  outcome out = {0};
  options.weights = gkt_vector_address(f->weights);
  if (!options.limit) options.limit = LIMIT;
  if (!options.look) options.look = 8;
  must(gkt_krylov_create(ctx, f->product, f->host->num_rows, &options, gkt_vector_address(f->b), gkt_vector_address(f->x), &k));
  must(gkt_krylov_solve(k, rtol, options.limit, watch, NULL, &result));
  out.end = result.end, out.iterations = result.iterations, out.cancelled = result.cancelled;
  memcpy(out.norms, result.norms, sizeof(double) * (size_t)(result.iterations + 1));
  if (options.method == GKT_KRYLOV_CG && result.end == GKT_KRYLOV_CONVERGED) must(gkt_krylov_eigenvalues(k, &out.least, &out.most));
  must(gkt_vector_to(f->x, f->answer));
  gkt_krylov_destroy(&k);
  return out;
}

/* ---- PETSc's ---- */
typedef struct {
  KSPConvergedReason reason;
  PetscInt iterations;
  PetscReal norms[LIMIT + 1], least, most;
} peer;

static void set_preconditioner(const gkt_krylov_options *o, PC pc) {
  KSP inner;
  PC jacobi;
  assert_int_equal(PCSetType(pc, o->degree > 1 ? PCKSP : PCJACOBI), 0);
  if (o->degree <= 1) return;
  assert_int_equal(PCKSPGetKSP(pc, &inner), 0);
  assert_int_equal(KSPSetType(inner, KSPCHEBYSHEV), 0);
  assert_int_equal(KSPSetNormType(inner, KSP_NORM_NONE), 0);
  assert_int_equal(KSPSetTolerances(inner, 1e-30, 1e-300, 1e300, o->degree), 0);
  assert_int_equal(KSPChebyshevSetEigenvalues(inner, o->most, o->least), 0);
  assert_int_equal(KSPGetPC(inner, &jacobi), 0);
  assert_int_equal(PCSetType(jacobi, PCJACOBI), 0);
}

static peer ask_petsc(const gkt_csr *A, const double *b, const gkt_krylov_options *o, double rtol) {
  static const char *const types[] = {KSPCG, KSPBCGS, KSPGMRES};
  gkt_petsc petsc;
  gkt_petsc_matrix matrix = {0};
  peer out = {0};
  KSP ksp;
  PC pc;
  Vec right, left;
  must(gkt_petsc_enter(ctx, &petsc));
  must(gkt_petsc_wrap(&petsc, A, &matrix));
  assert_int_equal(KSPCreate(PETSC_COMM_SELF, &ksp), 0);
  assert_int_equal(KSPSetType(ksp, types[o->method]), 0);
  assert_int_equal(KSPSetNormType(ksp, KSP_NORM_UNPRECONDITIONED), 0);
  if (o->method != GKT_KRYLOV_CG) assert_int_equal(KSPSetPCSide(ksp, PC_RIGHT), 0);
  if (o->method == GKT_KRYLOV_GMRES) assert_int_equal(KSPGMRESSetRestart(ksp, o->restart), 0);
  if (o->method == GKT_KRYLOV_CG) assert_int_equal(KSPSetComputeSingularValues(ksp, PETSC_TRUE), 0);
  assert_int_equal(KSPSetOperators(ksp, matrix.mat, matrix.mat), 0);
  assert_int_equal(KSPSetTolerances(ksp, rtol, 0, 1e10, o->limit ? o->limit : LIMIT), 0);
  assert_int_equal(KSPGetPC(ksp, &pc), 0);
  set_preconditioner(o, pc);
  assert_int_equal(KSPSetResidualHistory(ksp, out.norms, LIMIT + 1, PETSC_TRUE), 0);
  assert_int_equal(MatCreateVecs(matrix.mat, &left, &right), 0);
  PetscScalar *values;
  assert_int_equal(VecGetArray(right, &values), 0);
  memcpy(values, b, sizeof(double) * (size_t)A->num_rows);
  assert_int_equal(VecRestoreArray(right, &values), 0);
  assert_int_equal(KSPSolve(ksp, right, left), 0);
  assert_int_equal(KSPGetIterationNumber(ksp, &out.iterations), 0);
  assert_int_equal(KSPGetConvergedReason(ksp, &out.reason), 0);
  if (o->method == GKT_KRYLOV_CG) assert_int_equal(KSPComputeExtremeSingularValues(ksp, &out.most, &out.least), 0);
  VecDestroy(&right), VecDestroy(&left), KSPDestroy(&ksp);
  gkt_petsc_matrix_destroy(&matrix);
  gkt_petsc_leave(&petsc);
  return out;
}

static KSPConvergedReason as_petsc(int how) {
  static const KSPConvergedReason reasons[] = {[GKT_KRYLOV_CONVERGED] = KSP_CONVERGED_RTOL,
                                               [GKT_KRYLOV_LIMIT] = KSP_DIVERGED_ITS,
                                               [GKT_KRYLOV_INDEFINITE_MATRIX] = KSP_DIVERGED_INDEFINITE_MAT,
                                               [GKT_KRYLOV_INDEFINITE_PRECONDITIONER] = KSP_DIVERGED_INDEFINITE_PC,
                                               [GKT_KRYLOV_BREAKDOWN] = KSP_DIVERGED_BREAKDOWN,
                                               [GKT_KRYLOV_NOT_FINITE] = KSP_DIVERGED_NANORINF,
                                               [GKT_KRYLOV_DIVERGED] = KSP_DIVERGED_DTOL};
  return reasons[how];
}

static double residual_of(fixture *f, const double *b) {
  double rr = 0, bb = 0;
  double *Ax = malloc(sizeof(double) * (size_t)f->host->num_rows);
  gkt_csr_multiply(f->host, gkt_vector_read(f->answer), Ax);
  for (gkt_idx i = 0; i < f->host->num_rows; i++) rr += (b[i] - Ax[i]) * (b[i] - Ax[i]), bb += b[i] * b[i];
  free(Ax);
  return sqrt(rr / bb);
}

static void compare(fixture *f, const double *b, gkt_krylov_options o, double rtol) {
  outcome ours = solve(f, o, rtol, NULL);
  peer theirs = ask_petsc(f->host, b, &o, rtol);
  int begun = ours.end == GKT_KRYLOV_INDEFINITE_MATRIX; /* PETSc counts the iteration that meets it */
  if (as_petsc(ours.end) != theirs.reason || ours.iterations + begun != theirs.iterations)
    fail_msg("method %d: %s after %d iterations; PETSc %s after %d", o.method, KSPConvergedReasons[as_petsc(ours.end)], ours.iterations, KSPConvergedReasons[theirs.reason],
             (int)theirs.iterations);
  int early = o.method == GKT_KRYLOV_BICGSTAB ? 5 : 12;
  for (int i = 0; i <= ours.iterations && i < early; i++)
    if (!(fabs(ours.norms[i] - theirs.norms[i]) <= 1e-10 * theirs.norms[i])) fail_msg("method %d, iteration %d: %.17g, not %.17g", o.method, i, ours.norms[i], theirs.norms[i]);
  if (ours.end != GKT_KRYLOV_CONVERGED) return;
  assert_true(residual_of(f, b) <= 1.01 * rtol);
  if (o.method == GKT_KRYLOV_CG && !(fabs(ours.least - theirs.least) <= 1e-6 * theirs.least && fabs(ours.most - theirs.most) <= 1e-6 * theirs.most))
    fail_msg("eigenvalues %g to %g, not %g to %g", ours.least, ours.most, theirs.least, theirs.most);
}

/* half a laplace and the wind: not symmetric, and mild */
static void element_breeze(const double *ga, const double *gb, double mean, const double *x, double *out) {
  double laplace;
  element_laplace(ga, gb, mean, x, &laplace);
  element_advect(ga, gb, mean, x, out);
  *out += 0.48 * laplace;
}

/* Of what is far from symmetric or indefinite an iteration of BiCGSTAB multiplies rounding by a hundred: its numbers are nobody's. */
static void iterations_are_petscs(void **state) {
  (void)state;
  static const struct {
    test_element *element;
    int n, block;
    bool positive;
  } cases[] = {{element_laplace, 7, 1, true}, {element_elastic, 3, 3, true}, {element_breeze, 7, 1, false}, {element_advect, 7, 1, false}, {element_helmholtz, 5, 1, false}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    test_system s;
    fixture f;
    test_system_create(ctx, cases[c].n, cases[c].block, cases[c].element, NULL, true, &s);
    fixture_begin(s.A, s.b, &f);
    for (int method = GKT_KRYLOV_CG; method <= GKT_KRYLOV_GMRES; method++)
      for (int degree = 1; degree <= 4; degree++) {
        gkt_krylov_options o = {.method = (gkt_krylov_method)method, .degree = degree, .least = 0.3, .most = 3.3, .restart = 12, .limit = 150};
        bool erratic = (cases[c].element == element_helmholtz || cases[c].element == element_advect) && method == GKT_KRYLOV_BICGSTAB;
        if (!erratic && (cases[c].positive || (method != GKT_KRYLOV_CG && degree == 1))) compare(&f, s.b, o, 1e-8);
      }
    if (cases[c].element == element_helmholtz) compare(&f, s.b, (gkt_krylov_options){.method = GKT_KRYLOV_CG, .degree = 1, .limit = 150}, 1e-8);
    fixture_end(&f);
    test_system_destroy(&s);
  }
}

/* ---- ends that are none of success ---- */
typedef struct {
  gkt_csr *A;
  double *b;
} small;
static small create_small(int n, const double *dense, const double *b) {
  small s;
  gkt_idx at = 0;
  must(gkt_csr_create(ctx, n, n, n * n, 1, &s.A));
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++)
      if (dense[i * n + j] != 0 || i == j) s.A->cols[at] = j, s.A->vals[at++] = dense[i * n + j];
    s.A->row_offsets[i + 1] = at;
  }
  s.b = malloc(sizeof(double) * (size_t)n);
  memcpy(s.b, b, sizeof(double) * (size_t)n);
  return s;
}
static void expect(int n, const double *dense, const double *b, gkt_krylov_options o, int how, int iterations, bool petsc_as_well) {
  small s = create_small(n, dense, b);
  fixture f;
  o.degree = 1, o.limit = o.limit ? o.limit : 20;
  fixture_begin(s.A, b, &f);
  outcome ours = solve(&f, o, 1e-10, NULL);
  if (ours.end != how || ours.iterations != iterations) fail_msg("method %d %s, %d iterations", o.method, gkt_krylov_end_text(ours.end), ours.iterations);
  if (petsc_as_well) compare(&f, b, o, 1e-10);
  fixture_end(&f);
  gkt_csr_destroy(&s.A);
  free(s.b);
}

static void ends_have_names(void **state) {
  (void)state;
  const double turned[] = {0, 1, -1, 0}, plain[] = {2, 0, 0, 0, 3, 0, 0, 0, 4}, shift[] = {0, 0, 1, 1, 0, 0, 0, 1, 0}, ones[] = {1, 1, 1}, first[] = {1, 0, 0};
  const double broken[] = {1, NAN, NAN, 1}, nothing[] = {0, 0, 0, 0}, negative[] = {-2, 1, 1, -2};
  gkt_krylov_options cg = {.method = GKT_KRYLOV_CG}, bcgs = {.method = GKT_KRYLOV_BICGSTAB}, gmres = {.method = GKT_KRYLOV_GMRES, .restart = 2};
  expect(2, turned, first, bcgs, GKT_KRYLOV_BREAKDOWN, 0, true);
  expect(3, shift, first, gmres, GKT_KRYLOV_LIMIT, 20, true); /* no restart of two gains anything */
  gmres.restart = 3;
  expect(3, shift, first, gmres, GKT_KRYLOV_CONVERGED, 3, true);
  expect(3, plain, ones, gmres, GKT_KRYLOV_CONVERGED, 1, true); /* Jacobi is exact */
  expect(3, plain, ones, cg, GKT_KRYLOV_CONVERGED, 1, true);
  expect(3, plain, ones, bcgs, GKT_KRYLOV_CONVERGED, 1, false); /* PETSc stops as well, and keeps the norm before */
  expect(2, negative, ones, cg, GKT_KRYLOV_CONVERGED, 1, true);
  expect(2, nothing, ones, cg, GKT_KRYLOV_INDEFINITE_MATRIX, 0, false);
  for (int method = GKT_KRYLOV_CG; method <= GKT_KRYLOV_GMRES; method++)
    expect(2, broken, ones, (gkt_krylov_options){.method = (gkt_krylov_method)method, .restart = 5}, GKT_KRYLOV_NOT_FINITE, 0, false);
}

static void a_right_side_of_zeros_or_nan(void **state) {
  (void)state;
  const double plain[] = {2, 0, 0, 3}, zero[] = {0, 0}, bad[] = {1, NAN};
  for (int method = GKT_KRYLOV_CG; method <= GKT_KRYLOV_GMRES; method++) {
    gkt_krylov_options o = {.method = (gkt_krylov_method)method, .restart = 3};
    expect(2, plain, zero, o, GKT_KRYLOV_CONVERGED, 0, false);
    expect(2, plain, bad, o, GKT_KRYLOV_NOT_FINITE, 0, false);
  }
}

/* ---- looking ---- */
static void bits_depend_on_no_look_and_no_order(void **state) {
  (void)state;
  test_system s;
  fixture f;
  test_system_create(ctx, 6, 1, element_laplace, NULL, true, &s);
  fixture_begin(s.A, s.b, &f);
  for (int method = GKT_KRYLOV_CG; method <= GKT_KRYLOV_GMRES; method++) {
    gkt_krylov_options o = {.method = (gkt_krylov_method)method, .degree = 1, .restart = 7, .look = 1};
    outcome first = solve(&f, o, 1e-9, NULL);
    gkt_scalar *x = malloc(sizeof(gkt_scalar) * (size_t)s.A->num_rows);
    memcpy(x, gkt_vector_read(f.answer), sizeof(gkt_scalar) * (size_t)s.A->num_rows);
    const int looks[] = {3, 50};
    for (int i = 0; i < 4; i++) {
      o.look = looks[i % 2];
      if (i > 1) setenv("GKT_EMULATED_SEED", i == 2 ? "5" : "6", 1);
      outcome again = solve(&f, o, 1e-9, NULL);
      assert_int_equal(again.iterations, first.iterations);
      assert_memory_equal(again.norms, first.norms, sizeof(double) * (size_t)(first.iterations + 1));
      assert_memory_equal(gkt_vector_read(f.answer), x, sizeof(gkt_scalar) * (size_t)s.A->num_rows);
    }
    unsetenv("GKT_EMULATED_SEED");
    free(x);
  }
  fixture_end(&f);
  test_system_destroy(&s);
}

static void only_scalars_cross_the_bus(void **state) {
  (void)state;
  test_system s;
  fixture f;
  test_system_create(ctx, 6, 1, element_laplace, NULL, true, &s);
  fixture_begin(s.A, s.b, &f);
  for (int method = GKT_KRYLOV_CG; method <= GKT_KRYLOV_GMRES; method++) {
    gkt_krylov_options o = {.method = (gkt_krylov_method)method, .degree = 1, .restart = 30, .look = 10, .limit = LIMIT, .weights = gkt_vector_address(f.weights)};
    gkt_krylov *k;
    gkt_krylov_result result;
    must(gkt_krylov_create(ctx, f.product, s.A->num_rows, &o, gkt_vector_address(f.b), gkt_vector_address(f.x), &k));
    gkt_device_counts before = gkt_device_count_all(f.A.device);
    must(gkt_krylov_solve(k, 1e-9, LIMIT, NULL, NULL, &result));
    gkt_device_counts after = gkt_device_count_all(f.A.device);
    gkt_size looks = 1 + (result.iterations + 9) / 10;
    assert_int_equal(after.bytes_up - before.bytes_up, sizeof(gkt_krylov_state));
    assert_true(after.bytes_down - before.bytes_down <= looks * GKT_KRYLOV_HEAD + 8 * (result.iterations + 1));
    assert_int_equal(after.allocations, before.allocations);
    gkt_krylov_destroy(&k);
  }
  fixture_end(&f);
  test_system_destroy(&s);
}

/* A chain of so many nodes, pulled at one end: CG takes a step for each. Eight bytes an iteration are its norm; looks become rare. */
static void a_thousand_iterations_move_little(void **state) {
  (void)state;
  enum { NODES = 1200, STEPS = 1000 };
  gkt_csr *A;
  fixture f;
  gkt_krylov *k;
  gkt_krylov_result result;
  double least, most;
  double *b = calloc(NODES, sizeof *b);
  must(gkt_csr_create(ctx, NODES, NODES, 3 * NODES - 2, 1, &A));
  for (gkt_idx i = 0, at = 0; i < NODES; A->row_offsets[++i] = at)
    for (gkt_idx j = i ? i - 1 : 0; j <= i + 1 && j < NODES; j++) A->cols[at] = j, A->vals[at++] = i == j ? 2 : -1;
  b[0] = 1;
  fixture_begin(A, b, &f);
  gkt_krylov_options o = {.method = GKT_KRYLOV_CG, .degree = 1, .look = 10, .limit = STEPS, .weights = gkt_vector_address(f.weights)};
  must(gkt_krylov_create(ctx, f.product, NODES, &o, gkt_vector_address(f.b), gkt_vector_address(f.x), &k));
  gkt_device_counts before = gkt_device_count_all(f.A.device);
  must(gkt_krylov_solve(k, 1e-9, STEPS, NULL, NULL, &result));
  must(gkt_krylov_eigenvalues(k, &least, &most));
  gkt_device_counts after = gkt_device_count_all(f.A.device);
  if (getenv("GKT_SHOW")) printf("%d iterations: %lld bytes\n", result.iterations, (long long)(after.bytes_down - before.bytes_down));
  assert_true(result.end == GKT_KRYLOV_LIMIT && result.iterations == STEPS);
  assert_true(after.bytes_down - before.bytes_down <= 8 * (STEPS + 1) + 40 * GKT_KRYLOV_HEAD + 16);
  assert_true(fabs(least - (1 - cos(M_PI / (STEPS + 1)))) <= 1e-9 && fabs(most - (1 + cos(M_PI / (STEPS + 1)))) <= 1e-9); /* of the first thousand nodes */
  gkt_krylov_destroy(&k);
  fixture_end(&f);
  gkt_csr_destroy(&A);
  free(b);
}

static void a_watch_can_stop(void **state) {
  (void)state;
  test_system s;
  fixture f;
  test_system_create(ctx, 6, 1, element_laplace, NULL, true, &s);
  fixture_begin(s.A, s.b, &f);
  outcome r = solve(&f, (gkt_krylov_options){.method = GKT_KRYLOV_CG, .degree = 1, .look = 1}, 1e-9, stop_at_seven);
  assert_true(r.cancelled && r.end == GKT_KRYLOV_RUNNING && r.iterations == 7);
  r = solve(&f, (gkt_krylov_options){.method = GKT_KRYLOV_GMRES, .degree = 1, .look = 1, .restart = 20}, 1e-9, stop_at_seven);
  assert_true(r.cancelled && r.iterations == 7);
  assert_true(fabs(residual_of(&f, s.b) - r.norms[7] / r.norms[0]) < 1e-10); /* x is the last iterate */
  fixture_end(&f);
  test_system_destroy(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(iterations_are_petscs),
                                     cmocka_unit_test(ends_have_names),
                                     cmocka_unit_test(a_right_side_of_zeros_or_nan),
                                     cmocka_unit_test(bits_depend_on_no_look_and_no_order),
                                     cmocka_unit_test(only_scalars_cross_the_bus),
                                     cmocka_unit_test(a_thousand_iterations_move_little),
                                     cmocka_unit_test(a_watch_can_stop)};
  return cmocka_run_group_tests(tests, begin, end);
}
