/* Claim: a problem's matrix and solution do not depend on how nodes and cells are numbered, nor on how the vertices of a cell are ordered; the matrix of the transposed form is the
   adjoint; the whole chain, from form to solution, gives the same bits for 1, 2 and 4 threads (every solver for
   every kind of field with GKT_LONG=1). */
#include "assembly/assembler.h"
#include "tests/field_problem.h"

/* Diffusion or vector diffusion with a mass term, data through x, h and n, natural on one side; `more` is added to the left side. */
static void pose_varying(field_problem *p, const char *more) {
  char text[400];
  let(p, "g", p->kind.components == 1 ? "sin(x[0] + 2*x[1])" : "sin(x[0] + 2*x[1])*x");
  let(p, "w", p->kind.dim == 2 ? "[3*x[1], 1 - x[0]]" : "[3*x[1], 1 - x[0], 2 + x[2]]");
  snprintf(text, sizeof text, "(1 + x[0]^2)*inner(grad(u), grad(v))*dx + exp(x[1])*inner(u, v)*dx + h*inner(u, v)*ds(right)%s == inner(g, v)*dx + dot(n, x)*inner(g, v)*ds(right)",
           more);
  pose_problem(p, text, "g");
}
#define WIND " + inner(dot(grad(u), w), v)*dx"

static double largest(const double *x, gkt_size n) {
  double most = 0;
  for (gkt_size i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

/* ---- renumbering ---- */
typedef enum { NODES, CELLS, EVEN, ODD, ALL, NUM_RENUMBERINGS } renumbering;
static const char *const renumbering_names[] = {"nodes", "cells", "vertices, even", "vertices, odd", "all"};

static void shuffle(gkt_idx n, gkt_idx *p, bool really, uint32_t seed) {
  for (gkt_idx i = 0; i < n; i++) p[i] = i;
  for (gkt_idx i = n - 1; really && i > 0; i--) {
    gkt_idx j = (gkt_idx)((noise(&seed) + 1) / 2 * (i + 1)), swap = p[i];
    p[i] = p[j], p[j] = swap;
  }
}

/* A random order of the n vertices of a cell: even, odd, or any. */
static void shuffle_vertices(renumbering r, int n, uint32_t seed, gkt_idx *p) {
  gkt_idx sorted[4];
  shuffle(n, p, r >= EVEN, seed);
  memcpy(sorted, p, (size_t)n * sizeof *p);
  bool odd = gkt_tuple_sort(n, sorted);
  if ((r == EVEN && odd) || (r == ODD && !odd)) sorted[0] = p[0], p[0] = p[1], p[1] = sorted[0];
}

/* Node i becomes node[i], new cell c was cell[c]. */
typedef struct {
  gkt_idx *node, *cell;
} numbering;

static void carry_sets(const gkt_mesh *from, const gkt_idx *node, gkt_mesh *to) {
  int dim = gkt_mesh_dim(from);
  for (int i = 0; i < gkt_mesh_num_sets(from); i++) {
    const gkt_mesh_set *s = gkt_mesh_get_set(from, i);
    gkt_idx *facets = malloc((size_t)s->count * sizeof *facets), vertices[3];
    for (gkt_idx f = 0; f < s->count; f++) {
      for (int v = 0; v < dim; v++) vertices[v] = node[gkt_mesh_entity_vertices(from, dim - 1)[s->entities[f] * dim + v]];
      facets[f] = gkt_mesh_entity_find(to, dim - 1, dim, vertices);
    }
    if (strcmp(s->name, "boundary")) must(gkt_mesh_add_set(to, s->name, dim - 1, s->count, facets), s->name);
    free(facets);
  }
}

static gkt_mesh *renumbered(gkt_mesh *mesh, renumbering r, numbering *out) {
  const gkt_cell_block *b = gkt_mesh_block(mesh, 0);
  gkt_idx nodes = gkt_mesh_num_nodes(mesh), order[4], *cells = malloc((size_t)(b->num_cells * b->nodes_per_cell) * sizeof *cells);
  int n = b->nodes_per_cell, dim = gkt_mesh_dim(mesh);
  double *coords = malloc((size_t)(nodes * dim) * sizeof *coords);
  gkt_mesh *made;
  *out = (numbering){malloc((size_t)nodes * sizeof *out->node), malloc((size_t)b->num_cells * sizeof *out->cell)};
  shuffle(nodes, out->node, r == NODES || r == ALL, 1);
  shuffle(b->num_cells, out->cell, r == CELLS || r == ALL, 2);
  for (gkt_idx c = 0; c < b->num_cells; c++) {
    shuffle_vertices(r, n, (uint32_t)c * 2654435761u, order);
    for (int v = 0; v < n; v++) cells[c * n + v] = out->node[b->nodes[out->cell[c] * n + order[v]]];
  }
  for (gkt_idx i = 0; i < nodes; i++) memcpy(coords + out->node[i] * dim, gkt_mesh_coords(mesh) + i * dim, (size_t)dim * sizeof *coords);
  must(gkt_mesh_from_arrays(ctx, b->cell, 1, dim, nodes, coords, b->num_cells, cells, &made), renumbering_names[r]);
  must(gkt_mesh_topology(mesh), "topology"), must(gkt_mesh_topology(made), "topology");
  carry_sets(mesh, out->node, made);
  free(cells), free(coords);
  return made;
}

/* Nodes of the first space in the second, by their place: [nodes of the space]. Midpoints agree to rounding only. */
static gkt_idx *match_nodes(const field_problem *a, const field_problem *b, const numbering *numbers) {
  int dim = a->kind.dim, n = gkt_space_nodes_per_cell(a->space, 0);
  gkt_idx *map = malloc((size_t)gkt_space_num_nodes(a->space) * sizeof *map);
  memset(map, 0xFF, (size_t)gkt_space_num_nodes(a->space) * sizeof *map);
  assert_int_equal(gkt_space_num_nodes(a->space), gkt_space_num_nodes(b->space));
  for (gkt_idx c = 0; c < gkt_mesh_num_cells(b->mesh); c++)
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        gkt_idx from = gkt_space_cell_nodes(a->space, 0)[numbers->cell[c] * n + i], to = gkt_space_cell_nodes(b->space, 0)[c * n + j];
        double distance = 0;
        for (int d = 0; d < dim; d++) distance += fabs(gkt_space_coords(a->space)[from * dim + d] - gkt_space_coords(b->space)[to * dim + d]);
        if (distance < 1e-10) map[from] = to;
      }
  for (gkt_idx i = 0; i < gkt_space_num_nodes(a->space); i++) assert_true(map[i] >= 0);
  return map;
}

static double matrix_difference(field_problem *a, field_problem *b, const gkt_idx *map) {
  gkt_csr *A = assemble_tangent(a), *B = assemble_tangent(b);
  int n = a->kind.components;
  double worst = 0, most = largest(A->vals, A->row_offsets[A->num_rows]); /* at most the largest sum of absolute contributions */
  assert_int_equal(A->row_offsets[A->num_rows], B->row_offsets[B->num_rows]);
  for (gkt_idx i = 0; i < A->num_rows; i++)
    for (gkt_idx k = A->row_offsets[i]; k < A->row_offsets[i + 1]; k++)
      worst = fmax(worst, fabs(A->vals[k] - entry_of(B, map[i / n] * n + i % n, map[A->cols[k] / n] * n + A->cols[k] % n)));
  gkt_csr_destroy(&A), gkt_csr_destroy(&B);
  return worst / most;
}

static double solution_difference(const field_problem *a, const field_problem *b, const gkt_idx *map) {
  int n = a->kind.components;
  double worst = 0;
  for (gkt_idx i = 0; i < num_dofs(a); i++) worst = fmax(worst, fabs(a->u[i] - b->u[map[i / n] * n + i % n]));
  return worst / largest(a->u, num_dofs(a));
}

static gkt_mesh *small_box(int dim) { return skewed_box(dim, dim == 2 ? 6 : 3, 1, 31); }

static void compare_numberings(const field_kind *k, renumbering r) {
  field_problem a, b;
  numbering numbers;
  begin_problem(&a, k, small_box(k->dim));
  begin_problem(&b, k, renumbered(a.mesh, r, &numbers));
  pose_varying(&a, WIND), pose_varying(&b, WIND);
  gkt_idx *map = match_nodes(&a, &b, &numbers);
  solve_problem(&a, GKT_LINEAR_DIRECT, 1e-14), solve_problem(&b, GKT_LINEAR_DIRECT, 1e-14);
  double matrix = matrix_difference(&a, &b, map), solution = solution_difference(&a, &b, map);
  /* Both sum some 30 contributions in another order, from other edge vectors: 4e-16 seen; the condition of these matrices brings the solution to 3e-15. */
  if (!(matrix <= 1e-14)) fail_msg("%s: numbering of %s changes the matrix by %g", k->name, renumbering_names[r], matrix);
  if (!(solution <= 1e-13)) fail_msg("%s: numbering of %s changes the solution by %g", k->name, renumbering_names[r], solution);
  free(map), free(numbers.node), free(numbers.cell);
  end_problem(&a), end_problem(&b);
}

static void numbering_does_not_matter(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int i = 0; i < NUM_KINDS; i++)
      for (int r = 0; r < NUM_RENUMBERINGS; r++) {
        use_backend(backend);
        compare_numberings(&kinds[i], (renumbering)r);
      }
}

/* ---- adjoint ---- */
/* A nonsymmetric form of trial and test functions, both given by name. */
static gkt_csr *advection_matrix(const field_kind *k, const char *trial, const char *test, field_problem *p) {
  char text[400];
  begin_problem(p, k, small_box(k->dim));
  let(p, "w", k->dim == 2 ? "[3*x[1], 1 - x[0]]" : "[3*x[1], 1 - x[0], 2 + x[2]]");
  let(p, "K", "2*I + outer(w, x)");
  snprintf(text, sizeof text, "inner(dot(grad(%1$s), K), grad(%2$s))*dx + inner(dot(grad(%1$s), w), %2$s)*dx + dot(w, n)*inner(%1$s, dot(grad(%2$s), w))*ds", trial, test);
  pose_problem(p, text, "0");
  assert_false(gkt_form_is_symmetric(p->tangent));
  return assemble_tangent(p);
}

static void compare_adjoint(const field_kind *k) {
  field_problem p, q;
  gkt_csr *A = advection_matrix(k, "u", "v", &p), *T = advection_matrix(k, "v", "u", &q);
  gkt_idx n = num_dofs(&p);
  uint32_t seed = 5;
  double *x = malloc((size_t)n * sizeof *x), *y = malloc((size_t)n * sizeof *y), *Ax = malloc((size_t)n * sizeof *x), *Ty = malloc((size_t)n * sizeof *y), left = 0, right = 0,
         size = 0;
  for (gkt_idx i = 0; i < n; i++) x[i] = noise(&seed), y[i] = noise(&seed);
  gkt_csr_multiply(A, x, Ax), gkt_csr_multiply(T, y, Ty);
  for (gkt_idx i = 0; i < n; i++) left += y[i] * Ax[i], right += Ty[i] * x[i], size += fabs(y[i] * Ax[i]);
  /* at most eps per term of the sums; the terms' signs are random */
  if (!(fabs(left - right) <= 1e-14 * size)) fail_msg("%s: w'(Au) = %.17g, (A'w)'u = %.17g", k->name, left, right);
  free(x), free(y), free(Ax), free(Ty);
  gkt_csr_destroy(&A), gkt_csr_destroy(&T);
  end_problem(&p), end_problem(&q);
}

static void transposed_forms_are_adjoint(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++)
    for (int i = 0; i < NUM_KINDS; i++) {
      use_backend(backend);
      compare_adjoint(&kinds[i]);
    }
}

/* ---- threads ---- */
/* Boxes per direction, so that the assembly has a share of the cells for each of 4 threads. */
static const int sizes[NUM_KINDS] = {92, 79, 54, 49, 14, 9, 7, 6};
static const struct {
  const char *more; /* none: symmetric */
  gkt_linear_method method;
} chains[] = {{"", GKT_LINEAR_AUTO}, {"", GKT_LINEAR_CG}, {WIND, GKT_LINEAR_AUTO}, {WIND, GKT_LINEAR_GMRES}};
enum { NUM_CHAINS = sizeof chains / sizeof *chains };

/* [dofs] to be freed: the whole chain, from the mesh on. */
static gkt_scalar *solve_with_threads(int backend, int threads, int row, int chain, gkt_idx *count) {
  gkt_context_options options = backends[backend];
  field_problem p;
  options.threads = threads;
  if (ctx) gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&options, &ctx), GKT_OK);
  begin_problem(&p, &kinds[row], skewed_box(kinds[row].dim, sizes[row], 1, 41));
  pose_varying(&p, chains[chain].more);
  assert_true(gkt_targets_any(&p.matrix->targets)->num_teams >= 4);
  solve_problem(&p, chains[chain].method, 1e-10);
  gkt_scalar *u = p.u;
  p.u = NULL;
  *count = num_dofs(&p);
  end_problem(&p);
  return u;
}

static void bits_do_not_depend_on_threads(void **unused) {
  (void)unused;
  for (int backend = 0; backend < 2; backend++) /* cpu, interpreter; poisoned buffers are no matter of threads */
    for (int row = 0; row < NUM_KINDS; row++)
      for (int chain = 0; chain < (backend ? 1 : NUM_CHAINS); chain++) { /* solvers see a matrix, whatever made it */
        if (chain && chain != row % NUM_CHAINS && !getenv("GKT_LONG")) continue;
        gkt_idx n;
        gkt_scalar *first = solve_with_threads(backend, 1, row, chain, &n);
        for (int threads = 2; threads <= 4; threads *= 2) {
          gkt_scalar *u = solve_with_threads(backend, threads, row, chain, &n);
          if (memcmp(first, u, (size_t)n * sizeof *u)) fail_msg("%s: bits change with %d threads (backend %d, chain %d)", kinds[row].name, threads, backend, chain);
          free(u);
        }
        free(first);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbering_does_not_matter), cmocka_unit_test(transposed_forms_are_adjoint), cmocka_unit_test(bits_do_not_depend_on_threads)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
