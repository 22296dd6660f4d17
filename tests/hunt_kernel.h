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
/* The integrals of what multiplies a test in the text, in the rows of its field. */
static gkt_scalar *row_of(const judged *j, const gkt_layout_block *block, const char *text) {
  gkt_problem *p = j->p;
  gkt_form *form;
  gkt_assembler *a;
  gkt_scalar *row = values(j);
  assert_int_equal(gkt_form_parse(p->scope, GKT_EQUATION, &(gkt_source){.text = text, .key = "mean"}, &form), GKT_OK);
  assert_int_equal(gkt_assembler_create(form, p->mesh, p->spaces, &a), GKT_OK);
  assert_int_equal(gkt_assemble_vector(a, &p->inputs, row + block->first), GKT_OK);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&form);
  return row;
}

/* Is a component free by the report, "u and p", "component 1 of u and component 2 of u"? */
static bool is_named(const judged *j, const gkt_layout_block *block, int component) {
  char text[240], one[100], all[100];
  snprintf(text, sizeof text, " and %s and ", j->p->solution.unfixed);
  snprintf(one, sizeof one, " and component %d of %s and ", component, block->name);
  snprintf(all, sizeof all, " and %s and ", block->name);
  return strstr(text, one) || strstr(text, all);
}

/* Of the components that the report names, and of rotations in their planes. */
static int means_of(const judged *j, gkt_scalar **rows) {
  gkt_problem *p = j->p;
  const gkt_layout *layout = gkt_system_layout(p->system);
  int count = 0;
  char text[200];
  for (int b = 0; b < layout->num_blocks; b++) {
    const gkt_layout_block *block = &layout->blocks[b];
    const char *test = p->settings->fields[b].test.text;
    const gkt_shape shape = gkt_space_shape(p->spaces[block->function]);
    const bool turns = p->solution.turns_freely && block->block_size == p->dim;
    for (int c = 0; c < block->block_size; c++) {
      if (!is_named(j, block, c)) continue;
      if (shape.rank == 0) snprintf(text, sizeof text, "%s*dx", test);
      else if (shape.rank == 1) snprintf(text, sizeof text, "%s[%d]*dx", test, c);
      else snprintf(text, sizeof text, "%s[%d,%d]*dx", test, c / shape.dims[1], c % shape.dims[1]);
      rows[count++] = row_of(j, block, text);
      for (int d = 0; turns && d < c; d++) {
        if (!is_named(j, block, d)) continue;
        snprintf(text, sizeof text, "(grad(%s)[%d,%d] - grad(%s)[%d,%d])*dx", test, c, d, test, d, c);
        rows[count++] = row_of(j, block, text);
      }
    }
  }
  return count;
}

/* The matrix of the free dofs with the means as further rows and columns, as large as the others; `same` false: columns of noise, for a transpose that maps other vectors to zero.
 */
static dense bordered(const judged *j, int m, gkt_scalar *const *rows, bool same) {
  int n = j->n, all = n + m, *place = calloc((size_t)j->num_dofs + 1, sizeof *place);
  dense d = dense_create(all);
  long double size = 0;
  for (int i = 0; i < j->num_dofs; i++) place[i] = -1;
  for (int i = 0; i < n; i++) place[j->free[i]] = i;
  for (gkt_idx k = 0; k < j->A->row_offsets[j->num_dofs]; k++) size = fmaxl(size, fabsl(j->A->vals[k]));
  for (int a = 0; a < n; a++)
    for (gkt_idx k = j->A->row_offsets[j->free[a]]; k < j->A->row_offsets[j->free[a] + 1]; k++)
      if (place[j->A->cols[k]] >= 0) d.a[(size_t)a * all + place[j->A->cols[k]]] = j->A->vals[k];
  for (int r = 0; r < m; r++) {
    long double most = 0;
    for (int i = 0; i < n; i++) most = fmaxl(most, fabs(rows[r][j->free[i]]));
    for (int i = 0; i < n; i++) {
      d.a[(size_t)(n + r) * all + i] = rows[r][j->free[i]] / most * size;
      d.a[(size_t)i * all + n + r] = (same ? rows[r][j->free[i]] / most : sinl(1 + 3.7L * i + 5.3L * r * i)) * size;
    }
  }
  free(place);
  return d;
}

/* The report says that the kernel was known: then it is as large as the number of means, with which the solution is determined. */
static bool is_kernel_known(judged *j, bool *matches) {
  gkt_scalar *rows[48];
  int nullity = j->d.nullity, count = means_of(j, rows);
  for (int same = 1; same >= 0 && (same || j->d.condition >= SINGULAR); same--) {
    dense_destroy(&j->d);
    j->d = bordered(j, count, rows, same);
    dense_factorize(&j->d);
  }
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
    force = fmaxl(force, fabsl(sum)), size = fmaxl(size, row_size(j, j->free[i], j->u) + fabs(j->rounding[j->free[i]]));
  }
  for (int w = 0; w < j->p->num_warnings; w++)
    if (strstr(j->p->warnings[w], "the difference is spread over the mesh")) return true;
  if (force <= 1e-6L * size) return true;
  snprintf(j->what, sizeof j->what, "no solution: a load of %.3Lg in rows of size %.3Lg is not balanced; method %s", force, size, j->p->solution.linear.method);
  return false;
}
#endif
