/* The nodes and elements of an MSH file as they are read. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/msh.h"

const gkt_msh_type gkt_msh_types[GKT_MSH_TYPES] = {{15, 0, 1, 1}, {1, 1, 1, 2}, {8, 1, 2, 3}, {2, 2, 1, 3}, {9, 2, 2, 6}, {4, 3, 1, 4}, {11, 3, 2, 10}};

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

gkt_status gkt_msh_nodes_create(gkt_msh *f, gkt_idx count) {
  f->hash_bits = 1;
  while (((gkt_size)1 << f->hash_bits) < 2 * (gkt_size)count) f->hash_bits++;
  GKT_TRY(gkt_calloc(f->ctx, (gkt_size)1 << f->hash_bits, sizeof *f->hash, &f->hash));
  GKT_TRY(gkt_alloc(f->ctx, count, sizeof *f->node_tags, &f->node_tags));
  return gkt_alloc(f->ctx, 3 * (gkt_size)count, sizeof *f->coords, &f->coords);
}

gkt_status gkt_msh_node_add(gkt_msh *f, int64_t tag) {
  if (tag < 1) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "node tag %lld: tags are positive", (long long)tag);
  size_t slot = find_slot(f, tag);
  if (f->hash[slot]) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "node tag %lld occurs twice", (long long)tag);
  f->node_tags[f->num_nodes] = tag;
  f->hash[slot] = ++f->num_nodes;
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

gkt_status gkt_msh_element_type(gkt_msh *f, int gmsh, int *type) {
  static const struct {
    int gmsh;
    const char *name;
  } others[] = {{3, "quadrilaterals"}, {10, "quadrilaterals"}, {16, "quadrilaterals"}, {36, "quadrilaterals"}, {5, "hexahedra"}, {12, "hexahedra"},
                {17, "hexahedra"},     {92, "hexahedra"},      {6, "prisms"},          {13, "prisms"},         {18, "prisms"},   {90, "prisms"},
                {7, "pyramids"},       {14, "pyramids"},       {19, "pyramids"},       {118, "pyramids"}};
  for (int i = 0; i < GKT_MSH_TYPES; i++)
    if (gkt_msh_types[i].gmsh == gmsh) {
      *type = i;
      return GKT_OK;
    }
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (others[i].gmsh == gmsh)
      return gkt_msh_refuse(&f->cursor, GKT_UNAVAILABLE, "%s (Gmsh's element type %d) are not available yet; triangles and tetrahedra of order 1 and 2 are", others[i].name, gmsh);
  if (gmsh < 1 || gmsh > 140) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "element type %d does not exist", gmsh);
  return gkt_msh_refuse(&f->cursor, GKT_UNAVAILABLE, "Gmsh's element type %d is not available yet; triangles and tetrahedra of order 1 and 2 are (Mesh.ElementOrder)", gmsh);
}

gkt_status gkt_msh_elements_reserve(gkt_msh *f, int type, gkt_idx more) {
  gkt_msh_elements *e = &f->elements[type];
  gkt_size need = (gkt_size)e->count + more, capacity = need > 2 * (gkt_size)e->capacity ? need : 2 * (gkt_size)e->capacity;
  gkt_idx narrow;
  if (need <= e->capacity) return GKT_OK;
  if (capacity > INT32_MAX) capacity = need;
  GKT_TRY(gkt_narrow(f->ctx, capacity, "elements", &narrow));
  GKT_TRY(gkt_realloc(f->ctx, capacity * gkt_msh_types[type].num_nodes, sizeof *e->nodes, &e->nodes));
  GKT_TRY(gkt_realloc(f->ctx, capacity, sizeof *e->position, &e->position));
  e->capacity = narrow;
  return GKT_OK;
}

gkt_status gkt_msh_element_add(gkt_msh *f, int type, int64_t tag, size_t position) {
  gkt_msh_elements *e = &f->elements[type];
  int n = gkt_msh_types[type].num_nodes;
  gkt_idx *nodes = e->nodes + (gkt_size)e->count * n;
  for (int i = 0; i < n; i++) {
    int64_t node = 0;
    int short_node;
    if (f->is_version4) GKT_TRY(gkt_msh_count(&f->cursor, "a node of an element", &node));
    else {
      GKT_TRY(gkt_msh_int(&f->cursor, "a node of an element", &short_node));
      node = short_node;
    }
    nodes[i] = f->hash[find_slot(f, node)] - 1;
    if (nodes[i] < 0) return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "element %lld names node %lld, which $Nodes does not hold", (long long)tag, (long long)node);
  }
  if (n == 10) { /* Gmsh: edges .. 30 23 13; ours: .. 03 13 23 */
    gkt_idx keep = nodes[8];
    nodes[8] = nodes[9];
    nodes[9] = keep;
  }
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
