/* Named sets given by the vertices of their entities, as other programs list facets and cells. */
#include <stdlib.h>
#include <string.h>

#include "meshes/mesh.h"

enum { MOST = 8 }; /* vertices of a cell */
typedef struct {
  gkt_idx vertices[MOST], cell; /* ascending, -1 behind */
} corner_list;

static int compare(const void *a, const void *b) {
  const corner_list *x = a, *y = b;
  for (int i = 0; i < MOST; i++)
    if (x->vertices[i] != y->vertices[i]) return x->vertices[i] < y->vertices[i] ? -1 : 1;
  return 0;
}

static corner_list sorted(int n, const gkt_idx *vertices, gkt_idx cell) {
  corner_list c = {.cell = cell};
  for (int i = 0; i < MOST; i++) c.vertices[i] = i < n ? vertices[i] : -1;
  gkt_tuple_sort(n, c.vertices);
  return c;
}

static gkt_status list_cells(gkt_mesh *m, corner_list **out) {
  GKT_TRY(gkt_alloc(m->ctx, m->num_cells, sizeof **out, out));
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *block = &m->blocks[b];
    int n = gkt_cell_topologies[block->cell].num_vertices;
    for (gkt_idx c = 0; c < block->num_cells; c++) (*out)[block->first_cell + c] = sorted(n, block->nodes + (gkt_size)c * block->nodes_per_cell, block->first_cell + c);
  }
  qsort(*out, (size_t)m->num_cells, sizeof **out, compare);
  return GKT_OK;
}

static gkt_idx find(const gkt_mesh *m, const corner_list *cells, int dim, int n, const gkt_idx *vertices) {
  if (dim == 0) return n == 1 ? vertices[0] : -1;
  if (dim < m->dim) return gkt_mesh_entity_find(m, dim, n, vertices);
  const corner_list key = sorted(n, vertices, -1), *found = bsearch(&key, cells, (size_t)m->num_cells, sizeof key, compare);
  return found ? found->cell : -1;
}

static gkt_status refuse(gkt_mesh *m, const char *name, int dim, gkt_idx entry, int n, const gkt_idx *vertices) {
  char list[MOST * 12];
  int at = 0;
  for (int i = 0; i < n; i++) at += snprintf(list + at, sizeof list - (size_t)at, i ? ", %d" : "%d", vertices[i]);
  return gkt_fail(m->ctx, GKT_BAD_INPUT, "set '%.60s': entry %d (nodes %s) is no %s of the mesh; expected the numbers of its vertices", name, entry, list,
                  dim == m->dim       ? "cell"
                  : dim == m->dim - 1 ? "facet"
                  : dim == 1          ? "edge"
                                      : "node");
}

static gkt_status look_up(gkt_mesh *m, const char *name, int dim, gkt_idx count, int n, const gkt_idx *vertices, const corner_list *cells, gkt_idx *entities) {
  for (gkt_idx i = 0; i < count; i++) {
    const gkt_idx *own = vertices + (gkt_size)i * n;
    bool inside = true;
    int used = n;
    while (used > 1 && own[used - 1] == -1) used--;
    for (int k = 0; k < used; k++) inside &= own[k] >= 0 && own[k] < m->num_nodes;
    entities[i] = inside ? find(m, cells, dim, used, own) : -1;
    if (entities[i] < 0) return refuse(m, name, dim, i, used, own);
  }
  return GKT_OK;
}

gkt_status gkt_mesh_add_set_of_vertices(gkt_mesh *m, const char *name, int dim, gkt_idx count, int n, const gkt_idx *vertices) {
  corner_list *cells = NULL;
  gkt_idx *entities = NULL;
  gkt_status status;
  if (!name || !*name) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "a set of mesh entities needs a name");
  if (dim < 0 || dim > m->dim) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "set '%.60s' of dimension %d: the mesh has dimensions 0 to %d", name, dim, m->dim);
  if (n < 1 || n > MOST || count < 0) return gkt_fail(m->ctx, GKT_BAD_ARGUMENT, "set '%.60s' of %d entities with %d vertices; expected 1 to %d", name, count, n, (int)MOST);
  if (dim == m->dim) GKT_GO(list_cells(m, &cells));
  else if (dim > 0) GKT_GO(dim == m->dim - 1 ? gkt_mesh_find_facets(m) : gkt_mesh_build_entities(m, dim));
  GKT_GO(gkt_alloc(m->ctx, count, sizeof *entities, &entities));
  GKT_GO(look_up(m, name, dim, count, n, vertices, cells, entities));
  GKT_GO(gkt_mesh_add_set(m, name, dim, count, entities));
done:
  gkt_free(&cells);
  gkt_free(&entities);
  return status;
}
