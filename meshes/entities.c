/* Facets and edges of a mesh, numbered by their vertices in lexicographic order: the numbering depends neither on the order of the cells nor on threads. Those of all cells are
   grouped by their lowest vertex, and sorted within the groups. */
#include <omp.h>

#include "meshes/entities.h"
#include "meshes/group.h"

int gkt_cell_num_entities(const gkt_cell_topology *t, int d) { return d == 0 ? t->num_vertices : d == t->dim ? 1 : d == t->dim - 1 ? t->num_facets : t->num_edges; }

static const int *local_vertices(const gkt_cell_topology *t, int d, int i, int *count) {
  *count = d == t->dim - 1 ? gkt_cell_facet_vertices(t, i) : 2;
  return d == t->dim - 1 ? t->facets[i] : t->edges[i];
}

/* ---- items: an entity of dimension d of each cell in turn ---- */
typedef struct {
  int per_cell, stride, count[12], local[12][4]; /* vertices of each entity of a cell */
  gkt_idx first_cell, first_item, end_item;
  const gkt_idx *nodes;
} item_block;

typedef struct {
  gkt_mesh *mesh;
  int d, threads;
  gkt_idx num_items, *start, *items; /* grouped; then sorted within the groups, and one that opens another entity stands as ~item */
  item_block blocks[GKT_NUM_CELL_TYPES];
} incidence;

static gkt_status prepare(incidence *k) {
  const gkt_mesh *m = k->mesh;
  gkt_size next = 0;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_topology *t = &gkt_cell_topologies[m->blocks[b].cell];
    item_block *own = &k->blocks[b];
    *own = (item_block){.per_cell = gkt_cell_num_entities(t, k->d), .stride = m->blocks[b].nodes_per_cell, .first_cell = m->blocks[b].first_cell, .nodes = m->blocks[b].nodes};
    for (int i = 0; i < own->per_cell; i++) {
      const int *local = local_vertices(t, k->d, i, &own->count[i]);
      for (int j = 0; j < own->count[i]; j++) own->local[i][j] = local[j];
    }
    GKT_TRY(gkt_narrow(m->ctx, next, "facets or edges of cells", &own->first_item));
    next += (gkt_size)m->blocks[b].num_cells * own->per_cell;
    GKT_TRY(gkt_narrow(m->ctx, next, "facets or edges of cells", &own->end_item));
    k->num_items = own->end_item;
  }
  k->threads = gkt_threads_for(m->ctx, k->num_items);
  return GKT_OK;
}

static const item_block *block_of(const incidence *k, gkt_idx item) {
  const item_block *b = k->blocks;
  while (item >= b->end_item) b++;
  return b;
}

/* The cell within its block. */
static gkt_idx cell_of(const item_block *b, gkt_idx item, int *local) {
  const uint32_t i = (uint32_t)(item - b->first_item), n = (uint32_t)b->per_cell, c = n == 4 ? i >> 2 : i / n;
  *local = (int)(i - c * n);
  return (gkt_idx)c;
}

static gkt_idx lowest_of(const item_block *b, const gkt_idx *nodes, int i) {
  gkt_idx lowest = nodes[b->local[i][0]];
  for (int j = 1; j < b->count[i]; j++) lowest = nodes[b->local[i][j]] < lowest ? nodes[b->local[i][j]] : lowest;
  return lowest;
}

static void list_lowest(const void *user, gkt_idx first, gkt_idx count, gkt_idx *keys) {
  const incidence *k = user;
  for (gkt_idx item = first, end = first + count; item < end;) {
    const item_block *b = block_of(k, item);
    int i;
    const gkt_idx *nodes = b->nodes + (gkt_size)cell_of(b, item, &i) * b->stride, stop = end < b->end_item ? end : b->end_item;
    for (; item < stop; nodes += b->stride, i = 0)
      for (; i < b->per_cell && item < stop; i++, item++) *keys++ = lowest_of(b, nodes, i);
  }
}

/* The vertices of an item, as its cell goes around them. */
static int list_ring(const incidence *k, gkt_idx item, gkt_idx v[4]) {
  int i;
  const item_block *b = block_of(k, item);
  const gkt_idx *nodes = b->nodes + (gkt_size)cell_of(b, item, &i) * b->stride;
  for (int j = 0; j < b->count[i]; j++) v[j] = nodes[b->local[i][j]];
  return b->count[i];
}

/* By all vertices but the lowest, which the group shares, then by item; the last bit tells an odd order of the vertices. Unused places stand behind all numbers. */
static gkt_entry make_entry(const incidence *k, gkt_idx item) {
  gkt_idx v[4] = {-1, -1, -1, -1};
  bool odd = gkt_tuple_sort(list_ring(k, item, v), v);
  return (gkt_entry){(uint64_t)(uint32_t)v[1] << 32 | (uint32_t)v[2], (uint64_t)(uint32_t)v[3] << 32 | (uint32_t)item << 1 | odd};
}

static bool is_same(const gkt_entry *a, const gkt_entry *b) { return a->high == b->high && a->low >> 32 == b->low >> 32; }

static gkt_idx item_of(const gkt_entry *e) { return (gkt_idx)((uint32_t)e->low >> 1); }

/* The ring read from its smallest vertex, in the direction of the smaller neighbour; true if that is backwards. */
static bool normalize_ring(int count, gkt_idx ring[4]) {
  gkt_idx turned[4];
  int least = 0;
  for (int i = 1; i < count; i++) least = ring[i] < ring[least] ? i : least;
  bool backwards = ring[(least + 1) % count] > ring[(least + count - 1) % count];
  for (int i = 0; i < count; i++) turned[i] = ring[(least + (backwards ? count - i : i)) % count];
  for (int i = 0; i < count; i++) ring[i] = turned[i];
  return backwards;
}

/* Two quadrilaterals with the same vertices, in the same order from opposite sides? *crossed: in different orders. */
static bool are_opposite(const incidence *k, const gkt_entry *a, const gkt_entry *b, bool *crossed) {
  gkt_idx ring[2][4];
  *crossed = false;
  if (list_ring(k, item_of(a), ring[0]) < 4) return (a->low ^ b->low) & 1;
  list_ring(k, item_of(b), ring[1]);
  bool opposite = normalize_ring(4, ring[0]) != normalize_ring(4, ring[1]);
  for (int i = 0; i < 4; i++) *crossed = *crossed || ring[0][i] != ring[1][i];
  return opposite && !*crossed;
}

/* Sorts the group of vertex v and marks where entities begin; returns how many there are. *bad: the first item that is no second side of its facet, if it is less. */
static gkt_idx sort_group(const incidence *k, gkt_idx v, gkt_entry *e, gkt_idx *bad) {
  gkt_idx *items = k->items + k->start[v], n = k->start[v + 1] - k->start[v], count = 0, first = 0;
  bool crossed;
  for (gkt_idx i = 0; i < n; i++) e[i] = make_entry(k, items[i]);
  gkt_entries_sort(e, n);
  for (gkt_idx i = 0; i < n; i++) {
    gkt_idx item = item_of(&e[i]);
    if (i == 0 || !is_same(&e[i], &e[i - 1])) {
      items[i] = ~item, first = i, count++;
      continue;
    }
    items[i] = item;
    if (item < *bad && k->d == k->mesh->dim - 1 && (i - first > 1 || !are_opposite(k, &e[first], &e[i], &crossed))) *bad = item;
  }
  return count;
}

/* Sorts all groups; first [num_nodes + 1]: where the entities with each lowest vertex begin. *bad: as above; INT32_MAX: none. */
static gkt_status sort_groups(const incidence *k, gkt_idx *first, gkt_idx *bad) {
  gkt_idx num_nodes = k->mesh->num_nodes, room, least = INT32_MAX, next = 0;
  gkt_entry *scratch;
  GKT_TRY(gkt_group_scratch(k->mesh->ctx, num_nodes, k->start, k->threads, &room, &scratch));
#pragma omp parallel for num_threads(k->threads) schedule(dynamic, 1024) reduction(min : least)
  for (gkt_idx v = 0; v < num_nodes; v++) first[v] = sort_group(k, v, scratch + (gkt_size)omp_get_thread_num() * room, &least);
  for (gkt_idx v = 0; v < num_nodes; v++) {
    gkt_idx n = first[v];
    first[v] = next;
    next += n;
  }
  first[num_nodes] = next;
  *bad = least;
  gkt_free(&scratch);
  return GKT_OK;
}

/* ---- facets ---- */
static gkt_status refuse_facet(const incidence *k, const gkt_mesh_labels *labels, gkt_idx bad) {
  gkt_idx v[4], items[3] = {-1, -1, -1};
  gkt_entry e[3] = {{0}}, own = make_entry(k, bad);
  char text[3][GKT_LABEL];
  int local, n = 0;
  bool crossed;
  gkt_tuple_sort(list_ring(k, bad, v), v);
  for (gkt_idx i = k->start[v[0]]; i < k->start[v[0] + 1] && n < 3; i++) {
    items[n] = k->items[i] < 0 ? ~k->items[i] : k->items[i];
    e[n] = make_entry(k, items[n]);
    if (is_same(&e[n], &own)) n++;
  }
  for (int i = 0; i < n; i++) {
    const item_block *b = block_of(k, items[i]);
    gkt_label_cell(labels, b->first_cell + cell_of(b, items[i], &local), text[i]);
  }
  if (n > 2 && items[2] == bad) return gkt_mesh_refuse(k->mesh, labels, "%s, %s and %s share one facet; at most two cells can", text[0], text[1], text[2]);
  are_opposite(k, &e[0], &e[1], &crossed);
  if (crossed) return gkt_mesh_refuse(k->mesh, labels, "%s and %s go through the vertices of the quadrilateral facet that they share in different orders", text[0], text[1]);
  return gkt_mesh_refuse(k->mesh, labels, "%s and %s overlap: they lie on the same side of the facet that they share", text[0], text[1]);
}

static void fill_facets(const incidence *k, const gkt_idx *first, gkt_facet *facets) {
#pragma omp parallel for num_threads(k->threads) schedule(dynamic, 1024)
  for (gkt_idx v = 0; v < k->mesh->num_nodes; v++) {
    gkt_idx f = first[v] - 1;
    for (gkt_idx i = k->start[v]; i < k->start[v + 1]; i++) {
      const gkt_idx item = k->items[i] < 0 ? ~k->items[i] : k->items[i];
      const item_block *b = block_of(k, item);
      int local;
      gkt_idx cell = b->first_cell + cell_of(b, item, &local);
      if (k->items[i] < 0) facets[++f] = (gkt_facet){{cell, -1}, {(int8_t)local, -1}};
      else facets[f].cell[1] = cell, facets[f].local[1] = (int8_t)local;
    }
  }
}

gkt_status gkt_facets_build(gkt_mesh *m, const gkt_mesh_labels *labels) {
  incidence k = {.mesh = m, .d = m->dim - 1};
  gkt_idx *first = NULL, bad;
  gkt_status status;
  GKT_GO(prepare(&k));
  GKT_GO(gkt_group_by_key(m->ctx, m->num_nodes, list_lowest, &k, k.num_items, &k.start, &k.items));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)m->num_nodes + 1, sizeof *first, &first));
  GKT_GO(sort_groups(&k, first, &bad));
  if (bad != INT32_MAX) {
    GKT_GO(gkt_mesh_check_repeated(m, labels));
    GKT_GO(refuse_facet(&k, labels, bad));
  }
  GKT_GO(gkt_alloc(m->ctx, first[m->num_nodes], sizeof *m->facets, &m->facets));
  fill_facets(&k, first, m->facets);
  m->num_entities[k.d] = first[m->num_nodes];
  m->first_entity[k.d] = first;
  first = NULL;
done:
  gkt_free(&first);
  gkt_free(&k.start);
  gkt_free(&k.items);
  return status;
}

/* The vertices of a facet, ascending, unused: -1. */
static void sorted_facet(const gkt_mesh *m, gkt_idx facet, gkt_idx v[4]) {
  for (int i = 0; i < 4; i++) v[i] = -1;
  gkt_tuple_sort(gkt_mesh_facet_ring(m, facet, v), v);
}

/* 2, 3 or 4: what one facet takes at most. */
static int widest_facet(const gkt_mesh *m) {
  int most = 0;
  for (int b = 0; b < m->num_blocks; b++) {
    const gkt_cell_topology *t = &gkt_cell_topologies[m->blocks[b].cell];
    for (int i = 0; i < t->num_facets; i++) most = gkt_cell_facet_vertices(t, i) > most ? gkt_cell_facet_vertices(t, i) : most;
  }
  return most;
}

/* cells: of the facets of each cell, block by block; vertices [num_facets][width]. */
gkt_status gkt_facets_list(gkt_mesh *m) {
  incidence k = {.mesh = m, .d = m->dim - 1};
  int width = widest_facet(m);
  gkt_idx *cells = NULL, *vertices = NULL;
  gkt_status status;
  GKT_GO(prepare(&k));
  GKT_GO(gkt_alloc(m->ctx, k.num_items, sizeof *cells, &cells));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)m->num_entities[k.d] * width, sizeof *vertices, &vertices));
#pragma omp parallel for num_threads(k.threads) schedule(static)
  for (gkt_idx f = 0; f < m->num_entities[k.d]; f++) {
    gkt_idx v[4];
    sorted_facet(m, f, v);
    for (int j = 0; j < width; j++) vertices[(gkt_size)f * width + j] = v[j];
    for (int side = 0; side < 2 && m->facets[f].cell[side] >= 0; side++) {
      const item_block *b = &k.blocks[gkt_mesh_block_of(m, m->facets[f].cell[side])];
      cells[b->first_item + (m->facets[f].cell[side] - b->first_cell) * b->per_cell + m->facets[f].local[side]] = f;
    }
  }
  m->vertices_per_entity[k.d] = width;
  m->cell_entities[k.d] = cells, m->entity_vertices[k.d] = vertices;
  cells = vertices = NULL;
done:
  gkt_free(&cells);
  gkt_free(&vertices);
  return status;
}

/* ---- edges in space ---- */
static void fill_edges(const incidence *k, const gkt_idx *first, gkt_idx *cells, gkt_idx *vertices) {
#pragma omp parallel for num_threads(k->threads) schedule(dynamic, 1024)
  for (gkt_idx v = 0; v < k->mesh->num_nodes; v++) {
    gkt_idx edge = first[v] - 1, ends[4];
    for (gkt_idx i = k->start[v]; i < k->start[v + 1]; i++) {
      const gkt_idx item = k->items[i] < 0 ? ~k->items[i] : k->items[i];
      if (k->items[i] < 0) {
        list_ring(k, item, ends);
        edge++;
        vertices[2 * (gkt_size)edge] = v, vertices[2 * (gkt_size)edge + 1] = ends[0] == v ? ends[1] : ends[0];
      }
      cells[item] = edge;
    }
  }
}

gkt_status gkt_edges_build(gkt_mesh *m) {
  incidence k = {.mesh = m, .d = 1};
  gkt_idx *first = NULL, *cells = NULL, *vertices = NULL, bad;
  gkt_status status;
  GKT_GO(prepare(&k));
  GKT_GO(gkt_group_by_key(m->ctx, m->num_nodes, list_lowest, &k, k.num_items, &k.start, &k.items));
  GKT_GO(gkt_alloc(m->ctx, (gkt_size)m->num_nodes + 1, sizeof *first, &first));
  GKT_GO(sort_groups(&k, first, &bad));
  GKT_GO(gkt_alloc(m->ctx, k.num_items, sizeof *cells, &cells));
  GKT_GO(gkt_alloc(m->ctx, 2 * (gkt_size)first[m->num_nodes], sizeof *vertices, &vertices));
  fill_edges(&k, first, cells, vertices);
  m->num_entities[1] = first[m->num_nodes];
  m->vertices_per_entity[1] = 2;
  m->first_entity[1] = first, m->cell_entities[1] = cells, m->entity_vertices[1] = vertices;
  first = cells = vertices = NULL;
done:
  gkt_free(&first);
  gkt_free(&cells);
  gkt_free(&vertices);
  gkt_free(&k.start);
  gkt_free(&k.items);
  return status;
}

/* ---- by vertices ---- */
bool gkt_tuple_sort(int k, gkt_idx *t) {
  bool odd = false;
  for (int i = 1; i < k; i++)
    for (int j = i; j > 0 && t[j] < t[j - 1]; j--) {
      gkt_idx swap = t[j];
      t[j] = t[j - 1];
      t[j - 1] = swap;
      odd = !odd;
    }
  return odd;
}

/* -1, 0, 1. Unused places, -1, stand behind all numbers. */
static int compare_entity(const gkt_mesh *m, int d, gkt_idx entity, const gkt_idx key[4]) {
  gkt_idx v[4] = {-1, -1, -1, -1};
  if (d == m->dim - 1) sorted_facet(m, entity, v);
  else v[0] = m->entity_vertices[d][2 * (gkt_size)entity], v[1] = m->entity_vertices[d][2 * (gkt_size)entity + 1];
  for (int i = 0; i < 4; i++)
    if (v[i] != key[i]) return (uint32_t)v[i] < (uint32_t)key[i] ? -1 : 1;
  return 0;
}

gkt_idx gkt_mesh_entity_find(const gkt_mesh *m, int d, int num_vertices, const gkt_idx *vertices) {
  gkt_idx key[4] = {-1, -1, -1, -1};
  if (num_vertices > 4 || !m->first_entity[d]) return -1;
  for (int i = 0; i < num_vertices; i++) key[i] = vertices[i];
  gkt_tuple_sort(num_vertices, key);
  gkt_idx low = m->first_entity[d][key[0]], high = m->first_entity[d][key[0] + 1];
  while (low < high) {
    gkt_idx middle = low + (high - low) / 2;
    int order = compare_entity(m, d, middle, key);
    if (order == 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}
