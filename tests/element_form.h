/* One problem that uses every kind of terminal over cells, facets and points, and one functional, on a bent mesh of any kind of cell: for tests of maps. */
#ifndef GKT_TESTS_ELEMENT_FORM_H
#define GKT_TESTS_ELEMENT_FORM_H
#include "tests/element_meshes.h"

static inline void use_context(gkt_context_options options) {
  if (ctx) gkt_context_destroy(&ctx);
  assert_int_equal(gkt_context_create(&options, &ctx), GKT_OK);
}

static inline void use(gkt_backend backend, int threads) { use_context((gkt_context_options){.backend = backend, .threads = threads, .poison = true}); }

static inline void bend_smoothly(int dim, double *x) {
  double a = x[0], b = dim > 1 ? x[1] : 0, c = dim > 2 ? x[2] : 0;
  x[0] = 1.2 * a + 0.1 * sin(2.5 * b + c) + (dim == 1 ? 0.1 * a * a : 0);
  if (dim > 1) x[1] = 0.9 * b + 0.3 * a + 0.08 * sin(2 * a - c);
  if (dim > 2) x[2] = c + 0.25 * a + 0.08 * cos(2 * a + b);
}

/* Sets for dP: `nodes`, every third of the mesh, and `spots`, places inside every fifth cell. */
static inline void add_points(gkt_mesh *mesh) {
  gkt_idx count = 0, *nodes = malloc((size_t)gkt_mesh_num_nodes(mesh) * sizeof *nodes), num_spots = 0;
  int dim = gkt_mesh_dim(mesh);
  double *spots = calloc((size_t)(gkt_mesh_num_cells(mesh) * dim), sizeof *spots);
  for (gkt_idx i = 0; i < gkt_mesh_num_nodes(mesh); i += 3) nodes[count++] = i;
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) {
    const gkt_cell_block *block = gkt_mesh_block(mesh, b);
    int n = gkt_cell_topologies[block->cell].num_vertices;
    for (gkt_idx c = 0; c < block->num_cells; c += 5, num_spots++)
      for (int k = 0; k < n * dim; k++) spots[num_spots * dim + k % dim] += gkt_mesh_coords(mesh)[block->nodes[c * block->nodes_per_cell + k / dim] * dim + k % dim] / n;
  }
  must(gkt_mesh_add_set(mesh, "nodes", 0, count, nodes), "nodes");
  must(gkt_mesh_add_places(mesh, "spots", num_spots, spots), "spots");
  free(nodes), free(spots);
}

static inline gkt_mesh *bent_mesh(mesh_kind kind, int n, int order) {
  gkt_mesh *mesh = unit_mesh(kind, n > mesh_kinds[kind].fewest ? n : mesh_kinds[kind].fewest);
  shake(mesh, 0.1 / n, 9);
  if (order == 2) mesh = with_order_two(mesh);
  map_nodes(mesh, bend_smoothly);
  add_points(mesh);
  return mesh;
}

/* Cells, facets, all of a side and one side, and points, with coefficients that make nothing symmetric. */
static inline void pose_every_terminal_of(field_problem *p, const field_kind *kind, gkt_mesh *mesh, gkt_element element) {
  begin_problem_of(p, kind, mesh, element);
  let(p, "w", kind->dim == 1 ? "[1 + x[0]]" : kind->dim == 2 ? "[3*x[1], 1 - x[0]]" : "[3*x[1], 1 - x[0], 2 + x[2]]");
  let(p, "m", kind->components > 1 ? "exp(u[0]/4)" : "exp(u/4)");
  const char *cells_and_facets = "(1 + x[0]^2)*m*inner(grad(u), grad(v))*dx(degree=3) + h*inner(dot(grad(u), w), v)*dx(degree=3) + dot(w, n)*inner(u, v)*m*ds(degree=2)"
                                 " + inner(dot(grad(u), n), v)*ds(right, degree=2) - x[0]*inner(u, v)*dx(degree=3)";
  char equation[600];
  snprintf(equation, sizeof equation, "%s%s", cells_and_facets, kind->degree < 3 ? " + (m*inner(dot(grad(u), w), v) + h*inner(u, v))*dP(spots, nodes)" : ""); /* long to compile */
  pose_problem(p, equation, "0");
  for (gkt_idx i = 0; i < num_dofs(p); i++) p->u[i] = sin(0.7 * i) + 0.3 * cos(2.9 * i);
}

static inline void pose_every_terminal(field_problem *p, const field_kind *kind, gkt_mesh *mesh) { pose_every_terminal_of(p, kind, mesh, lagrange(false, kind->degree)); }

static inline const char *every_functional(const field_kind *kind) {
  return kind->components > 1 ? "m*inner(grad(u), grad(u))*dx(degree=3) + h*dot(w, n)*ds(degree=2) + m*x[0]*dP(nodes, spots)"
                              : "m*dot(grad(u), grad(u))*dx(degree=3) + h*dot(w, n)*ds(degree=2) + m*x[0]*dP(nodes, spots)";
}
#endif
