#include "meshes/cell.h"

/* Facets turn outwards on a positively oriented cell. */
const gkt_cell_topology gkt_cell_topologies[GKT_NUM_CELL_TYPES] = {
    [GKT_POINT_CELL] = {.name = "point", .plural = "points", .num_vertices = 1, .volume = 1.0},
    [GKT_LINE] = {.name = "line",
                  .plural = "lines",
                  .dim = 1,
                  .num_vertices = 2,
                  .num_edges = 1,
                  .num_facets = 2,
                  .vertices = {{0}, {1}},
                  .edges = {{0, 1}},
                  .facets = {{0, -1, -1, -1}, {1, -1, -1, -1}},
                  .volume = 1.0},
    [GKT_TRIANGLE] = {.name = "triangle",
                      .plural = "triangles",
                      .dim = 2,
                      .num_vertices = 3,
                      .num_edges = 3,
                      .num_facets = 3,
                      .vertices = {{0, 0}, {1, 0}, {0, 1}},
                      .edges = {{0, 1}, {1, 2}, {2, 0}},
                      .facets = {{0, 1, -1, -1}, {1, 2, -1, -1}, {2, 0, -1, -1}},
                      .volume = 1.0 / 2.0},
    [GKT_QUADRILATERAL] = {.name = "quadrilateral",
                           .plural = "quadrilaterals",
                           .dim = 2,
                           .num_vertices = 4,
                           .num_edges = 4,
                           .num_facets = 4,
                           .vertices = {{0, 0}, {1, 0}, {1, 1}, {0, 1}},
                           .edges = {{0, 1}, {1, 2}, {2, 3}, {3, 0}},
                           .facets = {{0, 1, -1, -1}, {1, 2, -1, -1}, {2, 3, -1, -1}, {3, 0, -1, -1}},
                           .volume = 1.0},
    [GKT_TETRAHEDRON] = {.name = "tetrahedron",
                         .plural = "tetrahedra",
                         .dim = 3,
                         .num_vertices = 4,
                         .num_edges = 6,
                         .num_facets = 4,
                         .vertices = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
                         .edges = {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}},
                         .facets = {{1, 2, 3, -1}, {0, 3, 2, -1}, {0, 1, 3, -1}, {0, 2, 1, -1}},
                         .volume = 1.0 / 6.0},
    [GKT_HEXAHEDRON] = {.name = "hexahedron",
                        .plural = "hexahedra",
                        .dim = 3,
                        .num_vertices = 8,
                        .num_edges = 12,
                        .num_facets = 6,
                        .vertices = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}},
                        .edges = {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {4, 5}, {5, 6}, {6, 7}, {7, 4}, {0, 4}, {1, 5}, {2, 6}, {3, 7}},
                        .facets = {{0, 3, 2, 1}, {4, 5, 6, 7}, {0, 1, 5, 4}, {1, 2, 6, 5}, {2, 3, 7, 6}, {3, 0, 4, 7}},
                        .volume = 1.0},
    [GKT_PRISM] = {.name = "prism",
                   .plural = "prisms",
                   .dim = 3,
                   .num_vertices = 6,
                   .num_edges = 9,
                   .num_facets = 5,
                   .vertices = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {0, 1, 1}},
                   .edges = {{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}, {0, 3}, {1, 4}, {2, 5}},
                   .facets = {{0, 2, 1, -1}, {3, 4, 5, -1}, {0, 1, 4, 3}, {1, 2, 5, 4}, {2, 0, 3, 5}},
                   .volume = 1.0 / 2.0},
    [GKT_PYRAMID] = {.name = "pyramid",
                     .plural = "pyramids",
                     .dim = 3,
                     .num_vertices = 5,
                     .num_edges = 8,
                     .num_facets = 5,
                     .vertices = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}},
                     .edges = {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 4}, {1, 4}, {2, 4}, {3, 4}},
                     .facets = {{0, 3, 2, 1}, {0, 1, 4, -1}, {1, 2, 4, -1}, {2, 3, 4, -1}, {3, 0, 4, -1}},
                     .volume = 1.0 / 3.0},
};

bool gkt_cell_is_simplex(gkt_cell_type cell) { return cell == GKT_LINE || cell == GKT_TRIANGLE || cell == GKT_TETRAHEDRON; }

int gkt_cell_facet_vertices(const gkt_cell_topology *cell, int facet) {
  int n = 0;
  while (n < 4 && n < 1 << (cell->dim - 1) && cell->facets[facet][n] >= 0) n++;
  return n;
}

gkt_cell_type gkt_cell_facet_type(const gkt_cell_topology *cell, int facet) {
  int n = gkt_cell_facet_vertices(cell, facet);
  return cell->dim == 1 ? GKT_POINT_CELL : cell->dim == 2 ? GKT_LINE : n == 3 ? GKT_TRIANGLE : GKT_QUADRILATERAL;
}

void gkt_cell_facet_normal(const gkt_cell_topology *cell, int facet, double normal[3]) {
  const int *v = cell->facets[facet], *from = cell->vertices[v[0]], *next = cell->vertices[v[1] < 0 ? v[0] : v[1]],
            *last = cell->vertices[v[gkt_cell_facet_vertices(cell, facet) - 1]];
  int a[3], b[3];
  for (int i = 0; i < 3; i++) a[i] = next[i] - from[i], b[i] = last[i] - from[i];
  for (int i = 0; i < 3; i++) normal[i] = cell->dim < 3 ? 0 : a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3];
  if (cell->dim == 2) normal[0] = a[1], normal[1] = -a[0];
  if (cell->dim == 1) normal[0] = 2 * from[0] - 1;
}

unsigned gkt_cell_entity_mask(const gkt_cell_topology *cell, int d, int entity) {
  unsigned mask = 0;
  if (d == cell->dim) return (1u << cell->num_vertices) - 1;
  if (d == 0) return 1u << entity;
  const int *v = d == cell->dim - 1 ? cell->facets[entity] : cell->edges[entity], count = d == 1 ? 2 : gkt_cell_facet_vertices(cell, entity);
  for (int i = 0; i < count; i++) mask |= 1u << v[i];
  return mask;
}
