/* Spaces: which nodes a cell has (numbering.c), and where they lie. */
#include "spaces/space.h"

#include <string.h>

#include "forms/form.h"
#include "meshes/mesh.h"

gkt_status gkt_element_parse(gkt_context *ctx, const char *text, gkt_element *out) {
  gkt_status status = gkt_element_read(text, out);
  if (status == GKT_OK) return GKT_OK;
  if (status == GKT_UNAVAILABLE) return gkt_fail(ctx, status, "space '%s' is not available yet: expected " GKT_ELEMENT_WORDS, text);
  if (!strcmp(text, "P0")) return gkt_fail(ctx, status, "space 'P0': continuous spaces start at P1; DP0 is constant in each cell");
  return gkt_fail(ctx, status, "space '%s': expected " GKT_ELEMENT_WORDS, text);
}

static gkt_status check_element(gkt_context *ctx, gkt_element element, gkt_shape shape) {
  char name[16];
  int least, most;
  if (gkt_shape_size(shape) < 1) return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a space of %d components", gkt_shape_size(shape));
  if (element.kind == GKT_QUADRATURE_POINTS && element.degree < 0)
    return gkt_fail(ctx, GKT_BAD_ARGUMENT, "a space at the points of a quadrature of degree %d; expected 0 to %d", element.degree, (int)GKT_LARGEST_QUADRATURE);
  gkt_element_degrees(element.kind, &least, &most);
  if (element.kind == GKT_QUADRATURE_POINTS || (element.degree >= least && element.degree <= most)) return GKT_OK;
  gkt_element_name(element, name, sizeof name);
  if (element.kind == GKT_REAL) return gkt_fail(ctx, GKT_BAD_INPUT, "a real of degree %d; expected 0", element.degree);
  return gkt_fail(ctx, GKT_BAD_INPUT, "space %s: expected " GKT_ELEMENT_WORDS, name);
}

gkt_status gkt_space_reference_nodes(const gkt_space *space, int block, double **xi) {
  const gkt_basis *b = &space->bases[block];
  GKT_TRY(gkt_alloc(space->ctx, (gkt_size)b->size * b->dim, sizeof **xi, xi));
  gkt_status status = gkt_basis_nodes(space->ctx, b, *xi);
  if (status != GKT_OK) gkt_free(xi);
  return status;
}

bool gkt_space_has_nodes_of_mesh(const gkt_space *space) {
  return gkt_basis_is_shared(space->bases) && gkt_basis_is_lagrange(space->bases, 1) && gkt_mesh_block(space->mesh, 0)->order == 1;
}

gkt_idx gkt_space_num_bubbles(const gkt_space *space) { return space->element.kind == GKT_BUBBLE ? gkt_mesh_num_cells(space->mesh) : 0; }

/* Refuses what 32-bit numbers cannot count, before any of them is written. */
static gkt_status allocate_cells(gkt_space *space) {
  gkt_size total = 0;
  gkt_idx narrow;
  GKT_TRY(gkt_calloc(space->ctx, space->num_blocks, sizeof *space->bases, &space->bases));
  GKT_TRY(gkt_calloc(space->ctx, space->num_blocks, sizeof *space->cell_nodes, &space->cell_nodes));
  GKT_TRY(gkt_calloc(space->ctx, space->num_blocks, sizeof *space->own_nodes, &space->own_nodes));
  for (int b = 0; b < space->num_blocks; b++) {
    const gkt_cell_block *block = gkt_mesh_block(space->mesh, b);
    GKT_TRY(gkt_basis_find(space->ctx, block->cell, space->element, &space->bases[b]));
    total += (gkt_size)block->num_cells * space->bases[b].size;
    if (!gkt_space_has_nodes_of_mesh(space)) GKT_TRY(gkt_alloc(space->ctx, (gkt_size)block->num_cells * space->bases[b].size, sizeof **space->own_nodes, &space->own_nodes[b]));
    space->cell_nodes[b] = space->own_nodes[b] ? space->own_nodes[b] : block->nodes;
  }
  return !gkt_basis_is_shared(space->bases) ? gkt_narrow(space->ctx, total * space->block_size, "dofs", &narrow) : GKT_OK;
}

/* last [num_nodes]: the last cell that each node is of. */
static void list_last(const gkt_space *space, gkt_idx *last) {
  for (int b = 0; b < space->num_blocks; b++) {
    const gkt_cell_block *block = gkt_mesh_block(space->mesh, b);
    const gkt_idx *nodes = space->cell_nodes[b];
    for (gkt_idx c = 0; c < block->num_cells; c++)
      for (int i = 0; i < space->bases[b].size; i++) last[*nodes++] = block->first_cell + c;
  }
}

static void place_nodes_of(const gkt_space *space, const gkt_cell_block *block, const gkt_table *table, gkt_idx c, const gkt_idx *nodes, const gkt_idx *last, double *coords) {
  const double *X = gkt_mesh_coords(space->mesh);
  const int dim = gkt_mesh_dim(space->mesh);
  for (int i = 0; i < table->num_points; i++) {
    double *x = coords + (gkt_size)nodes[i] * dim;
    if (last && last[nodes[i]] != block->first_cell + c) continue;
    for (int d = 0; d < dim; d++) x[d] = 0;
    for (int k = 0; k < table->size; k++) {
      const double *node = X + (gkt_size)block->nodes[(gkt_size)c * block->nodes_per_cell + k] * dim;
      for (int d = 0; d < dim; d++) x[d] += table->phi[i * table->size + k] * node[d];
    }
  }
}

static gkt_status place_block(const gkt_space *space, int b, const gkt_idx *last, double *coords) {
  const gkt_cell_block *block = gkt_mesh_block(space->mesh, b);
  const int size = space->bases[b].size, threads = gkt_threads_for(space->ctx, (gkt_size)block->num_cells * size * block->nodes_per_cell);
  gkt_table *table = NULL;
  double *xi;
  GKT_TRY(gkt_space_reference_nodes(space, b, &xi));
  const gkt_basis geometry = gkt_geometry_basis(block);
  gkt_status status = gkt_table_create(space->ctx, &geometry, size, xi, &table);
  gkt_free(&xi);
  GKT_TRY(status);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (gkt_idx c = 0; c < block->num_cells; c++) place_nodes_of(space, block, table, c, space->cell_nodes[b] + (gkt_size)c * size, last, coords);
  gkt_table_destroy(&table);
  return GKT_OK;
}

gkt_status gkt_space_place_nodes(const gkt_space *space, double *coords) {
  const gkt_size n = (gkt_size)space->num_nodes * gkt_mesh_dim(space->mesh);
  gkt_idx *last = NULL;
  gkt_status status = GKT_OK;
  if (gkt_space_has_nodes_of_mesh(space)) {
    for (gkt_size i = 0; i < n; i++) coords[i] = gkt_mesh_coords(space->mesh)[i] + 0.0; /* the bits of the sums below: no -0 */
    return GKT_OK;
  }
  if (gkt_basis_is_shared(space->bases)) {
    GKT_TRY(gkt_alloc(space->ctx, space->num_nodes, sizeof *last, &last));
    list_last(space, last);
  }
  for (int b = 0; b < space->num_blocks; b++) GKT_GO(place_block(space, b, last, coords));
done:
  gkt_free(&last);
  return status;
}

gkt_status gkt_space_create(gkt_mesh *mesh, gkt_element element, gkt_shape shape, gkt_space **out) {
  gkt_space *space = NULL;
  gkt_size num_nodes = 0;
  gkt_idx dofs;
  gkt_status status;
  GKT_TRY(check_element(mesh->ctx, element, shape));
  GKT_TRY(gkt_calloc(mesh->ctx, 1, sizeof *space, &space));
  space->ctx = mesh->ctx, space->mesh = gkt_mesh_retain(mesh), space->element = element, space->shape = shape;
  space->block_size = gkt_shape_size(shape);
  space->num_blocks = gkt_mesh_num_blocks(mesh);
  GKT_GO(allocate_cells(space));
  GKT_GO(gkt_space_number(space, &num_nodes));
  GKT_GO(gkt_narrow(space->ctx, num_nodes * space->block_size, "dofs", &dofs));
  space->num_nodes = (gkt_idx)num_nodes;
  GKT_GO(gkt_alloc(space->ctx, num_nodes * gkt_mesh_dim(mesh), sizeof *space->coords, &space->coords));
  GKT_GO(gkt_space_place_nodes(space, space->coords));
  *out = space;
  return GKT_OK;
done:
  gkt_space_destroy(&space);
  return status;
}

gkt_status gkt_space_check(const gkt_space *s, const gkt_scope *scope, int function, const gkt_mesh *mesh) {
  const gkt_function *f = &scope->functions[function];
  char declared[16], given[16];
  if (s->mesh != mesh) return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "the space of '%s' belongs to another mesh", f->name);
  if (s->shape.rank != f->shape.rank || s->shape.dims[0] != f->shape.dims[0] || s->shape.dims[1] != f->shape.dims[1])
    return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "'%s' was declared with %d components, its space has %d", f->name, gkt_shape_size(f->shape), s->block_size);
  if (s->element.kind == f->element.kind && s->element.degree == f->element.degree) return GKT_OK;
  gkt_element_name(f->element, declared, sizeof declared);
  gkt_element_name(s->element, given, sizeof given);
  return gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "'%s' was declared as %s, its space is %s", f->name, declared, given);
}

gkt_space *gkt_space_retain(const gkt_space *space) {
  gkt_space *s = (gkt_space *)space;
  gkt_refs_add(&s->refs);
  return s;
}

gkt_status gkt_spaces_retain(gkt_context *ctx, int count, const gkt_space *const *spaces, const gkt_space ***out) {
  GKT_TRY(gkt_calloc(ctx, count, sizeof **out, out));
  for (int f = 0; spaces && f < count; f++) (*out)[f] = spaces[f] ? gkt_space_retain(spaces[f]) : NULL;
  return GKT_OK;
}

void gkt_spaces_release(int count, const gkt_space ***spaces) {
  for (int f = 0; *spaces && f < count; f++) {
    gkt_space *space = (gkt_space *)(*spaces)[f];
    gkt_space_destroy(&space);
  }
  gkt_free(spaces);
}

void gkt_space_destroy(gkt_space **space) {
  gkt_space *s = *space;
  *space = NULL;
  if (!s || !gkt_refs_drop(&s->refs)) return;
  for (int b = 0; s->own_nodes && b < s->num_blocks; b++) gkt_free(&s->own_nodes[b]);
  gkt_free(&s->own_nodes);
  gkt_free(&s->cell_nodes);
  gkt_free(&s->bases);
  gkt_free(&s->coords);
  gkt_mesh_destroy(&s->mesh);
  gkt_free(&s);
}

gkt_mesh *gkt_space_mesh(const gkt_space *space) { return space->mesh; }
gkt_element gkt_space_element(const gkt_space *space) { return space->element; }
gkt_shape gkt_space_shape(const gkt_space *space) { return space->shape; }
int gkt_space_block_size(const gkt_space *space) { return space->block_size; }
gkt_idx gkt_space_num_nodes(const gkt_space *space) { return space->num_nodes; }
gkt_idx gkt_space_num_dofs(const gkt_space *space) { return space->num_nodes * space->block_size; }
int gkt_space_nodes_per_cell(const gkt_space *space, int block) { return gkt_mesh_block(space->mesh, block) ? space->bases[block].size : 0; }
const gkt_idx *gkt_space_cell_nodes(const gkt_space *space, int block) { return gkt_mesh_block(space->mesh, block) ? space->cell_nodes[block] : NULL; }
const double *gkt_space_coords(const gkt_space *space) { return space->coords; }
