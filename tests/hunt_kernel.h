/* What a system without a unique solution leaves open: is it what the report says? */
#ifndef GKT_TESTS_HUNT_KERNEL_H
#define GKT_TESTS_HUNT_KERNEL_H
#include "tests/hunt_system.h"

/* ---- a tangent with a kernel: does the residual stay as it is along w with A w = 0? u^3 = 0 has one solution all the same. ---- */
/* w [n] of size 1: inverse iteration with the matrix moved a little. */
static long double *kernel_vector(const judged *j) {
  int n = j->n;
  dense moved = dense_create(n);
  long double *w = calloc((size_t)n + 1, sizeof *w), *b = calloc((size_t)n + 1, sizeof *b), most;
  memcpy(moved.a, j->d.a, (size_t)n * n * sizeof *moved.a);
  for (int i = 0; i < n; i++) moved.a[(size_t)i * n + i] += 1e-9L, b[i] = sinl(1 + 2.3L * i);
  dense_factorize(&moved);
  for (int step = 0; step < 3; step++) {
    dense_solve(&moved, b, w);
    most = 0;
    for (int i = 0; i < n; i++) most = fmaxl(most, fabsl(w[i]));
    for (int i = 0; i < n; i++) b[i] = w[i] /= most;
  }
  most = 0;
  for (int i = 0; i < n; i++) w[i] *= j->d.col[i], most = fmaxl(most, fabsl(w[i]));
  for (int i = 0; i < n; i++) w[i] /= most;
  free(b);
  dense_destroy(&moved);
  return w;
}

/* What Newton's method began with: a solution that is next to nothing beside it is not asked for. */
static double size_of_start(judged *j) {
  gkt_scalar *u = unknown(j);
  double most = 0;
  if (!j->p->is_nonlinear) return 0;
  assert_int_equal(gkt_problem_set_initial(j->p), GKT_OK);
  for (int i = 0; i < j->num_dofs; i++) most = fmax(most, fabs(u[i]));
  memcpy(u, j->u, (size_t)j->num_dofs * sizeof *u);
  return most;
}

static bool stays_along_kernel(judged *j) {
  gkt_problem *p = j->p;
  gkt_scalar *u = unknown(j), *r = values(j), *m = values(j);
  long double *w = kernel_vector(j), most = fmax(1, size_of_start(j));
  bool stays = true;
  for (int i = 0; i < j->n; i++) most = fmaxl(most, fabs(j->u[j->free[i]]));
  for (int i = 0; i < j->n; i++) u[j->free[i]] += (double)(w[i] * most);
  assert_int_equal(gkt_assemble_vector(p->system->residual_assembler, &p->inputs, r), GKT_OK);
  assert_int_equal(gkt_assemble_magnitude(p->system->residual_assembler, &p->inputs, m), GKT_OK);
  for (int i = 0; i < j->n; i++) stays = stays && fabs(r[j->free[i]] - j->residual[j->free[i]]) <= 1e-6 * m[j->free[i]];
  memcpy(u, j->u, (size_t)j->num_dofs * sizeof *u);
  free(w), free(r), free(m);
  return stays;
}

/* ---- a kernel that is known: the system with the means (and mean rotations) as further rows is regular ---- */
static int means_of(const judged *j, gkt_scalar **rows) {
  gkt_problem *p = j->p;
  int dim = p->dim, components = gkt_space_block_size(p->spaces[p->fields[0]]), count = 0, rotations = p->solution.turns_freely ? dim * (dim - 1) / 2 : 0;
  static const char *const turns[] = {"(grad(v)[1,0] - grad(v)[0,1])*dx", "(grad(v)[2,0] - grad(v)[0,2])*dx", "(grad(v)[2,1] - grad(v)[1,2])*dx"};
  for (int m = 0; m < components + rotations; m++) {
    char text[120];
    gkt_form *form;
    gkt_assembler *a;
    if (m >= components) snprintf(text, sizeof text, "%s", turns[m - components]);
    else if (components == 1) snprintf(text, sizeof text, "v*dx");
    else snprintf(text, sizeof text, "v[%d]*dx", m);
    assert_int_equal(gkt_form_parse(p->scope, GKT_EQUATION, &(gkt_source){.text = text, .key = "mean"}, &form), GKT_OK);
    assert_int_equal(gkt_assembler_create(form, p->mesh, p->spaces, &a), GKT_OK);
    rows[count] = values(j);
    assert_int_equal(gkt_assemble_vector(a, &p->inputs, rows[count++]), GKT_OK);
    gkt_assembler_destroy(&a);
    gkt_form_destroy(&form);
  }
  return count;
}

/* The matrix with the means as further rows and columns, as large as the others. */
static dense bordered(const judged *j, int m, gkt_scalar *const *rows) {
  int n = j->n, all = n + m;
  dense d = dense_create(all);
  long double size = 0;
  for (gkt_idx k = 0; k < j->A->row_offsets[n]; k++) size = fmaxl(size, fabsl(j->A->vals[k]));
  for (int a = 0; a < n; a++)
    for (gkt_idx k = j->A->row_offsets[a]; k < j->A->row_offsets[a + 1]; k++) d.a[(size_t)a * all + j->A->cols[k]] = j->A->vals[k];
  for (int r = 0; r < m; r++) {
    long double most = 0;
    for (int i = 0; i < n; i++) most = fmaxl(most, fabs(rows[r][i]));
    for (int i = 0; i < n; i++) d.a[(size_t)(n + r) * all + i] = d.a[(size_t)i * all + n + r] = rows[r][i] / most * size;
  }
  return d;
}

/* No condition, and the report says that the kernel was known: then it is as large as the number of means, with which the solution is determined. */
static bool is_kernel_known(judged *j, bool *matches) {
  gkt_scalar *rows[9];
  int nullity = j->d.nullity, count = means_of(j, rows);
  dense_destroy(&j->d);
  j->d = bordered(j, count, rows);
  dense_factorize(&j->d);
  for (int r = 0; r < count; r++) free(rows[r]);
  *matches = nullity == count;
  if (*matches && j->d.condition < SINGULAR) return true;
  snprintf(j->what, sizeof j->what, "the kernel has dimension %d, the report fixes %d (bordered: condition %.1Le; method %s)", nullity, count, j->d.condition,
           j->p->solution.linear.method);
  return false;
}

/* Loads that the kernel does not balance leave forces along the border. */
static bool is_balanced(judged *j) {
  int n = j->n, all = j->d.n;
  long double size = 0, force = 0;
  for (int i = 0; i < n; i++) {
    long double sum = 0;
    for (int r = n; r < all; r++) sum += j->d.a[(size_t)i * all + r] / j->d.row[i] / j->d.col[r] * j->truth[r];
    force = fmaxl(force, fabsl(sum)), size = fmaxl(size, row_size(j, i, j->u) + fabs(j->rounding[i]));
  }
  if (force <= 1e-6L * size) return true;
  snprintf(j->what, sizeof j->what, "no solution: a load of %.3Lg in rows of size %.3Lg is not balanced; method %s", force, size, j->p->solution.linear.method);
  return false;
}
#endif
