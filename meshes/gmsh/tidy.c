/* Points that only helped to draw (the centre of an arc, what a spline passes through) get a node each from Gmsh, which belongs to no cell: such nodes are taken out. */
#include <stdlib.h>
#include <gmshc.h>

#include "mesher.h"

static size_t largest_of(size_t **lists, const size_t *lengths, size_t count) {
  size_t largest = 0;
  for (size_t t = 0; t < count; t++)
    for (size_t i = 0; i < lengths[t]; i++)
      if (lists[t][i] > largest) largest = lists[t][i];
  return largest;
}

/* The marks of nodes that elements of the dimension have, by tag; NULL: no memory. */
static bool *mark_nodes_of_cells(int dim, size_t *largest) {
  size_t num_types = 0, tags_nn, *tags_n, nodes_nn, *nodes_n, **tags, **nodes;
  int *types, error;
  gmshModelMeshGetElements(&types, &num_types, &tags, &tags_n, &tags_nn, &nodes, &nodes_n, &nodes_nn, dim, -1, &error);
  if (error) return NULL;
  *largest = largest_of(nodes, nodes_n, nodes_nn);
  bool *used = calloc(*largest + 1, sizeof *used);
  for (size_t t = 0; t < nodes_nn; t++) {
    for (size_t i = 0; used && i < nodes_n[t]; i++) used[nodes[t][i]] = true;
    gmshFree(tags[t]), gmshFree(nodes[t]);
  }
  gmshFree(types), gmshFree(tags), gmshFree(tags_n), gmshFree(nodes), gmshFree(nodes_n);
  return used;
}

static bool has_node_in(int point, const bool *used, size_t largest) {
  size_t *tags = NULL, n = 0, coords_n, params_n;
  double *coords = NULL, *params = NULL;
  int error;
  gmshModelMeshGetNodes(&tags, &n, &coords, &coords_n, &params, &params_n, 0, point, 0, 0, &error);
  bool found = error || n == 0;
  for (size_t i = 0; i < n; i++) found |= tags[i] <= largest && used[tags[i]];
  gmshFree(tags), gmshFree(coords), gmshFree(params);
  return found;
}

void drop_construction_points(int dim) {
  size_t n, largest = 0;
  int *points = geometry_entities(0, &n), error;
  bool *used = mark_nodes_of_cells(dim, &largest);
  for (size_t i = 0; used && i < n; i++)
    if (!has_node_in(points[i], used, largest)) gmshModelMeshClear((int[]){0, points[i]}, 2, &error);
  gmshFree(points);
  free(used);
}
