/* Parts of a mesh that share no node but touch: outer facets of one hold vertices of another. That may be meant (a crack, a contact), so it is a warning.
   Facets are hashed into a grid of their own size, one grid for each power of two; a vertex looks into one cell of every grid: n log n whatever the grading. */
#include <math.h>
#include <stdlib.h>

#include "meshes/mesh.h"

typedef struct {
  uint64_t key;
  gkt_idx facet;
} entry;

static int compare(const void *a, const void *b) {
  const entry *x = a, *y = b;
  return x->key != y->key ? (x->key > y->key) - (x->key < y->key) : (x->facet > y->facet) - (x->facet < y->facet);
}

/* The cell of the grid of width 2^level. */
static uint64_t key_of(int level, const int64_t at[3]) {
  uint64_t h = (uint64_t)level;
  for (int d = 0; d < 3; d++) h = (h ^ (uint64_t)at[d]) * UINT64_C(0x9E3779B97F4A7C15) + (h >> 29);
  return h;
}

static int level_of(double size) {
  int exponent;
  frexp(size, &exponent);
  return exponent;
}

typedef struct {
  const gkt_mesh *mesh;
  gkt_idx *part;  /* [num_nodes]: a node of the same part, the root its own */
  entry *entries; /* [num_entries], sorted */
  gkt_size num_entries;
  bool levels[2200]; /* in use; the exponents of doubles */
} contact;
enum { LOWEST = -1100 };

static gkt_idx find_root(gkt_idx *part, gkt_idx v) {
  while (part[v] != v) v = part[v] = part[part[v]];
  return v;
}

/* Number of parts that share no node. */
static gkt_idx join_parts(contact *k) {
  const gkt_mesh *m = k->mesh;
  gkt_idx count = m->num_nodes;
  for (gkt_idx v = 0; v < m->num_nodes; v++) k->part[v] = v;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_block *block = &m->blocks[b];
    for (gkt_idx c = 0; c < block->num_cells; c++) {
      const gkt_idx *nodes = block->nodes + (gkt_size)c * block->nodes_per_cell;
      gkt_idx first = find_root(k->part, nodes[0]);
      for (int i = 1; i < block->nodes_per_cell; i++) {
        gkt_idx other = k->part[nodes[i]] == first ? first : find_root(k->part, nodes[i]);
        if (first == other) continue;
        k->part[other > first ? other : first] = other > first ? first : other;
        first = other > first ? first : other;
        count--;
      }
    }
  }
  return count;
}

static int64_t grid_place(double x, int level) { return (int64_t)fmax(-4e18, fmin(4e18, floor(ldexp(x, -level)))); }

/* All cells of its grid that a facet's box meets: at most 3 in each direction. */
static void add_facet(contact *k, gkt_idx facet) {
  const gkt_mesh *m = k->mesh;
  gkt_idx ring[4];
  int n = gkt_mesh_facet_ring(m, facet, ring), level;
  double box[2][3], size = gkt_facet_box(m, n, ring, box[0], box[1]);
  int64_t low[3] = {0}, high[3] = {0}, at[3];
  level = level_of(size);
  k->levels[level - LOWEST] = true;
  for (int d = 0; d < m->dim; d++) {
    low[d] = grid_place(box[0][d], level);
    high[d] = grid_place(box[1][d], level);
    if (high[d] - low[d] > 2) high[d] = low[d] + 2;
  }
  for (at[2] = low[2]; at[2] <= high[2]; at[2]++)
    for (at[1] = low[1]; at[1] <= high[1]; at[1]++)
      for (at[0] = low[0]; at[0] <= high[0]; at[0]++) k->entries[k->num_entries++] = (entry){key_of(level, at), facet};
}

static gkt_idx find_touching(const contact *k, gkt_idx node, int level) {
  const gkt_mesh *m = k->mesh;
  const double *x = m->coords + (gkt_size)m->dim * node;
  int64_t at[3] = {0};
  for (int d = 0; d < m->dim; d++) at[d] = grid_place(x[d], level);
  uint64_t key = key_of(level, at);
  gkt_size low = 0, high = k->num_entries;
  while (low < high) {
    gkt_size middle = low + (high - low) / 2;
    if (k->entries[middle].key < key) low = middle + 1;
    else high = middle;
  }
  for (; low < k->num_entries && k->entries[low].key == key; low++) {
    gkt_idx ring[4];
    int n = gkt_mesh_facet_ring(m, k->entries[low].facet, ring);
    if (find_root(k->part, ring[0]) != find_root(k->part, node) && gkt_facet_locate(m, n, ring, x) != GKT_OFF_FACET) return k->entries[low].facet;
  }
  return -1;
}

static void warn(const contact *k, const gkt_mesh_labels *labels, gkt_idx count, gkt_idx node, gkt_idx facet) {
  const gkt_mesh *m = k->mesh;
  const double *x = m->coords + (gkt_size)m->dim * node;
  char text[GKT_LABEL], cell[GKT_LABEL], z[40] = "";
  gkt_label_node(labels, node, text);
  gkt_label_cell(labels, m->facets[facet].cell[0], cell);
  if (m->dim == 3) snprintf(z, sizeof z, ", %.9g", x[2]);
  gkt_log(m->ctx, GKT_LOG_WARNING,
          "%s%sparts of the mesh touch that share no node, so they are not joined: %d nodes lie on facets of another part, the first is %s at (%.9g, %.9g%s) on %s",
          labels ? labels->source : "", labels ? ": " : "", count, text, x[0], x[1], z, cell);
}

static void compare_nodes(contact *k, const gkt_mesh_labels *labels, const gkt_idx *outer_nodes, gkt_idx num_nodes) {
  gkt_idx count = 0, first = -1, facet = -1;
  for (gkt_idx i = 0; i < num_nodes; i++) {
    gkt_idx found = -1;
    for (int level = 0; level < (int)(sizeof k->levels / sizeof *k->levels) && found < 0; level++)
      if (k->levels[level]) found = find_touching(k, outer_nodes[i], level + LOWEST);
    if (found < 0) continue;
    if (!count++) first = outer_nodes[i], facet = found;
  }
  if (count) warn(k, labels, count, first, facet);
}

/* The vertices of outer facets, each once: out has room for four a facet. */
static gkt_idx list_nodes(const gkt_mesh *m, gkt_idx num_outer, const gkt_idx *outer, bool *seen, gkt_idx *out) {
  gkt_idx count = 0, ring[4];
  for (gkt_idx i = 0; i < num_outer; i++) {
    int n = gkt_mesh_facet_ring(m, outer[i], ring);
    for (int j = 0; j < n; j++) {
      if (seen[ring[j]]) continue;
      seen[ring[j]] = true;
      out[count++] = ring[j];
    }
  }
  return count;
}

gkt_status gkt_mesh_check_touching(const gkt_mesh *m, const gkt_mesh_labels *labels, gkt_idx num_outer, const gkt_idx *outer) {
  contact k = {.mesh = m};
  bool *seen = NULL;
  gkt_idx *nodes = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(m->ctx, m->num_nodes, sizeof *k.part, &k.part));
  if (join_parts(&k) < 2) goto done;
  GKT_GO(gkt_alloc(m->ctx, 27 * (gkt_size)num_outer, sizeof *k.entries, &k.entries));
  GKT_GO(gkt_alloc(m->ctx, 4 * (gkt_size)num_outer, sizeof *nodes, &nodes));
  GKT_GO(gkt_calloc(m->ctx, m->num_nodes, sizeof *seen, &seen));
  for (gkt_idx i = 0; i < num_outer; i++) add_facet(&k, outer[i]);
  qsort(k.entries, (size_t)k.num_entries, sizeof *k.entries, compare);
  compare_nodes(&k, labels, nodes, list_nodes(m, num_outer, outer, seen, nodes));
done:
  gkt_free(&k.part);
  gkt_free(&k.entries);
  gkt_free(&nodes);
  gkt_free(&seen);
  return status;
}
