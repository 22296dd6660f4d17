/* Cells, facets and edges grouped by their lowest vertex: a counting sort, then small sorts within the groups. No result depends on the number of threads. */
#ifndef GKT_MESHES_GROUP_H
#define GKT_MESHES_GROUP_H
#include "meshes/mesh.h"

/* keys [count], each in [0, num_keys): of the items first .. first + count - 1. Called from several threads. */
typedef void gkt_list_keys(const void *user, gkt_idx first, gkt_idx count, gkt_idx *keys);
/* items [count]: 0 .. count-1 by ascending keys, stable; those of key k are items[start[k]] .. items[start[k+1] - 1]; start [num_keys + 1]. Both freed with gkt_free. */
gkt_status gkt_group_by_key(gkt_context *, gkt_idx num_keys, gkt_list_keys *, const void *user, gkt_idx count, gkt_idx **start, gkt_idx **items) GKT_MUST_CHECK;

/* A member of a group, by two numbers. */
typedef struct {
  uint64_t high, low;
} gkt_entry;
void gkt_entries_sort(gkt_entry *, gkt_idx count);
/* scratch [threads][room]: room for the largest group. */
gkt_status gkt_group_scratch(gkt_context *, gkt_idx num_keys, const gkt_idx *start, int threads, gkt_idx *room, gkt_entry **scratch) GKT_MUST_CHECK;

/* Cells of one type, of a mesh or a file. */
typedef struct {
  gkt_idx num_nodes, count;
  const gkt_idx *nodes; /* [count][stride], the vertices first */
  int stride, num_vertices;
} gkt_cell_list;
gkt_status gkt_group_cells(gkt_context *, const gkt_cell_list *, gkt_idx **start, gkt_idx **cells) GKT_MUST_CHECK; /* by their lowest vertex */
/* Of groups as above: the first cell that has the vertices of one before it, -1: none. before [count]: the last cell before each one that has its vertices, -1: none; may be NULL.
 */
gkt_status gkt_cells_find_repeated(gkt_context *, const gkt_cell_list *, const gkt_idx *start, const gkt_idx *cells, gkt_idx *before, gkt_idx *first) GKT_MUST_CHECK;
#endif
