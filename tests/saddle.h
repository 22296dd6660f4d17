/* A velocity u and a pressure p on a mesh, with two constants, their tangent as dense blocks, the Schur complement and its spectrum against another matrix: plain loops for the
   tests of what is said of such pairs. */
#ifndef GKT_TESTS_SADDLE_H
#define GKT_TESTS_SADDLE_H
#include "assembly/assembler.h"
#include "tests/dense.h"
#include "tests/space_meshes.h"

enum { FIELD_U, TEST_V, FIELD_P, TEST_Q, NUM_FUNCTIONS };
typedef struct {
  gkt_mesh *mesh;
  gkt_scope *scope;
  gkt_space *spaces[NUM_FUNCTIONS];
  gkt_form *tangent;
  gkt_scalar constants[2]; /* k, mu */
  gkt_idx nu, np;
  bool *fixed; /* [nu] */
} saddle;

static inline gkt_form *saddle_tangent(const saddle *w, const char *text) {
  gkt_form *form = NULL, *tangent;
  if (gkt_form_parse(w->scope, GKT_EQUATION, &(gkt_source){.text = text}, &form) != GKT_OK) fail_msg("%s: %s", text, gkt_context_message(ctx));
  assert_int_equal(gkt_form_derivative(form, 2, (const int[]){FIELD_U, FIELD_P}, &tangent), GKT_OK);
  gkt_form_destroy(&form);
  return tangent;
}

/* u is 0 on the named sets of the mesh, which the saddle owns then; none: nowhere. k 1, mu 1. */
static inline saddle saddle_open(gkt_mesh *mesh, gkt_element u, gkt_element p, const char *text, int num_sets, const char *const *sets) {
  saddle w = {.mesh = mesh, .constants = {1, 1}};
  int dim = gkt_mesh_dim(mesh), f;
  gkt_idx count, *nodes;
  assert_int_equal(gkt_mesh_topology(mesh), GKT_OK);
  assert_int_equal(gkt_scope_create(ctx, dim, &w.scope), GKT_OK);
  assert_int_equal(gkt_scope_add_field(w.scope, "u", "v", gkt_shape_vector(dim), u, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_field(w.scope, "p", "q", gkt_shape_scalar(), p, &f), GKT_OK);
  assert_int_equal(gkt_scope_add_constant(w.scope, "k", &f), GKT_OK);
  assert_int_equal(gkt_scope_add_constant(w.scope, "mu", &f), GKT_OK);
  w.spaces[FIELD_U] = make_space_of(mesh, u, gkt_shape_vector(dim));
  w.spaces[FIELD_P] = make_space_of(mesh, p, gkt_shape_scalar());
  w.nu = gkt_space_num_dofs(w.spaces[FIELD_U]), w.np = gkt_space_num_dofs(w.spaces[FIELD_P]);
  w.fixed = calloc((size_t)w.nu, sizeof *w.fixed);
  for (int i = 0; i < num_sets; i++) {
    assert_int_equal(gkt_space_nodes_on(w.spaces[FIELD_U], gkt_mesh_find_set(mesh, sets[i]), &count, &nodes), GKT_OK);
    for (gkt_idx k = 0; k < count * dim; k++) w.fixed[nodes[k / dim] * dim + k % dim] = true;
    free(nodes);
  }
  w.tangent = saddle_tangent(&w, text);
  return w;
}

static inline void saddle_close(saddle *w) {
  gkt_form_destroy(&w->tangent);
  for (int f = 0; f < NUM_FUNCTIONS; f++) gkt_space_destroy(&w->spaces[f]);
  gkt_scope_destroy(&w->scope);
  gkt_mesh_destroy(&w->mesh);
  free(w->fixed);
}

/* [rows][cols], all dofs, at the state 0 */
static inline double *saddle_dense(const saddle *w, const gkt_form *form) {
  gkt_assembler *a = NULL;
  gkt_csr *A;
  gkt_scalar *zeros = calloc((size_t)(w->nu + w->np), sizeof *zeros);
  const gkt_scalar *values[NUM_FUNCTIONS] = {zeros, NULL, zeros, NULL};
  gkt_inputs inputs = {.values = values, .constants = w->constants};
  if (gkt_assembler_create(form, w->mesh, (const gkt_space *const *)w->spaces, &a) != GKT_OK) fail_msg("%s", gkt_context_message(ctx));
  assert_int_equal(gkt_assembler_matrix(a, &A), GKT_OK);
  assert_int_equal(gkt_assemble_matrix(a, &inputs, A), GKT_OK);
  double *out = calloc((size_t)A->num_rows * (size_t)A->num_cols, sizeof *out);
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++) out[(size_t)i * (size_t)A->num_cols + (size_t)A->cols[k]] = A->vals[k];
  gkt_csr_destroy(&A);
  gkt_assembler_destroy(&a);
  free(zeros);
  return out;
}

/* A = L L' in the lower triangle */
static inline void dense_cholesky(int n, double *A) {
  for (int j = 0; j < n; j++) {
    double *rj = A + (size_t)j * n;
    for (int i = j; i < n; i++) {
      double *ri = A + (size_t)i * n, sum = ri[j];
      for (int k = 0; k < j; k++) sum -= ri[k] * rj[k];
      if (i == j && !(sum > 0)) fail_msg("row %d of %d: not positive definite", j, n);
      ri[j] = i == j ? sqrt(sum) : sum / rj[j];
    }
  }
}

/* x = L^-1 x */
static inline void dense_forward(int n, const double *L, double *x) {
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < i; k++) x[i] -= L[(size_t)i * n + k] * x[k];
    x[i] /= L[(size_t)i * n + i];
  }
}

/* [np][np]: D A^-1 G - C over the free dofs of u, G = D' */
static inline double *saddle_schur(const saddle *w) {
  int n = w->nu + w->np, np = w->np, free_count = 0, *dofs = malloc((size_t)n * sizeof *dofs);
  double *all = saddle_dense(w, w->tangent), *S = malloc((size_t)np * (size_t)np * sizeof *S);
  for (int i = 0; i < w->nu; i++)
    if (!w->fixed[i]) dofs[free_count++] = i;
  double *A = malloc((size_t)free_count * (size_t)free_count * sizeof *A), *X = malloc((size_t)np * (size_t)free_count * sizeof *X);
  for (int i = 0; i < free_count; i++)
    for (int j = 0; j < free_count; j++) A[(size_t)i * free_count + j] = all[(size_t)dofs[i] * n + dofs[j]];
  dense_cholesky(free_count, A);
  for (int p = 0; p < np; p++) {
    for (int i = 0; i < free_count; i++) X[(size_t)p * free_count + i] = all[(size_t)(w->nu + p) * n + dofs[i]];
    dense_forward(free_count, A, X + (size_t)p * free_count);
  }
  for (int p = 0; p < np; p++)
    for (int q = 0; q < np; q++) {
      double sum = -all[(size_t)(w->nu + p) * n + w->nu + q];
      for (int i = 0; i < free_count; i++) sum += X[(size_t)p * free_count + i] * X[(size_t)q * free_count + i];
      S[(size_t)p * np + q] = sum;
    }
  free(all), free(A), free(X), free(dofs);
  return S;
}

/* A = A^-1, A symmetric and positive definite */
static inline void dense_invert(int n, double *A) {
  double *X = calloc((size_t)n * (size_t)n, sizeof *X); /* rows: columns of L^-1 */
  dense_cholesky(n, A);
  for (int j = 0; j < n; j++) {
    X[(size_t)j * (n + 1)] = 1;
    dense_forward(n, A, X + (size_t)j * n);
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int k = i > j ? i : j; k < n; k++) sum += X[(size_t)i * n + k] * X[(size_t)j * n + k];
      A[(size_t)i * n + j] = sum;
    }
  free(X);
}

static inline int compare_doubles(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }

/* Ascending eigenvalues [n] of S x = lambda M x, M positive definite; S and M are overwritten. */
static inline double *dense_pencil(int n, double *S, double *M) {
  double *values = malloc((size_t)n * sizeof *values), *V = malloc((size_t)n * (size_t)n * sizeof *V), *T = V;
  dense_cholesky(n, M);
  for (int turn = 0; turn < 2; turn++) { /* S = L^-1 S, transposed, twice */
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) T[(size_t)j * n + i] = S[(size_t)i * n + j];
      dense_forward(n, M, T + (size_t)j * n);
    }
    memcpy(S, T, (size_t)n * (size_t)n * sizeof *S);
  }
  dense_eigen(n, S, V);
  for (int i = 0; i < n; i++) values[i] = S[(size_t)i * (n + 1)];
  qsort(values, (size_t)n, sizeof *values, compare_doubles);
  free(V);
  return values;
}
#endif
