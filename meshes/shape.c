/* The shape of cells: the Jacobian determinant of each cell's map is sampled all over the cell; it must have one sign, and cells where that is negative are turned.
   Points: the nodes of degree 2 * order (a lattice that holds the vertices); of a pyramid this lattice drawn towards the apex, where the map is singular. Where the samples differ
   much, the least one is followed downhill between the points of the lattice. */
#include <math.h>

#include "meshes/mesh.h"

static const double HIGHEST = 0.999; /* in a pyramid: below the apex */
static const double SUSPICIOUS = 0.5;

typedef struct {
  gkt_mesh *mesh;
  const gkt_mesh_labels *labels;
  gkt_cell_type cell;
  bool is_simplex;
  int order, num_nodes, num_points, turned[GKT_MAX_BASIS];
  int unit[3]; /* the vertices at the unit vectors */
  double points[GKT_MAX_BASIS][3];
  double *gradients; /* [num_points][num_nodes][dim] */
} sampler;

static void product_points(sampler *s, gkt_cell_type base, int degree) {
  double plane[GKT_MAX_BASIS * 2];
  int n = gkt_lagrange_size(base, degree);
  gkt_lagrange_nodes(base, degree, plane);
  for (int k = 0; k <= degree; k++)
    for (int i = 0; i < n; i++) {
      double z = (double)k / degree, *x = s->points[s->num_points++];
      x[0] = plane[2 * i], x[1] = plane[2 * i + 1], x[2] = z;
    }
}

static void collapse_points(sampler *s) {
  for (int i = 0; i < s->num_points; i++) {
    double *x = s->points[i];
    x[2] *= HIGHEST;
    x[0] *= 1 - x[2], x[1] *= 1 - x[2];
  }
}

static void choose_points(sampler *s) {
  int dim = gkt_cell_topologies[s->cell].dim, degree = 2 * s->order;
  double x[GKT_MAX_BASIS * 3];
  bool affine = s->order == 1 && gkt_cell_is_simplex(s->cell);
  s->num_points = 0;
  if (s->cell == GKT_PRISM) product_points(s, GKT_TRIANGLE, degree);
  else if (s->cell == GKT_PYRAMID) {
    product_points(s, GKT_QUADRILATERAL, degree);
    collapse_points(s);
  } else {
    gkt_lagrange_nodes(s->cell, affine ? 0 : degree, x);
    s->num_points = gkt_lagrange_size(s->cell, affine ? 0 : degree);
    for (int i = 0; i < s->num_points; i++)
      for (int d = 0; d < dim; d++) s->points[i][d] = x[i * dim + d];
  }
}

void gkt_cell_turn(gkt_cell_type cell, int degree, int turned[GKT_MAX_BASIS]) {
  gkt_lagrange_node places[GKT_MAX_BASIS];
  int n = gkt_lagrange_size(cell, degree);
  gkt_lagrange_places(cell, degree, places);
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++) {
      const int8_t *p = places[a].at, *q = places[b].at;
      if (cell == GKT_LINE ? p[0] == degree - q[0] : p[0] == q[1] && p[1] == q[0] && p[2] == q[2]) turned[a] = b;
    }
}

static gkt_status prepare(sampler *s, const gkt_cell_block *block) {
  int dim = s->mesh->dim;
  s->cell = block->cell, s->order = block->order, s->num_nodes = block->nodes_per_cell;
  s->is_simplex = gkt_cell_is_simplex(s->cell);
  for (int v = 0; v < gkt_cell_topologies[s->cell].num_vertices; v++) {
    const int *x = gkt_cell_topologies[s->cell].vertices[v];
    if (x[0] + x[1] + x[2] == 1) s->unit[x[0] ? 0 : x[1] ? 1 : 2] = v;
  }
  choose_points(s);
  gkt_cell_turn(s->cell, s->order, s->turned);
  GKT_TRY(gkt_alloc(s->mesh->ctx, (gkt_size)s->num_points * s->num_nodes * dim, sizeof *s->gradients, &s->gradients));
  for (int p = 0; p < s->num_points; p++) gkt_lagrange_gradients(s->cell, s->order, s->points[p], s->gradients + (gkt_size)p * s->num_nodes * dim);
  return GKT_OK;
}

static double determinant(int dim, double a[3][3]) {
  if (dim == 1) return a[0][0];
  if (dim == 2) return a[0][0] * a[1][1] - a[0][1] * a[1][0];
  return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) + a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

/* x [num_nodes][3]: differences to the first node, so that nothing cancels far from the origin. g [num_nodes][dim]: reference gradients at the point. */
static double jacobian(const sampler *s, const double (*x)[3], const double *g) {
  int dim = s->mesh->dim;
  double a[3][3] = {{0}};
  for (int k = 1; k < s->num_nodes; k++)
    for (int j = 0; j < dim; j++)
      for (int i = 0; i < dim; i++) a[j][i] += g[k * dim + j] * x[k][i];
  return determinant(dim, a);
}

static double jacobian_at(const sampler *s, const double (*x)[3], int point) { return jacobian(s, x, s->gradients + (gkt_size)point * s->num_nodes * s->mesh->dim); }

static bool is_inside(const sampler *s, const double *xi) {
  const gkt_cell_topology *t = &gkt_cell_topologies[s->cell];
  for (int f = 0; f < t->num_facets; f++) {
    const int *on = t->vertices[t->facets[f][0]];
    double N[3], height = 0;
    gkt_cell_facet_normal(t, f, N);
    for (int d = 0; d < t->dim; d++) height += N[d] * (xi[d] - on[d]);
    if (height > 1e-12) return false;
  }
  return s->cell != GKT_PYRAMID || xi[2] <= HIGHEST;
}

/* Neighbour number k of 3^dim: -1, 0 or 1 steps along each axis. */
static double try_neighbour(const sampler *s, const double (*x)[3], const double *from, int k, double step, double *xi) {
  double g[GKT_MAX_BASIS * 3];
  for (int d = 0; d < s->mesh->dim; d++, k /= 3) xi[d] = from[d] + (k % 3 - 1) * step;
  if (!is_inside(s, xi)) return INFINITY;
  gkt_lagrange_gradients(s->cell, s->order, xi, g);
  return jacobian(s, x, g);
}

/* The least value of sign * Jacobian near a sampled point: to the best neighbour while there is a better one, then with half the step. */
static double descend(const sampler *s, const double (*x)[3], int point, double sign, double value) {
  int neighbours = s->mesh->dim == 1 ? 3 : s->mesh->dim == 2 ? 9 : 27;
  double at[3], best[3] = {0}, xi[3], step = 0.25 / s->order;
  for (int d = 0; d < 3; d++) at[d] = s->points[point][d];
  for (int round = 0; round < 12; round++) {
    double least = value;
    for (int k = 0; k < neighbours; k++) {
      double v = sign > 0 ? try_neighbour(s, x, at, k, step, xi) : -try_neighbour(s, x, at, k, step, xi);
      if (!isinf(v) && v < least) {
        least = v;
        for (int d = 0; d < 3; d++) best[d] = xi[d];
      }
    }
    if (!(least < value)) step /= 2;
    else
      for (int d = 0; d < 3; d++) at[d] = best[d];
    value = least;
  }
  return value;
}

/* The least value of sign * Jacobian, downhill from all samples that are small beside the largest one; between larger ones it does not come near 0. *where: the sample it began at.
 */
static double deepest(const sampler *s, const double (*x)[3], double sign, double largest, int *where) {
  double least = INFINITY;
  for (int p = 0; p < s->num_points; p++) {
    double value = sign * jacobian_at(s, x, p);
    if (value < SUSPICIOUS * largest) value = descend(s, x, p, sign, value);
    if (value < least) least = value, *where = p;
  }
  return least;
}

static const double *node_of(const gkt_mesh *m, const gkt_idx *nodes, int i) { return m->coords + (gkt_size)m->dim * nodes[i]; }

static double diameter(const sampler *s, const double (*x)[3]) {
  const gkt_cell_topology *t = &gkt_cell_topologies[s->cell];
  double h2 = 0;
  for (int e = 0; e < t->num_edges; e++) {
    double sum = 0;
    for (int i = 0; i < s->mesh->dim; i++) {
      double d = x[t->edges[e][1]][i] - x[t->edges[e][0]][i];
      sum += d * d;
    }
    h2 = fmax(h2, sum);
  }
  return sqrt(h2);
}

static gkt_status refuse_shape(const sampler *s, gkt_idx cell, const gkt_idx *nodes, const char *what) {
  char text[GKT_LABEL], points[768] = "";
  int dim = s->mesh->dim;
  size_t used = 0;
  gkt_label_cell(s->labels, cell, text);
  for (int k = 0; k < gkt_cell_topologies[s->cell].num_vertices; k++) {
    const double *x = node_of(s->mesh, nodes, k);
    used += (size_t)snprintf(points + used, sizeof points - used, k ? ", (" : "(");
    for (int d = 0; d < dim; d++) used += (size_t)snprintf(points + used, sizeof points - used, d ? ", %.9g" : "%.9g", x[d]);
    used += (size_t)snprintf(points + used, sizeof points - used, ")");
  }
  return gkt_mesh_refuse(s->mesh, s->labels, "%s %s; its vertices: %s", text, what, points);
}

/* The vertex at a sampled point, or -1. */
static int vertex_at(const sampler *s, int point) {
  const gkt_cell_topology *t = &gkt_cell_topologies[s->cell];
  for (int v = 0; v < t->num_vertices; v++) {
    double distance = 0;
    for (int d = 0; d < t->dim; d++) distance += fabs(s->points[point][d] - t->vertices[v][d]);
    if (distance < 0.01) return v; /* the lattices' spacing is 0.25 or more; under an apex it stands for it */
  }
  return -1;
}

/* Hexahedra are sometimes collapsed to stand for prisms and the like; simplices then have no volume. */
static int repeated_vertex(const sampler *s, const gkt_idx *nodes) {
  int n = gkt_cell_topologies[s->cell].num_vertices;
  for (int i = 0; i < n && n > s->mesh->dim + 1; i++)
    for (int j = 0; j < i; j++)
      if (nodes[i] == nodes[j]) return i;
  return -1;
}

static gkt_status refuse_sign(const sampler *s, gkt_idx cell, const gkt_idx *nodes, int point, bool mixed) {
  char text[GKT_LABEL], what[2 * GKT_LABEL];
  int v = vertex_at(s, point), repeated = repeated_vertex(s, nodes);
  if (repeated >= 0) {
    gkt_label_node(s->labels, nodes[repeated], text);
    snprintf(what, sizeof what, "is degenerate: %s is two of its vertices; expected a cell of the kind that has as many", text);
    return refuse_shape(s, cell, nodes, what);
  }
  if (s->order == 2) return refuse_shape(s, cell, nodes, "is folded by its curved edges (the Jacobian changes sign)");
  if (v >= 0) gkt_label_node(s->labels, nodes[v], text);
  if (v >= 0 && s->mesh->dim == 2) snprintf(what, sizeof what, "is not convex: its angle at %s is 180 degrees or more", text);
  else if (v >= 0) snprintf(what, sizeof what, "is not convex or twisted: at %s its facets turn %s", text, mixed ? "inside out" : "flat");
  else snprintf(what, sizeof what, "is not convex or twisted (the Jacobian changes sign inside)");
  return refuse_shape(s, cell, nodes, what);
}

/* Below this share of h^dim the sign of a determinant of rounded coordinates means nothing. */
static const double flat = 1e-14;

static void turn(const sampler *s, gkt_idx *nodes) {
  gkt_idx keep[GKT_MAX_BASIS];
  for (int i = 0; i < s->num_nodes; i++) keep[i] = nodes[i];
  for (int i = 0; i < s->num_nodes; i++) nodes[i] = keep[s->turned[i]];
}

typedef struct {
  bool is_flat, is_mixed;
  int where; /* the sample of the wrong sign, or of none */
} verdict;

/* Is the sign of the Jacobian one all over the cell? *turned: it is negative. false: for what *why says. */
static bool look_at_cell(const sampler *s, const gkt_idx *nodes, int8_t *turned, verdict *why) {
  double x[GKT_MAX_BASIS][3], least = INFINITY, most = -INFINITY, h, bound;
  int where_least = 0, where_most = 0;
  for (int k = 0; k < s->num_nodes; k++)
    for (int d = 0; d < s->mesh->dim; d++) x[k][d] = node_of(s->mesh, nodes, k)[d] - node_of(s->mesh, nodes, 0)[d];
  for (int p = 0; p < s->num_points; p++) {
    double j = jacobian_at(s, (const double(*)[3])x, p);
    if (!(j >= least)) least = j, where_least = p;
    if (!(j <= most)) most = j, where_most = p;
  }
  h = diameter(s, (const double(*)[3])x);
  bound = flat * pow(h, s->mesh->dim);
  *why = (verdict){.is_flat = !(most > bound) && !(least < -bound)};
  if (why->is_flat) return false;
  *turned = most + least < 0;
  if (!*turned && least > bound && least < SUSPICIOUS * most) least = deepest(s, (const double(*)[3])x, 1, most, &where_least);
  if (*turned && most < -bound && most > SUSPICIOUS * least) most = -deepest(s, (const double(*)[3])x, -1, -least, &where_most);
  why->where = *turned ? where_most : where_least;
  why->is_mixed = *turned ? most > bound : least < -bound;
  return *turned ? most < -bound : least > bound;
}

/* Turns the cell where that is all it needs. */
static bool check_cell(const sampler *s, gkt_idx *nodes, int8_t *turned, verdict *why) {
  if (!look_at_cell(s, nodes, turned, why)) return false;
  if (*turned) turn(s, nodes);
  return true;
}

static gkt_status refuse_cell(const sampler *s, gkt_idx cell, gkt_idx *nodes) {
  verdict why;
  int8_t turned;
  check_cell(s, nodes, &turned, &why);
  return why.is_flat ? refuse_shape(s, cell, nodes, "is degenerate (no volume)") : refuse_sign(s, cell, nodes, why.where, why.is_mixed);
}

/* Most cells are affine images of the reference cell, simplices always: the Jacobian is constant, and that of a cell that is nearly so differs by less than a part in 100, for
   sums of |dphi| are at most 2. Its sign, or 0 where the cell is bent, or so flat that rounding or bending might decide. */
static int sign_of_affine(const sampler *s, const gkt_idx *nodes) {
  const gkt_cell_topology *t = &gkt_cell_topologies[s->cell];
  const int dim = s->mesh->dim;
  double x[8][3], a[3][3] = {{0}}, h2 = 0, off2 = 0;
  for (int v = 0; v < t->num_vertices; v++)
    for (int i = 0; i < dim; i++) x[v][i] = node_of(s->mesh, nodes, v)[i] - node_of(s->mesh, nodes, 0)[i];
  for (int j = 0; j < dim; j++)
    for (int i = 0; i < dim; i++) a[j][i] = x[s->unit[j]][i];
  for (int v = 1; v < t->num_vertices && !s->is_simplex; v++) {
    double sum = 0;
    for (int i = 0; i < dim; i++) {
      double off = x[v][i];
      for (int j = 0; j < dim; j++) off -= t->vertices[v][j] * a[j][i];
      sum += off * off;
    }
    off2 = sum > off2 ? sum : off2;
  }
  for (int e = 0; e < t->num_edges; e++) {
    const double *from = x[t->edges[e][0]], *to = x[t->edges[e][1]];
    double sum = 0;
    for (int i = 0; i < dim; i++) sum += (to[i] - from[i]) * (to[i] - from[i]);
    h2 = sum > h2 ? sum : h2;
  }
  double det = determinant(dim, a), size = dim == 1 ? sqrt(h2) : dim == 2 ? h2 : h2 * sqrt(h2), bound = s->is_simplex ? 2 * flat * size : 1e-6 * size;
  if (!s->is_simplex && !(off2 <= 1e-18 * h2 && h2 > 1e-200)) return 0;
  return det > bound ? 1 : det < -bound ? -1 : 0;
}

enum { CELLS_AT_ONCE = 4096 };

/* Some cells of a block; returns the first that is refused, or INT32_MAX. */
static gkt_idx check_some(const sampler *s, const gkt_cell_block *block, gkt_idx *nodes, gkt_idx first, int8_t *turned) {
  const bool may_be_affine = s->order == 1 && s->cell != GKT_PYRAMID;
  verdict why;
  gkt_idx end = block->num_cells - first < CELLS_AT_ONCE ? block->num_cells : first + CELLS_AT_ONCE;
  for (gkt_idx c = first; c < end; c++) {
    gkt_idx *of_cell = nodes + (gkt_size)c * s->num_nodes;
    int sign = may_be_affine ? sign_of_affine(s, of_cell) : 0;
    if (sign < 0) turn(s, of_cell);
    if (sign) turned[c] = sign < 0;
    else if (!check_cell(s, of_cell, &turned[c], &why)) return c;
  }
  return INT32_MAX;
}

static gkt_status check_block(sampler *s, int b) {
  gkt_mesh *m = s->mesh;
  const gkt_cell_block *block = &m->blocks[b];
  gkt_idx *nodes = gkt_mesh_block_nodes(m, b), bad = INT32_MAX, tiles = block->num_cells / CELLS_AT_ONCE + 1;
  int threads = gkt_threads_for(m->ctx, (gkt_size)block->num_cells * s->num_nodes * s->num_points);
  int8_t *turned = m->turned + block->first_cell;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1) reduction(min : bad)
  for (gkt_idx t = 0; t < tiles; t++) {
    gkt_idx found = check_some(s, block, nodes, t * CELLS_AT_ONCE, turned);
    bad = found < bad ? found : bad;
  }
  return bad == INT32_MAX ? GKT_OK : refuse_cell(s, block->first_cell + bad, nodes + (gkt_size)bad * s->num_nodes);
}

gkt_status gkt_mesh_check_shapes(gkt_mesh *m, const gkt_mesh_labels *labels) {
  for (int b = 0; b < m->num_blocks; b++) {
    sampler s = {.mesh = m, .labels = labels};
    GKT_TRY(prepare(&s, &m->blocks[b]));
    gkt_status status = check_block(&s, b);
    gkt_free(&s.gradients);
    GKT_TRY(status);
  }
  return GKT_OK;
}

/* ---- nodes elsewhere ---- */
static bool is_right(const sampler *s, const gkt_idx *nodes) {
  const int sign = s->order == 1 && s->cell != GKT_PYRAMID ? sign_of_affine(s, nodes) : 0;
  verdict why;
  int8_t turned;
  return sign ? sign > 0 : look_at_cell(s, nodes, &turned, &why) && !turned;
}

static gkt_idx first_turned(const sampler *s, const gkt_cell_block *block) {
  const int threads = gkt_threads_for(s->mesh->ctx, (gkt_size)block->num_cells * s->num_nodes * s->num_points);
  gkt_idx first = INT32_MAX;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(min : first)
  for (gkt_idx c = 0; c < block->num_cells; c++)
    if (!is_right(s, block->nodes + (gkt_size)c * s->num_nodes)) first = c < first ? c : first;
  return first;
}

gkt_status gkt_mesh_find_turned(const gkt_mesh *m, const double *coords, gkt_idx *out) {
  gkt_mesh there = *m;
  there.coords = (double *)coords; /* read only */
  *out = -1;
  for (int b = 0; b < m->num_blocks && *out < 0; b++) {
    sampler s = {.mesh = &there};
    GKT_TRY(prepare(&s, &m->blocks[b]));
    const gkt_idx first = first_turned(&s, &m->blocks[b]);
    gkt_free(&s.gradients);
    if (first < INT32_MAX) *out = m->blocks[b].first_cell + first;
  }
  return GKT_OK;
}
