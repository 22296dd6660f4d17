/* What every mesh must satisfy before anything computes on it. */
#include <math.h>

#include "meshes/mesh.h"

static gkt_status check_indices(const gkt_mesh *m, const gkt_mesh_labels *labels) {
  gkt_size n = (gkt_size)m->num_cells * m->block.nodes_per_cell;
  char text[GKT_LABEL];
  bool *used = NULL;
  gkt_status status = GKT_OK;
  GKT_TRY(gkt_calloc(m->ctx, m->num_nodes, sizeof *used, &used));
  for (gkt_size i = 0; i < n; i++) {
    gkt_idx node = m->cell_nodes[i];
    if (node >= 0 && node < m->num_nodes) {
      used[node] = true;
      continue;
    }
    gkt_label_cell(labels, (gkt_idx)(i / m->block.nodes_per_cell), text);
    GKT_GO(gkt_mesh_refuse(m, labels, "%s names node %d; nodes are 0 to %d", text, node, m->num_nodes - 1));
  }
  for (gkt_idx i = 0; i < m->num_nodes; i++) {
    if (used[i]) continue;
    gkt_label_node(labels, i, text);
    GKT_GO(gkt_mesh_refuse(m, labels, "%s belongs to no cell", text));
  }
done:
  gkt_free(&used);
  return status;
}

static gkt_status check_coords(const gkt_mesh *m, const gkt_mesh_labels *labels) {
  gkt_size n = (gkt_size)m->num_nodes * m->dim;
  for (gkt_size i = 0; i < n; i++) {
    if (isfinite(m->coords[i])) continue;
    char text[GKT_LABEL];
    gkt_label_node(labels, (gkt_idx)(i / m->dim), text);
    return gkt_mesh_refuse(m, labels, "%s has the coordinate %g; coordinates are finite numbers", text, m->coords[i]);
  }
  return GKT_OK;
}

static double determinant(int dim, double a[3][3]) {
  if (dim == 2) return a[0][0] * a[1][1] - a[0][1] * a[1][0];
  return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) + a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

static const double *node_of(const gkt_mesh *m, const gkt_idx *nodes, int i) { return m->coords + (gkt_size)m->dim * nodes[i]; }

/* det dx/dxi of the affine map through the vertices. */
static double affine_jacobian(const gkt_mesh *m, const gkt_idx *nodes) {
  double a[3][3];
  const double *x0 = node_of(m, nodes, 0);
  for (int j = 0; j < m->dim; j++)
    for (int i = 0; i < m->dim; i++) a[j][i] = node_of(m, nodes, j + 1)[i] - x0[i];
  return determinant(m->dim, a);
}

/* det dx/dxi of a quadratic cell at barycentric coordinates l: x = sum l_k (2 l_k - 1) x_k + sum over edges ab of 4 l_a l_b x_ab. */
static double quadratic_jacobian(const gkt_mesh *m, const gkt_idx *nodes, const double *l) {
  const gkt_cell_topology *t = &gkt_cell_topologies[m->block.cell];
  double dx[4][3] = {{0}}, a[3][3];
  const double *x0 = node_of(m, nodes, 0); /* differences to it: no cancellation far from the origin */
  for (int i = 0; i < m->dim; i++) {
    for (int k = 0; k < t->num_vertices; k++) dx[k][i] = (4 * l[k] - 1) * (node_of(m, nodes, k)[i] - x0[i]);
    for (int e = 0; e < t->num_edges; e++) {
      double x = node_of(m, nodes, t->num_vertices + e)[i] - x0[i];
      dx[t->edges[e][0]][i] += 4 * l[t->edges[e][1]] * x;
      dx[t->edges[e][1]][i] += 4 * l[t->edges[e][0]] * x;
    }
    for (int j = 0; j < m->dim; j++) a[j][i] = dx[j + 1][i] - dx[0][i];
  }
  return determinant(m->dim, a);
}

static double smallest_jacobian(const gkt_mesh *m, const gkt_idx *nodes) {
  const gkt_cell_topology *t = &gkt_cell_topologies[m->block.cell];
  double least = INFINITY;
  if (m->block.order == 1) return affine_jacobian(m, nodes);
  for (int i = 0; i < m->block.nodes_per_cell; i++) {
    double l[4] = {0};
    int e = i - t->num_vertices;
    if (e < 0) l[i] = 1;
    else l[t->edges[e][0]] = l[t->edges[e][1]] = 0.5;
    least = fmin(least, quadratic_jacobian(m, nodes, l));
  }
  return least;
}

static double centre_jacobian(const gkt_mesh *m, const gkt_idx *nodes) {
  double l = 1.0 / (m->dim + 1), centre[4] = {l, l, l, l};
  return m->block.order == 1 ? affine_jacobian(m, nodes) : quadratic_jacobian(m, nodes, centre);
}

static double diameter(const gkt_mesh *m, const gkt_idx *nodes) {
  const gkt_cell_topology *t = &gkt_cell_topologies[m->block.cell];
  double h2 = 0;
  for (int e = 0; e < t->num_edges; e++) {
    double s = 0;
    for (int i = 0; i < m->dim; i++) {
      double d = node_of(m, nodes, t->edges[e][1])[i] - node_of(m, nodes, t->edges[e][0])[i];
      s += d * d;
    }
    h2 = fmax(h2, s);
  }
  return sqrt(h2);
}

static void swap(gkt_idx *nodes, int i, int j) {
  gkt_idx keep = nodes[i];
  nodes[i] = nodes[j];
  nodes[j] = keep;
}

/* Exchanges vertices 1 and 2: edges 01 and 20, 13 and 23 change places. */
static void turn(const gkt_mesh *m, gkt_idx *nodes) {
  swap(nodes, 1, 2);
  if (m->block.order == 1) return;
  int edges = m->dim + 1;
  swap(nodes, edges + 0, edges + 2);
  if (m->dim == 3) swap(nodes, edges + 4, edges + 5);
}

static gkt_status refuse_shape(const gkt_mesh *m, const gkt_mesh_labels *labels, gkt_idx cell, const gkt_idx *nodes, const char *what) {
  char text[GKT_LABEL], points[512] = "";
  size_t used = 0;
  gkt_label_cell(labels, cell, text);
  for (int k = 0; k <= m->dim; k++) {
    const double *x = node_of(m, nodes, k);
    used += (size_t)snprintf(points + used, sizeof points - used, m->dim == 2 ? "%s(%.9g, %.9g)" : "%s(%.9g, %.9g, %.9g)", k ? ", " : "", x[0], x[1], m->dim == 3 ? x[2] : 0);
  }
  return gkt_mesh_refuse(m, labels, "%s %s; its vertices: %s", text, what, points);
}

/* Below this share of h^dim the sign of a determinant of rounded coordinates means nothing. */
static const double flat = 1e-14;

static gkt_status check_shapes(gkt_mesh *m, const gkt_mesh_labels *labels) {
  for (gkt_idx c = 0; c < m->num_cells; c++) {
    gkt_idx *nodes = m->cell_nodes + (gkt_size)c * m->block.nodes_per_cell;
    double centre = centre_jacobian(m, nodes), h = diameter(m, nodes), bound = flat * (m->dim == 2 ? h * h : h * h * h);
    if (!(fabs(centre) > bound)) return refuse_shape(m, labels, c, nodes, "is degenerate (no volume)");
    if (centre < 0) turn(m, nodes);
    m->turned[c] = centre < 0;
    if (m->block.order == 2 && !(smallest_jacobian(m, nodes) > bound)) return refuse_shape(m, labels, c, nodes, "is folded by its curved edges (the Jacobian changes sign)");
  }
  return GKT_OK;
}

static gkt_status refuse_duplicate(const gkt_mesh *m, const gkt_mesh_labels *labels, gkt_idx first, gkt_idx second) {
  char a[GKT_LABEL], b[GKT_LABEL];
  gkt_label_cell(labels, first, a);
  gkt_label_cell(labels, second, b);
  return gkt_mesh_refuse(m, labels, "%s repeats the vertices of %s", b, a);
}

static gkt_status check_duplicates(const gkt_mesh *m, const gkt_mesh_labels *labels) {
  int k = m->dim + 1;
  gkt_idx *tuples = NULL, *numbers = NULL, *first = NULL, distinct;
  gkt_status status;
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)m->num_cells * k, sizeof *tuples, &tuples));
  GKT_GO(gkt_alloc(m->ctx, m->num_cells, sizeof *numbers, &numbers));
  for (gkt_idx c = 0; c < m->num_cells; c++) {
    for (int i = 0; i < k; i++) tuples[(gkt_size)c * k + i] = m->cell_nodes[(gkt_size)c * m->block.nodes_per_cell + i];
    gkt_tuple_sort(k, tuples + (gkt_size)c * k);
  }
  GKT_GO(gkt_tuples_number(m->ctx, m->num_nodes, k, m->num_cells, tuples, numbers, &distinct));
  if (distinct == m->num_cells) goto done;
  GKT_GO(gkt_calloc(m->ctx, distinct, sizeof *first, &first));
  for (gkt_idx c = 0; c < m->num_cells; c++) {
    if (first[numbers[c]]) GKT_GO(refuse_duplicate(m, labels, first[numbers[c]] - 1, c));
    first[numbers[c]] = c + 1;
  }
done:
  gkt_free(&tuples);
  gkt_free(&numbers);
  gkt_free(&first);
  return status;
}

gkt_status gkt_mesh_check(gkt_mesh *m, const gkt_mesh_labels *labels) {
  GKT_TRY(check_indices(m, labels));
  GKT_TRY(check_coords(m, labels));
  GKT_TRY(check_shapes(m, labels));
  return check_duplicates(m, labels);
}
