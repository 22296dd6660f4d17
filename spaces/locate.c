/* Which cells hold a point: all cells are passed over, those whose box is near are asked. */
#include <math.h>
#include <stdlib.h>

#include "spaces/points.h"
#include "meshes/mesh.h"

enum { NEWTON_STEPS = 30 };

double gkt_mesh_tolerance(const gkt_mesh *mesh) {
  double square = 0;
  for (int d = 0; d < mesh->dim; d++) {
    double low = mesh->coords[d], high = low;
    for (gkt_idx i = 1; i < mesh->num_nodes; i++) {
      double x = mesh->coords[(gkt_size)i * mesh->dim + d];
      low = fmin(low, x), high = fmax(high, x);
    }
    square += (high - low) * (high - low);
  }
  return 1e-9 * sqrt(square);
}

/* The box around the cell's nodes, and what a curved cell may leave it by, which is less than the box's own size: a parabola through three values overshoots them by an eighth of
   their range, a product of three parabolas by less than half. */
static void cell_box(const gkt_mesh *mesh, const gkt_cell_block *block, const gkt_idx *nodes, double tolerance, double *low, double *high) {
  for (int d = 0; d < mesh->dim; d++) {
    low[d] = INFINITY, high[d] = -INFINITY;
    for (int i = 0; i < block->nodes_per_cell; i++) {
      double x = mesh->coords[(gkt_size)nodes[i] * mesh->dim + d];
      low[d] = x < low[d] ? x : low[d], high[d] = x > high[d] ? x : high[d];
    }
    double margin = tolerance + (block->order > 1 ? high[d] - low[d] : 0);
    low[d] -= margin, high[d] += margin;
  }
}

static bool is_in_box(int dim, const double *point, const double *low, const double *high) {
  for (int d = 0; d < dim; d++)
    if (!(point[d] >= low[d] && point[d] <= high[d])) return false;
  return true;
}

/* Newton for x(xi) = point from xi; one step suffices on affine cells. false: it runs away. K: at the solution. */
static bool iterate(const gkt_mesh *mesh, const gkt_cell_block *block, const gkt_idx *nodes, const double *point, gkt_table *table, double *xi, double (*K)[3]) {
  const gkt_basis geometry = gkt_geometry_basis(block);
  for (int it = 0; it < NEWTON_STEPS; it++) {
    double x[3], largest = 0;
    gkt_table_fill(&geometry, xi, table);
    gkt_map_at(mesh, table, 0, nodes, x, K);
    for (int r = 0; r < mesh->dim; r++) {
      double step = 0;
      for (int d = 0; d < mesh->dim; d++) step += K[r][d] * (point[d] - x[d]);
      xi[r] += step;
      largest = fmax(largest, fabs(step));
      if (!(fabs(xi[r]) < 4)) return false;
    }
    if (largest < 1e-8) return true; /* the error after a step is of the order of its square */
  }
  return false;
}

static double distance(const gkt_mesh *mesh, gkt_idx node, const double *point) {
  double square = 0;
  for (int d = 0; d < mesh->dim; d++) square += pow(mesh->coords[(gkt_size)node * mesh->dim + d] - point[d], 2);
  return sqrt(square);
}

/* At a node of the mesh the place in the cell is known. It must be for the apex of a pyramid, where the map of a curved one has no derivative. */
static bool is_at_node(const gkt_mesh *mesh, const gkt_cell_block *block, const gkt_idx *nodes, const double *point, double tolerance, double *xi) {
  double reference[3 * GKT_MAX_BASIS];
  for (int i = 0; i < block->nodes_per_cell; i++) {
    if (!(distance(mesh, nodes[i], point) <= tolerance)) continue;
    gkt_lagrange_nodes(block->cell, block->order, reference);
    for (int d = 0; d < mesh->dim; d++) xi[d] = reference[i * mesh->dim + d];
    return true;
  }
  return false;
}

/* N . (xi - facet) grows by |K^T N| per length across a facet with reference normal N: outside by less than the tolerance counts as inside. */
static bool is_inside(const gkt_cell_topology *cell, const double *xi, double (*K)[3], double tolerance) {
  for (int f = 0; f < cell->num_facets; f++) {
    const int *on = cell->vertices[cell->facets[f][0]];
    double N[3], height = 0, square = 0;
    gkt_cell_facet_normal(cell, f, N);
    for (int d = 0; d < cell->dim; d++) {
      double slope = 0;
      for (int r = 0; r < cell->dim; r++) slope += K[r][d] * N[r];
      square += slope * slope;
      height += N[d] * (xi[d] - on[d]);
    }
    if (!(height <= tolerance * sqrt(square))) return false;
  }
  return true;
}

/* From the centroid; in a pyramid then from as near to its apex as the point is: from afar the first step may leap over it, to where the map has another branch. */
static bool pull_back(const gkt_mesh *mesh, const gkt_cell_block *block, const gkt_idx *nodes, const double *point, double tolerance, gkt_table *table, double *xi) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  double K[3][3];
  gkt_lagrange_nodes(block->cell, 0, xi);
  if (iterate(mesh, block, nodes, point, table, xi, K) && is_inside(cell, xi, K, tolerance)) return true;
  if (block->cell != GKT_PYRAMID) return false;
  double to_apex = distance(mesh, nodes[4], point), share = to_apex / (to_apex + distance(mesh, nodes[0], point));
  xi[0] = xi[1] = share / 2, xi[2] = 1 - share;
  return iterate(mesh, block, nodes, point, table, xi, K) && is_inside(cell, xi, K, tolerance);
}

/* ---- many points in one pass over the cells: those in the slab of a cell's box along x are found by their order ---- */
typedef struct {
  double x;
  gkt_idx point;
} by_x;

static int compare_by_x(const void *a, const void *b) {
  const by_x *p = a, *q = b;
  return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->point > q->point) - (p->point < q->point);
}

typedef struct {
  gkt_mesh *mesh;
  const double *points;
  gkt_idx num_points;
  by_x *order; /* [num_points] */
  double tolerance;
  gkt_size count, capacity;
  gkt_touch *found;
} search;

static gkt_status note(search *s, gkt_idx point, gkt_idx cell, const double *xi) {
  if (s->count == s->capacity) {
    s->capacity = 2 * s->capacity + 16;
    GKT_TRY(gkt_realloc(s->mesh->ctx, s->capacity, sizeof *s->found, &s->found));
  }
  gkt_touch *t = &s->found[s->count++];
  *t = (gkt_touch){.point = point, .cell = cell};
  for (int d = 0; d < s->mesh->dim; d++) t->xi[d] = xi[d];
  return GKT_OK;
}

static gkt_idx first_from(const search *s, double x) {
  gkt_idx low = 0, high = s->num_points;
  while (low < high) {
    gkt_idx middle = low + (high - low) / 2;
    if (s->order[middle].x < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

static gkt_status locate_in_cell(search *s, const gkt_cell_block *block, gkt_idx c, gkt_table *table) {
  const gkt_idx *nodes = block->nodes + (gkt_size)c * block->nodes_per_cell;
  double low[3], high[3];
  cell_box(s->mesh, block, nodes, s->tolerance, low, high);
  for (gkt_idx k = first_from(s, low[0]); k < s->num_points && s->order[k].x <= high[0]; k++) {
    const double *point = s->points + (gkt_size)s->order[k].point * s->mesh->dim;
    double xi[3];
    if (!is_in_box(s->mesh->dim, point, low, high)) continue;
    if (is_at_node(s->mesh, block, nodes, point, s->tolerance, xi) || pull_back(s->mesh, block, nodes, point, s->tolerance, table, xi))
      GKT_TRY(note(s, s->order[k].point, block->first_cell + c, xi));
  }
  return GKT_OK;
}

static gkt_status locate_in_block(search *s, const gkt_cell_block *block) {
  const gkt_basis geometry = gkt_geometry_basis(block);
  gkt_table *table = NULL;
  gkt_status status;
  GKT_GO(gkt_table_allocate(s->mesh->ctx, &geometry, 1, &table));
  for (gkt_idx c = 0; c < block->num_cells; c++) GKT_GO(locate_in_cell(s, block, c, table));
done:
  gkt_table_destroy(&table);
  return status;
}

gkt_status gkt_locate_all(gkt_mesh *mesh, gkt_idx num_points, const double *points, gkt_size *count, gkt_touch **out) {
  search s = {.mesh = mesh, .points = points, .num_points = num_points, .tolerance = gkt_mesh_tolerance(mesh)};
  gkt_status status;
  GKT_GO(gkt_alloc(mesh->ctx, num_points, sizeof *s.order, &s.order));
  for (gkt_idx i = 0; i < num_points; i++) s.order[i] = (by_x){points[(gkt_size)i * mesh->dim], i};
  qsort(s.order, (size_t)num_points, sizeof *s.order, compare_by_x);
  for (int b = 0; b < gkt_mesh_num_blocks(mesh); b++) GKT_GO(locate_in_block(&s, gkt_mesh_block(mesh, b)));
  *count = s.count, *out = s.found;
  s.found = NULL;
done:
  gkt_free(&s.order);
  gkt_free(&s.found);
  return status;
}

gkt_status gkt_locate(gkt_mesh *mesh, const double *point, int max, gkt_idx *cells, double *xi, int *found) {
  gkt_size count;
  gkt_touch *all = NULL;
  GKT_TRY(gkt_locate_all(mesh, 1, point, &count, &all));
  *found = count < max ? (int)count : max;
  for (int i = 0; i < *found; i++) {
    cells[i] = all[i].cell;
    for (int d = 0; d < mesh->dim; d++) xi[i * mesh->dim + d] = all[i].xi[d];
  }
  gkt_free(&all);
  return GKT_OK;
}
