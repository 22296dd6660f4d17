/* Which nodes of a space lie on the closure of a set of mesh entities. */
#include <math.h>

#include "meshes/mesh.h"
#include "spaces/points.h"

enum { MAX_ENTITIES = 27 }; /* of one dimension in a cell: mesh nodes of order 2, edges, facets */

/* The same reference coordinates? Those of different nodes differ by an eighth or more. */
static bool coincide(int dim, const double *a, const double *b) {
  for (int d = 0; d < dim; d++)
    if (fabs(a[d] - b[d]) > 1e-9) return false;
  return true;
}

/* holds[node of the mesh][node of the space]: do they stand at one place of the cell? */
static gkt_status find_coinciding(gkt_context *ctx, const gkt_cell_block *block, const gkt_basis *basis, bool (*holds)[GKT_MAX_BASIS]) {
  double nodes[3 * GKT_MAX_BASIS], of_mesh[3 * GKT_MAX_BASIS];
  GKT_TRY(gkt_basis_nodes(ctx, basis, nodes));
  gkt_lagrange_nodes(block->cell, block->order, of_mesh);
  for (int e = 0; e < block->nodes_per_cell; e++)
    for (int i = 0; i < basis->size; i++) holds[e][i] = basis->element.degree > 0 && coincide(basis->dim, nodes + i * basis->dim, of_mesh + e * basis->dim);
  return GKT_OK;
}

/* holds[entity][node]: does the local entity's closure hold the node of the space? For d = 0 entities are the mesh's own nodes. */
static gkt_status find_closures(gkt_context *ctx, const gkt_cell_block *block, const gkt_basis *basis, int d, int num_entities, bool (*holds)[GKT_MAX_BASIS]) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  gkt_lagrange_node nodes[GKT_MAX_BASIS];
  if (d == 0) return find_coinciding(ctx, block, basis, holds);
  gkt_basis_places(basis, nodes);
  for (int e = 0; e < num_entities; e++)
    for (int i = 0; i < basis->size; i++) holds[e][i] = !(gkt_cell_entity_mask(cell, nodes[i].dim, nodes[i].entity) & ~gkt_cell_entity_mask(cell, d, e));
  return GKT_OK;
}

static int entities_in_cell(const gkt_cell_block *block, int d) {
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  return d == cell->dim ? 1 : d == 0 ? block->nodes_per_cell : d == cell->dim - 1 ? cell->num_facets : cell->num_edges;
}

static gkt_status mark_block(const gkt_space *space, int b, int d, const bool *chosen, bool *marked) {
  const gkt_cell_block *block = gkt_mesh_block(space->mesh, b);
  const gkt_cell_topology *cell = &gkt_cell_topologies[block->cell];
  const gkt_idx *entities = d == cell->dim ? NULL : d == 0 ? block->nodes : gkt_mesh_cell_entities(space->mesh, b, d);
  int per_cell = entities_in_cell(block, d), size = space->bases[b].size;
  bool holds[MAX_ENTITIES][GKT_MAX_BASIS];
  GKT_TRY(find_closures(space->ctx, block, &space->bases[b], d, per_cell, holds));
  for (gkt_idx c = 0; c < block->num_cells; c++)
    for (int e = 0; e < per_cell; e++) {
      if (!chosen[entities ? entities[(gkt_size)c * per_cell + e] : block->first_cell + c]) continue;
      for (int i = 0; i < size; i++)
        if (holds[e][i]) marked[space->cell_nodes[b][(gkt_size)c * size + i]] = true;
    }
  return GKT_OK;
}

/* ---- places ---- */
static gkt_status refuse_place(const gkt_space *space, const double *place, gkt_idx nearest, double distance) {
  int dim = gkt_mesh_dim(space->mesh);
  const double *x = space->coords + (gkt_size)nearest * dim;
  char at[80], near[80];
  for (int d = 0, n = 0, k = 0; d < dim; d++) {
    n += snprintf(at + n, sizeof at - (size_t)n, "%s%.9g", d ? ", " : "", place[d]);
    k += snprintf(near + k, sizeof near - (size_t)k, "%s%.9g", d ? ", " : "", x[d]);
  }
  return gkt_fail(space->ctx, GKT_BAD_INPUT, "no node of the field's space stands at (%s); the nearest is (%s), %.3g away", at, near, distance);
}

/* All nodes where the place is: of a discontinuous space several. */
static gkt_status mark_place(const gkt_space *space, const double *place, double tolerance, bool *marked) {
  int dim = gkt_mesh_dim(space->mesh);
  gkt_idx nearest = 0;
  double least = INFINITY;
  for (gkt_idx i = 0; i < space->num_nodes; i++) {
    double square = 0;
    for (int d = 0; d < dim; d++) square += (space->coords[(gkt_size)i * dim + d] - place[d]) * (space->coords[(gkt_size)i * dim + d] - place[d]);
    if (square < least) least = square, nearest = i;
    if (square <= tolerance * tolerance) marked[i] = true;
  }
  return sqrt(least) <= tolerance ? GKT_OK : refuse_place(space, place, nearest, sqrt(least));
}

static gkt_status mark_places(const gkt_space *space, const gkt_mesh_set *set, bool *marked) {
  double tolerance = gkt_mesh_tolerance(space->mesh);
  for (gkt_size i = 0; i < set->count; i++) GKT_TRY(mark_place(space, set->places + i * gkt_mesh_dim(space->mesh), tolerance, marked));
  return GKT_OK;
}

/* Of a set that a program made, or took from another mesh. */
static gkt_status check_entities(const gkt_space *space, const gkt_mesh_set *set) {
  gkt_idx most = gkt_mesh_num_entities(space->mesh, set->dim);
  for (gkt_idx i = 0; i < set->count; i++)
    if (set->entities[i] < 0 || set->entities[i] >= most)
      return gkt_fail(space->ctx, GKT_BAD_ARGUMENT, "'%.60s' holds entity %d, the mesh has %d of dimension %d; is it a set of another mesh?", set->name, set->entities[i], most,
                      set->dim);
  return GKT_OK;
}

/* A facet knows its cells. */
static gkt_status mark_facets(const gkt_space *space, const gkt_mesh_set *set, bool *marked) {
  bool holds[GKT_NUM_CELL_TYPES][MAX_ENTITIES][GKT_MAX_BASIS];
  GKT_TRY(gkt_mesh_find_facets(space->mesh));
  GKT_TRY(check_entities(space, set));
  for (int b = 0; b < space->num_blocks; b++) {
    const gkt_cell_block *block = gkt_mesh_block(space->mesh, b);
    GKT_TRY(find_closures(space->ctx, block, &space->bases[b], set->dim, entities_in_cell(block, set->dim), holds[b]));
  }
  for (gkt_idx i = 0; i < set->count; i++) {
    const gkt_facet *f = &gkt_mesh_facets(space->mesh)[set->entities[i]];
    for (int side = 0; side < 2 && f->cell[side] >= 0; side++) {
      int b = gkt_mesh_block_of(space->mesh, f->cell[side]), size = space->bases[b].size;
      const gkt_idx *nodes = space->cell_nodes[b] + (gkt_size)(f->cell[side] - gkt_mesh_block(space->mesh, b)->first_cell) * size;
      for (int a = 0; a < size; a++)
        if (holds[b][f->local[side]][a]) marked[nodes[a]] = true;
    }
  }
  return GKT_OK;
}

static gkt_status mark_entities(const gkt_space *space, const gkt_mesh_set *set, bool *marked) {
  bool *chosen;
  gkt_status status = GKT_OK;
  if (set->dim == space->mesh->dim - 1 && set->dim > 0) return mark_facets(space, set, marked);
  GKT_TRY(gkt_mesh_build_entities(space->mesh, set->dim));
  GKT_TRY(check_entities(space, set));
  GKT_TRY(gkt_calloc(space->ctx, gkt_mesh_num_entities(space->mesh, set->dim), sizeof *chosen, &chosen));
  for (gkt_idx i = 0; i < set->count; i++) chosen[set->entities[i]] = true;
  for (int b = 0; b < space->num_blocks && status == GKT_OK; b++) status = mark_block(space, b, set->dim, chosen, marked);
  gkt_free(&chosen);
  return status;
}

gkt_status gkt_space_nodes_on(const gkt_space *space, const gkt_mesh_set *set, gkt_idx *count, gkt_idx **out) {
  bool *marked = NULL;
  gkt_idx *nodes = NULL, n = 0;
  gkt_status status;
  if (gkt_space_is_at_points(space)) return gkt_fail(space->ctx, GKT_BAD_ARGUMENT, "nodes on '%.60s' of a space at quadrature points: it has none there", set->name);
  if (gkt_space_is_real(space))
    return gkt_fail(space->ctx, GKT_BAD_INPUT,
                    "a real is one number for the whole mesh and no function of place, so it has no value on '%.60s'; expected an equation that determines it", set->name);
  GKT_GO(gkt_calloc(space->ctx, space->num_nodes, sizeof *marked, &marked));
  GKT_GO((set->places ? mark_places : mark_entities)(space, set, marked));
  for (gkt_idx i = 0; i < space->num_nodes; i++) n += marked[i];
  GKT_GO(gkt_alloc(space->ctx, n, sizeof *nodes, &nodes));
  *count = n;
  n = 0;
  for (gkt_idx i = 0; i < space->num_nodes; i++)
    if (marked[i]) nodes[n++] = i;
  *out = nodes;
done:
  gkt_free(&marked);
  return status;
}
