/* Cells cut into pieces. A lattice of cubes, each cut into dim! simplices along its diagonal (Freudenthal 1942; Kuhn 1960), is cut along the planes a = b of its coordinates too:
 * with a change of coordinates these are the oblique sides of triangles, tetrahedra, prisms and pyramids. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/picture.h"

/* ---- from the lattice to the cell ---- */
static bool is_inside(gkt_cell_type type, const int l[3]) {
  switch (type) {
  case GKT_TRIANGLE:
  case GKT_PRISM: return l[0] >= l[1];
  case GKT_TETRAHEDRON: return l[0] >= l[1] && l[1] >= l[2];
  case GKT_PYRAMID: return l[2] >= l[0] && l[2] >= l[1];
  default: return true;
  }
}

static void to_cell(gkt_cell_type type, int pieces, const int l[3], int at[3]) {
  const bool slant = type == GKT_TRIANGLE || type == GKT_PRISM || type == GKT_TETRAHEDRON;
  at[0] = slant ? l[0] - l[1] : l[0];
  at[1] = type == GKT_TETRAHEDRON ? l[1] - l[2] : l[1];
  at[2] = type == GKT_PYRAMID ? pieces - l[2] : l[2];
}

static uint8_t facets_at(gkt_cell_type type, int pieces, const int at[3]) {
  const gkt_cell_topology *t = &gkt_cell_topologies[type];
  uint8_t on = 0;
  for (int f = 0; f < t->num_facets; f++) {
    const int *v = t->vertices[t->facets[f][0]];
    double normal[3], along = 0;
    gkt_cell_facet_normal(t, f, normal);
    for (int d = 0; d < t->dim; d++) along += normal[d] * (at[d] - pieces * v[d]);
    if (along == 0) on |= (uint8_t)(1 << f); /* whole numbers */
  }
  return on;
}

/* ---- samples ---- */
typedef struct {
  gkt_pattern *p;
  int *number; /* [pieces + 1]^3: sample at a point of the lattice; -1: outside */
} maker;

static int lattice_index(const gkt_pattern *p, const int l[3]) { return (l[2] * (p->pieces + 1) + l[1]) * (p->pieces + 1) + l[0]; }

static void number_samples(maker *m) {
  gkt_pattern *p = m->p;
  const int end[3] = {p->pieces, p->dim > 1 ? p->pieces : 0, p->dim > 2 ? p->pieces : 0};
  int l[3];
  for (l[2] = 0; l[2] <= end[2]; l[2]++)
    for (l[1] = 0; l[1] <= end[1]; l[1]++)
      for (l[0] = 0; l[0] <= end[0]; l[0]++) {
        m->number[lattice_index(p, l)] = is_inside(p->cell, l) ? p->num_samples : -1;
        if (!is_inside(p->cell, l)) continue;
        to_cell(p->cell, p->pieces, l, p->at[p->num_samples]);
        p->on[p->num_samples] = facets_at(p->cell, p->pieces, p->at[p->num_samples]);
        p->num_samples++;
      }
}

/* ---- simplices, positively oriented ---- */
static int volume_of(const gkt_pattern *p, const int corners[4]) {
  int e[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  for (int i = 0; i < p->dim; i++)
    for (int d = 0; d < 3; d++) e[i][d] = p->at[corners[i + 1]][d] - p->at[corners[0]][d];
  return e[0][0] * (e[1][1] * e[2][2] - e[1][2] * e[2][1]) - e[0][1] * (e[1][0] * e[2][2] - e[1][2] * e[2][0]) + e[0][2] * (e[1][0] * e[2][1] - e[1][1] * e[2][0]);
}

static void swap(int *a, int *b) {
  const int kept = *a;
  *a = *b, *b = kept;
}

/* The path from the cube's first corner to its last, one direction after the other. */
static void add_simplex(maker *m, const int cube[3], const int directions[3]) {
  gkt_pattern *p = m->p;
  int l[3] = {cube[0], cube[1], cube[2]}, corners[4] = {0};
  for (int i = 0; i <= p->dim; i++) {
    if (i > 0) l[directions[i - 1]]++;
    if ((corners[i] = m->number[lattice_index(p, l)]) < 0) return;
  }
  if (volume_of(p, corners) < 0) swap(corners + p->dim - 1, corners + p->dim);
  memcpy(p->simplices[p->num_simplices++], corners, sizeof corners);
}

static void add_cube(maker *m, const int cube[3]) {
  static const int directions[6][3] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 0, 1}, {1, 2, 0}, {2, 1, 0}};
  const int count = m->p->dim == 3 ? 6 : m->p->dim;
  for (int i = 0; i < count; i++) add_simplex(m, cube, directions[i]);
}

static void add_simplices(maker *m) {
  const gkt_pattern *p = m->p;
  int cube[3];
  for (cube[2] = 0; cube[2] < (p->dim > 2 ? p->pieces : 1); cube[2]++)
    for (cube[1] = 0; cube[1] < (p->dim > 1 ? p->pieces : 1); cube[1]++)
      for (cube[0] = 0; cube[0] < p->pieces; cube[0]++) add_cube(m, cube);
}

static void evaluate_basis(gkt_pattern *p) {
  for (int s = 0; s < p->num_samples; s++) {
    double xi[3];
    for (int d = 0; d < 3; d++) xi[d] = p->at[s][d] / (double)p->pieces;
    gkt_lagrange_values(p->cell, p->degree, xi, p->phi + (gkt_size)s * p->size);
  }
}

static void pattern_destroy(gkt_pattern **out) {
  gkt_pattern *p = *out;
  if (!p) return;
  gkt_free(&p->at);
  gkt_free(&p->on);
  gkt_free(&p->simplices);
  gkt_free(&p->phi);
  gkt_free(out);
}

static gkt_status pattern_create(gkt_context *ctx, gkt_cell_type cell, int degree, int pieces, gkt_pattern **out) {
  const int dim = gkt_cell_topologies[cell].dim;
  gkt_size points = 1, cubes = dim == 3 ? 6 : dim;
  gkt_pattern *p = NULL;
  maker m = {0};
  gkt_status status;
  for (int d = 0; d < dim; d++) points *= pieces + 1, cubes *= pieces;
  GKT_GO(gkt_calloc(ctx, 1, sizeof *p, &p));
  *p = (gkt_pattern){.cell = cell, .degree = degree, .pieces = pieces, .dim = dim, .size = gkt_lagrange_size(cell, degree)};
  m.p = p;
  GKT_GO(gkt_calloc(ctx, points, sizeof *m.number, &m.number));
  GKT_GO(gkt_calloc(ctx, points, sizeof *p->at, &p->at));
  GKT_GO(gkt_calloc(ctx, points, sizeof *p->on, &p->on));
  GKT_GO(gkt_calloc(ctx, cubes, sizeof *p->simplices, &p->simplices));
  number_samples(&m);
  add_simplices(&m);
  GKT_GO(gkt_alloc(ctx, (gkt_size)p->num_samples * p->size, sizeof *p->phi, &p->phi));
  evaluate_basis(p);
  *out = p;
  p = NULL;
done:
  gkt_free(&m.number);
  pattern_destroy(&p);
  return status;
}

gkt_status gkt_pattern_get(gkt_patterns *patterns, gkt_cell_type cell, int degree, const gkt_pattern **out) {
  gkt_pattern **held = &patterns->of[cell][degree];
  if (!*held) GKT_TRY(pattern_create(patterns->ctx, cell, degree, patterns->pieces, held));
  *out = *held;
  return GKT_OK;
}

void gkt_patterns_destroy(gkt_patterns *patterns) {
  for (int type = 0; type < GKT_NUM_CELL_TYPES; type++)
    for (int k = 0; k <= GKT_MAX_DEGREE; k++) pattern_destroy(&patterns->of[type][k]);
}

/* A node whose function is 0 there does not count, also if its value is not finite. */
void gkt_pattern_sample(const gkt_pattern *p, const gkt_drawing *drawing, const gkt_idx *nodes, gkt_sample *out) {
  const int dim = drawing->grid->dim;
  memset(out, 0, (size_t)p->num_samples * sizeof *out);
  for (int s = 0; s < p->num_samples; s++)
    for (int a = 0; a < p->size; a++) {
      const double phi = p->phi[s * p->size + a];
      if (phi == 0) continue;
      out[s].value += phi * drawing->values[nodes[a]];
      for (int d = 0; d < dim; d++) {
        const gkt_size i = (gkt_size)nodes[a] * dim + d;
        out[s].rest[d] += phi * drawing->grid->coords[i];
        out[s].at[d] += phi * (drawing->grid->coords[i] + (drawing->displacement ? drawing->factor * drawing->displacement[i] : 0));
      }
    }
}

/* Is what stands at the vertices of a cell an affine function of the reference cell, up to rounding? of [nodes][stride], its entry `at`. What is not finite is none. */
static bool is_affine(const gkt_cell_topology *t, const gkt_idx *nodes, const gkt_scalar *of, int stride, int at) {
  double first = of[(gkt_size)nodes[0] * stride + at], slope[3] = {0}, most = fabs(first);
  for (int v = 1; v < t->num_vertices; v++) {
    const int *place = t->vertices[v];
    if (place[0] + place[1] + place[2] > 1) continue;
    for (int d = 0; d < t->dim; d++)
      if (place[d]) slope[d] = of[(gkt_size)nodes[v] * stride + at] - first;
  }
  for (int v = 0; v < t->num_vertices; v++) {
    const double value = of[(gkt_size)nodes[v] * stride + at];
    double affine = first;
    for (int d = 0; d < t->dim; d++) affine += t->vertices[v][d] * slope[d];
    most = fmax(most, fabs(value));
    if (!(fabs(value - affine) <= 1e-12 * most)) return false;
  }
  return true;
}

/* Do values, places and displacements of all cells vary linearly, as constants do on a box? */
static bool are_affine(const gkt_drawing *drawing, const gkt_vtu_block *block) {
  const gkt_cell_topology *t = &gkt_cell_topologies[block->cell];
  const int dim = drawing->grid->dim;
  for (gkt_size c = 0; c < block->num_cells; c++) {
    const gkt_idx *nodes = block->nodes + c * block->nodes_per_cell;
    if (!is_affine(t, nodes, drawing->values, 1, 0)) return false;
    for (int d = 0; d < dim; d++)
      if (!is_affine(t, nodes, drawing->grid->coords, dim, d) || (drawing->displacement && !is_affine(t, nodes, drawing->displacement, dim, d))) return false;
  }
  return true;
}

/* Linear simplices are what they look like, other cells of straight sides where nothing in them bends. */
static int wanted_pieces(const gkt_drawing *drawing, const gkt_vtu_block *block) {
  const bool simplex = block->cell == GKT_LINE || block->cell == GKT_TRIANGLE || block->cell == GKT_TETRAHEDRON;
  if (block->degree > 1) return 4 * block->degree;
  return simplex || are_affine(drawing, block) ? 1 : 8;
}

int gkt_pieces_for(const gkt_drawing *drawing, int dim, gkt_size count, gkt_size limit) {
  const gkt_vtu_grid *grid = drawing->grid;
  int pieces = 1;
  for (int b = 0; b < grid->num_blocks; b++) {
    const int wanted = gkt_cell_topologies[grid->blocks[b].cell].dim == dim ? wanted_pieces(drawing, grid->blocks + b) : 1;
    if (wanted > pieces) pieces = wanted;
  }
  while (pieces > 1 && count * pieces * pieces > limit) pieces--;
  return pieces;
}
