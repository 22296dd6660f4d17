/* Terminals at points, lane by lane: the geometry of the cell (affine and curved by the same sums), then what forms ask for. */
#include "spaces/points.h"

#include <math.h>
#include <string.h>

/* x [3] and J[d][r] = d x_d / d xi_r; what lies beyond dim is that of the identity. */
static void position(const gkt_mesh *mesh, const gkt_table *geometry, int row, const gkt_idx *nodes, double *x, double (*J)[3]) {
  int dim = geometry->dim, size = geometry->size;
  const double *coords = gkt_mesh_coords(mesh), *phi = geometry->phi + (gkt_size)row * size, *dphi = geometry->dphi + (gkt_size)row * size * dim;
  for (int d = 0; d < 3; d++) {
    x[d] = 0;
    for (int r = 0; r < 3; r++) J[d][r] = d == r && d >= dim;
  }
  for (int i = 0; i < size; i++) {
    const double *X = coords + (gkt_size)nodes[i] * dim;
    for (int d = 0; d < dim; d++) {
      x[d] += phi[i] * X[d];
      for (int r = 0; r < dim; r++) J[d][r] += dphi[i * dim + r] * X[d];
    }
  }
}

/* Returns det J; K = J^-1, by cofactors. */
static double invert(double (*J)[3], double (*K)[3]) {
  for (int r = 0; r < 3; r++)
    for (int d = 0; d < 3; d++) {
      int a = (d + 1) % 3, b = (d + 2) % 3, p = (r + 1) % 3, q = (r + 2) % 3;
      K[r][d] = J[a][p] * J[b][q] - J[a][q] * J[b][p];
    }
  double det = J[0][0] * K[0][0] + J[0][1] * K[1][0] + J[0][2] * K[2][0];
  for (int r = 0; r < 3; r++)
    for (int d = 0; d < 3; d++) K[r][d] /= det;
  return det;
}

double gkt_map_at(const gkt_mesh *mesh, const gkt_table *geometry, int row, const gkt_idx *nodes, double *x, double (*K)[3]) {
  double J[3][3];
  position(mesh, geometry, row, nodes, x, J);
  return invert(J, K);
}

double gkt_facet_normal_at(const gkt_cell_topology *cell, int facet, double det, double (*K)[3], double *n) {
  double reference[3], length = 0;
  gkt_cell_facet_normal(cell, facet, reference);
  for (int d = 0; d < 3; d++) {
    n[d] = 0;
    for (int r = 0; r < cell->dim && d < cell->dim; r++) n[d] += K[r][d] * reference[r];
    length += n[d] * n[d];
  }
  length = sqrt(length);
  for (int d = 0; d < 3; d++) n[d] /= length;
  return fabs(det) * length;
}

/* The longest distance of two vertices (the first of equals) and the unit vector along it. */
static double diameter(const gkt_point_tables *t, int num_vertices, const gkt_idx *nodes, double *direction) {
  const double *coords = gkt_mesh_coords(t->mesh);
  int dim = t->geometry->dim;
  double h = 0;
  for (int j = 1; j < num_vertices; j++)
    for (int i = 0; i < j; i++) {
      double difference[3] = {0}, square = 0;
      for (int d = 0; d < dim; d++) {
        difference[d] = coords[(gkt_size)nodes[j] * dim + d] - coords[(gkt_size)nodes[i] * dim + d];
        square += difference[d] * difference[d];
      }
      if (square <= h) continue;
      h = square;
      memcpy(direction, difference, sizeof difference);
    }
  h = sqrt(h);
  for (int d = 0; d < 3; d++) direction[d] /= h;
  return h;
}

void gkt_geometry_at(const gkt_point_tables *t, const gkt_lanes *at, gkt_geometry *out) {
  const gkt_cell_block *block = gkt_mesh_block(t->mesh, t->block);
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  for (int l = 0; l < GKT_LANES; l++) {
    const gkt_idx *nodes = block->nodes + (gkt_size)at->cell[l] * block->nodes_per_cell;
    double x[3], K[3][3], n[3] = {0}, direction[3] = {0}, det = gkt_map_at(t->mesh, t->geometry, at->row[l], nodes, x, K);
    out->detJ[l] = fabs(det);
    out->detS[l] = at->facet[l] < 0 ? 0 : gkt_facet_normal_at(cell, at->facet[l], det, K, n);
    out->h[l] = diameter(t, cell->num_vertices, nodes, direction);
    for (int d = 0; d < 3; d++) {
      out->x[d][l] = x[d];
      out->n[d][l] = n[d];
      out->h_direction[d][l] = direction[d];
      for (int r = 0; r < 3; r++) out->K[r][d][l] = K[r][d];
    }
  }
}

/* sum_i basis[i * stride] u[node i][component]: a value (phi) or a reference derivative (dphi). */
static double combine(const gkt_point_tables *t, const gkt_lanes *at, const gkt_terminal *term, int l, const double *basis, int stride) {
  const gkt_space *space = t->inputs->spaces[term->function];
  const gkt_scalar *u = t->inputs->values[term->function] + term->component;
  int size = t->functions[term->function]->size;
  const gkt_idx *nodes = space->cell_nodes[t->block] + (gkt_size)at->cell[l] * size;
  double sum = 0;
  for (int i = 0; i < size; i++) sum += basis[i * stride] * u[(gkt_size)nodes[i] * space->block_size];
  return sum;
}

static void value_at_points(const gkt_point_tables *t, const gkt_lanes *at, const gkt_terminal *term, gkt_scalar *in) {
  const gkt_space *s = t->inputs->spaces[term->function];
  const gkt_scalar *u = t->inputs->values[term->function] + term->component;
  gkt_size size = s->bases[t->block].size;
  for (int l = 0; l < GKT_LANES; l++) in[l] = u[(gkt_size)s->cell_nodes[t->block][at->cell[l] * size + at->point[l]] * s->block_size];
}

static void value(const gkt_point_tables *t, const gkt_lanes *at, const gkt_terminal *term, gkt_scalar *in) {
  if (gkt_space_is_at_points(t->inputs->spaces[term->function])) {
    value_at_points(t, at, term, in);
    return;
  }
  const gkt_table *table = t->functions[term->function];
  for (int l = 0; l < GKT_LANES; l++) in[l] = combine(t, at, term, l, table->phi + (gkt_size)at->row[l] * table->size, 1);
}

static void gradient(const gkt_point_tables *t, const gkt_lanes *at, const gkt_geometry *g, const gkt_terminal *term, gkt_scalar *in) {
  const gkt_table *table = t->functions[term->function];
  for (int l = 0; l < GKT_LANES; l++) {
    const double *dphi = table->dphi + (gkt_size)at->row[l] * table->size * table->dim;
    in[l] = 0;
    for (int r = 0; r < table->dim; r++) in[l] += g->K[r][term->direction][l] * combine(t, at, term, l, dphi + r, table->dim);
  }
}

static void fill(gkt_scalar with, gkt_scalar *in) {
  for (int l = 0; l < GKT_LANES; l++) in[l] = with;
}

void gkt_terminals_at(const gkt_pointwise *f, const gkt_point_tables *t, const gkt_lanes *at, const gkt_geometry *g, gkt_scalar *in) {
  for (int i = 0; i < gkt_pointwise_num_inputs(f); i++, in += GKT_LANES) {
    const gkt_terminal *term = gkt_pointwise_input(f, i);
    switch ((gkt_term_kind)term->kind) {
    case GKT_TERM_VALUE: value(t, at, term, in); break;
    case GKT_TERM_GRAD: gradient(t, at, g, term, in); break;
    case GKT_TERM_CONSTANT: fill(t->inputs->constants[term->function], in); break;
    case GKT_TERM_X: memcpy(in, g->x[term->component], sizeof g->x[0]); break;
    case GKT_TERM_NORMAL: memcpy(in, g->n[term->component], sizeof g->n[0]); break;
    case GKT_TERM_H: memcpy(in, g->h, sizeof g->h); break;
    case GKT_TERM_H_DIRECTION: memcpy(in, g->h_direction[term->component], sizeof g->h_direction[0]); break;
    case GKT_TERM_TIME: fill(t->inputs->time, in); break;
    }
  }
}
