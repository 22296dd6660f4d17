/* The nodes and elements of an MSH file as they are read. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/msh.h"

const gkt_msh_type gkt_msh_types[GKT_MSH_TYPES] = {
    {15, GKT_POINT_CELL, 0, 1, 1},   {1, GKT_LINE, 1, 1, 2},           {8, GKT_LINE, 1, 2, 3},        {2, GKT_TRIANGLE, 2, 1, 3},      {9, GKT_TRIANGLE, 2, 2, 6},
    {3, GKT_QUADRILATERAL, 2, 1, 4}, {10, GKT_QUADRILATERAL, 2, 2, 9}, {4, GKT_TETRAHEDRON, 3, 1, 4}, {11, GKT_TETRAHEDRON, 3, 2, 10}, {5, GKT_HEXAHEDRON, 3, 1, 8},
    {12, GKT_HEXAHEDRON, 3, 2, 27},  {6, GKT_PRISM, 3, 1, 6},          {13, GKT_PRISM, 3, 2, 18},     {7, GKT_PYRAMID, 3, 1, 5},       {14, GKT_PYRAMID, 3, 2, 14}};

/* Where our node stands in Gmsh's list, where the orders differ (reference manual, "Node ordering"). */
static const int8_t places_of_gmsh[GKT_NUM_CELL_TYPES][27] = {[GKT_TETRAHEDRON] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 8},
                                                              [GKT_HEXAHEDRON] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 9, 16, 18, 19, 17, 10, 12, 14, 15, 20, 25, 21, 23, 24, 22, 26},
                                                              [GKT_PRISM] = {0, 1, 2, 3, 4, 5, 6, 9, 7, 12, 14, 13, 8, 10, 11, 15, 17, 16},
                                                              [GKT_PYRAMID] = {0, 1, 2, 3, 4, 5, 8, 10, 6, 7, 9, 11, 12, 13}};

int gkt_msh_unsigned_tag(int tag) { return tag < -INT_MAX ? INT_MAX : abs(tag); }

/* Neighbouring tags get neighbouring slots, so that the usual tags 1, 2, 3 .. are a plain array; far tags are scattered. */
static size_t slot_of(const gkt_msh *f, int64_t tag) {
  uint64_t scatter = ((uint64_t)tag >> f->hash_bits) * UINT64_C(0x9E3779B97F4A7C15);
  return ((uint64_t)tag + (scatter >> 20)) & (((size_t)1 << f->hash_bits) - 1);
}

/* Its slot, or the free one where it would stand. */
static size_t find_slot(const gkt_msh *f, int64_t tag) {
  size_t mask = ((size_t)1 << f->hash_bits) - 1, slot = slot_of(f, tag);
  while (f->hash[slot] && f->node_tags[f->hash[slot] - 1] != tag) slot = (slot + 1) & mask;
  return slot;
}

gkt_idx gkt_msh_find_node(const gkt_msh *f, int64_t tag) {
  uint64_t at = (uint64_t)tag - (uint64_t)f->first_tag;
  if (at < (uint64_t)f->num_sequential) return (gkt_idx)at;
  return f->hash ? f->hash[find_slot(f, tag)] - 1 : -1;
}

gkt_status gkt_msh_nodes_create(gkt_msh *f, gkt_idx count) {
  f->hash_bits = 1;
  while (((gkt_size)1 << f->hash_bits) < 2 * (gkt_size)count) f->hash_bits++;
  GKT_TRY(gkt_alloc(f->ctx, count, sizeof *f->node_tags, &f->node_tags));
  return gkt_alloc(f->ctx, 3 * (gkt_size)count, sizeof *f->coords, &f->coords);
}

gkt_status gkt_msh_node_add(gkt_msh *f, int64_t tag) {
  if (tag < 0) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "node tag %lld: tags are not negative", (long long)tag);
  if (f->num_nodes == 0) f->first_tag = tag;
  f->node_tags[f->num_nodes] = tag;
  if (f->num_nodes == f->num_sequential && tag == f->first_tag + f->num_nodes) {
    f->num_sequential = ++f->num_nodes;
    return GKT_OK;
  }
  if (gkt_msh_find_node(f, tag) >= 0) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "node tag %lld occurs twice", (long long)tag);
  if (!f->hash) GKT_TRY(gkt_calloc(f->ctx, (gkt_size)1 << f->hash_bits, sizeof *f->hash, &f->hash));
  f->hash[find_slot(f, tag)] = ++f->num_nodes;
  return GKT_OK;
}

gkt_status gkt_msh_node_coords(gkt_msh *f, gkt_idx node) {
  for (int i = 0; i < 3; i++) {
    double *x = &f->coords[3 * (gkt_size)node + i];
    GKT_TRY(gkt_msh_double(&f->cursor, "a coordinate", x));
    if (!isfinite(*x)) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "node %lld has the coordinate %g; coordinates are finite numbers", (long long)f->node_tags[node], *x);
  }
  return GKT_OK;
}

static const struct {
  int gmsh;
  const char *name;
} serendipity[] = {{16, "quadrilaterals of 8 nodes"}, {17, "hexahedra of 20 nodes"}, {18, "prisms of 15 nodes"}, {19, "pyramids of 13 nodes"}};

static const struct {
  int gmsh, order;
  const char *name;
} higher[] = {{21, 3, "triangles"},  {23, 4, "triangles"},  {25, 5, "triangles"},  {26, 3, "lines"},          {27, 4, "lines"},          {28, 5, "lines"},
              {29, 3, "tetrahedra"}, {30, 4, "tetrahedra"}, {31, 5, "tetrahedra"}, {36, 3, "quadrilaterals"}, {37, 4, "quadrilaterals"}, {38, 5, "quadrilaterals"},
              {92, 3, "hexahedra"},  {93, 4, "hexahedra"},  {90, 3, "prisms"},     {91, 4, "prisms"},         {118, 3, "pyramids"},      {119, 4, "pyramids"}};

static gkt_status refuse_type(const gkt_msh *f, int gmsh) {
  for (size_t i = 0; i < sizeof serendipity / sizeof *serendipity; i++)
    if (serendipity[i].gmsh == gmsh)
      return gkt_msh_refuse(&f->cursor, GKT_UNAVAILABLE,
                            "serendipity %s (Gmsh's element type %d) are not available; cells of order 2 with all nodes are (Mesh.SecondOrderIncomplete=0)", serendipity[i].name,
                            gmsh);
  for (size_t i = 0; i < sizeof higher / sizeof *higher; i++)
    if (higher[i].gmsh == gmsh)
      return gkt_msh_refuse(&f->cursor, GKT_UNAVAILABLE, "%s of order %d (Gmsh's element type %d) are not available yet; those of order 1 and 2 are (Mesh.ElementOrder)",
                            higher[i].name, higher[i].order, gmsh);
  if (gmsh < 1 || gmsh > 140) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "element type %d does not exist", gmsh);
  return gkt_msh_refuse(&f->cursor, GKT_UNAVAILABLE, "Gmsh's element type %d is not available yet; cells of order 1 and 2 are (Mesh.ElementOrder)", gmsh);
}

gkt_status gkt_msh_element_type(gkt_msh *f, int gmsh, int *type) {
  for (int i = 0; i < GKT_MSH_TYPES; i++)
    if (gkt_msh_types[i].gmsh == gmsh) {
      *type = i;
      return GKT_OK;
    }
  return refuse_type(f, gmsh);
}

gkt_status gkt_msh_elements_reserve(gkt_msh *f, int type, gkt_idx more) {
  gkt_msh_elements *e = &f->elements[type];
  gkt_size need = (gkt_size)e->count + more, capacity = need > 2 * (gkt_size)e->capacity ? need : 2 * (gkt_size)e->capacity;
  gkt_idx narrow;
  if (need <= e->capacity) return GKT_OK;
  if (capacity > INT32_MAX) capacity = need;
  GKT_TRY(gkt_narrow(f->ctx, capacity, "elements", &narrow));
  gkt_status (*grow)(gkt_context *, gkt_size, size_t, void *) = e->capacity ? gkt_realloc : gkt_alloc; /* large pages at first */
  GKT_TRY(grow(f->ctx, capacity * gkt_msh_types[type].num_nodes, sizeof *e->nodes, &e->nodes));
  GKT_TRY(grow(f->ctx, capacity, sizeof *e->position, &e->position));
  e->capacity = narrow;
  return GKT_OK;
}

/* From Gmsh's order of nodes to ours. */
static void reorder(const gkt_msh_type *t, gkt_idx *nodes) {
  gkt_idx keep[27];
  const int8_t *place = places_of_gmsh[t->cell];
  if (t->order == 1 || !place[1]) return;
  memcpy(keep, nodes, (size_t)t->num_nodes * sizeof *nodes);
  for (int i = 0; i < t->num_nodes; i++) nodes[i] = keep[place[i]];
}

static int64_t load_tag(const char *at, bool is_long) {
  int64_t tag;
  int32_t short_tag;
  if (is_long) memcpy(&tag, at, sizeof tag);
  else memcpy(&short_tag, at, sizeof short_tag), tag = short_tag;
  return tag;
}

bool gkt_msh_elements_take(gkt_msh *f, int type, gkt_idx count, size_t stride, size_t tag_at, size_t nodes_at) {
  gkt_msh_cursor *c = &f->cursor;
  gkt_msh_elements *e = &f->elements[type];
  const gkt_msh_type *t = &gkt_msh_types[type];
  const bool is_long = f->version == 4;
  const int threads = gkt_threads_for(f->ctx, (gkt_size)count * t->num_nodes);
  bool good = true;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(&& : good)
  for (gkt_idx i = 0; i < count; i++) {
    const char *record = c->data + c->at + (size_t)i * stride;
    gkt_idx *nodes = e->nodes + ((gkt_size)e->count + i) * t->num_nodes;
    good = good && (!is_long || load_tag(record + tag_at, true) >= 0);
    for (int j = 0; j < t->num_nodes; j++) {
      nodes[j] = gkt_msh_find_node(f, load_tag(record + nodes_at + (size_t)j * (is_long ? 8 : 4), is_long));
      good = good && nodes[j] >= 0;
    }
    reorder(t, nodes);
    e->position[e->count + i] = c->at + (size_t)i * stride + tag_at;
  }
  if (!good) return false;
  e->count += count;
  c->at += (size_t)count * stride;
  return true;
}

gkt_status gkt_msh_element_add(gkt_msh *f, int type, int64_t tag, size_t position) {
  gkt_msh_elements *e = &f->elements[type];
  int n = gkt_msh_types[type].num_nodes;
  gkt_idx *nodes = e->nodes + (gkt_size)e->count * n;
  for (int i = 0; i < n; i++) {
    int64_t node = 0;
    int short_node;
    if (f->version == 4) GKT_TRY(gkt_msh_count(&f->cursor, "a node of an element", &node));
    else {
      GKT_TRY(gkt_msh_int(&f->cursor, "a node of an element", &short_node));
      node = short_node;
    }
    nodes[i] = gkt_msh_find_node(f, node);
    if (nodes[i] < 0)
      return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "element %lld names node %lld, which $%s does not hold", (long long)tag, (long long)node, f->version == 1 ? "NOD" : "Nodes");
  }
  reorder(&gkt_msh_types[type], nodes);
  e->position[e->count++] = position;
  return GKT_OK;
}

gkt_status gkt_msh_run_add(gkt_msh *f, int type, gkt_idx count, int entity, int physical) {
  gkt_idx first = f->elements[type].count - count;
  gkt_msh_run *last = f->num_runs > 0 ? &f->runs[f->num_runs - 1] : NULL;
  if (count == 0) return GKT_OK;
  if (last && last->type == type && last->entity == entity && last->physical == physical) { /* nothing of this type came between */
    last->count += count;
    return GKT_OK;
  }
  if (f->num_runs == f->runs_capacity) {
    GKT_TRY(gkt_narrow(f->ctx, 2 * (gkt_size)f->runs_capacity + 64, "blocks of elements", &f->runs_capacity));
    GKT_TRY(gkt_realloc(f->ctx, f->runs_capacity, sizeof *f->runs, &f->runs));
  }
  f->runs[f->num_runs++] = (gkt_msh_run){.type = type, .first = first, .count = count, .entity = entity, .physical = physical};
  return GKT_OK;
}
