/* MSH 4.1: $Entities, $Nodes and $Elements, in blocks by entity. Binary counts and tags of nodes and elements take 8 bytes, other integers 4. */
#include <stdlib.h>

#include "meshes/msh.h"

static int compare_entities(const void *a, const void *b) {
  const gkt_msh_entity *x = a, *y = b;
  return x->dim != y->dim ? (x->dim > y->dim) - (x->dim < y->dim) : (x->tag > y->tag) - (x->tag < y->tag);
}

const gkt_msh_entity *gkt_msh_find_entity(const gkt_msh *f, int dim, int tag) {
  gkt_msh_entity key = {.dim = dim, .tag = tag};
  return f->num_entities > 0 ? bsearch(&key, f->entities, (size_t)f->num_entities, sizeof key, compare_entities) : NULL;
}

static gkt_status read_physicals(gkt_msh *f, gkt_msh_entity *e) {
  gkt_msh_cursor *c = &f->cursor;
  int64_t announced;
  GKT_TRY(gkt_msh_count(c, "the number of physical tags", &announced));
  GKT_TRY(gkt_msh_room(c, announced, c->binary ? 4 : 2, "physical tags", &e->count));
  e->first = f->num_physicals;
  if (e->count == 0) return GKT_OK;
  GKT_TRY(gkt_realloc(f->ctx, (gkt_size)e->first + e->count, sizeof *f->physicals, &f->physicals));
  for (gkt_idx i = 0; i < e->count; i++) {
    int tag;
    GKT_TRY(gkt_msh_int(c, "a physical tag", &tag));
    f->physicals[e->first + i] = gkt_msh_unsigned_tag(tag);
  }
  f->num_physicals += e->count;
  return GKT_OK;
}

/* Points: tag x y z physicals. Others: tag, box (6 numbers), physicals, bounding entities. */
static gkt_status read_entity(gkt_msh *f, int dim, gkt_msh_entity *e) {
  gkt_msh_cursor *c = &f->cursor;
  double ignored;
  int64_t num_bounding = 0;
  int bounding;
  gkt_idx n;
  e->dim = dim;
  GKT_TRY(gkt_msh_int(c, "an entity tag", &e->tag));
  for (int i = 0; i < (dim == 0 ? 3 : 6); i++) GKT_TRY(gkt_msh_double(c, "a coordinate of an entity", &ignored));
  GKT_TRY(read_physicals(f, e));
  if (dim == 0) return GKT_OK;
  GKT_TRY(gkt_msh_count(c, "the number of bounding entities", &num_bounding));
  GKT_TRY(gkt_msh_room(c, num_bounding, c->binary ? 4 : 2, "bounding entities", &n));
  for (gkt_idx i = 0; i < n; i++) GKT_TRY(gkt_msh_int(c, "a bounding entity", &bounding));
  return GKT_OK;
}

gkt_status gkt_msh_read_entities4(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  gkt_idx counts[4], n = 0;
  int64_t announced;
  for (int d = 0; d < 4; d++) {
    GKT_TRY(gkt_msh_count(c, "a number of entities", &announced));
    GKT_TRY(gkt_msh_room(c, announced, c->binary ? 36 : 10, "entities", &counts[d])); /* "1 0 0 0 0\n" */
  }
  gkt_size total = (gkt_size)counts[0] + counts[1] + counts[2] + counts[3];
  GKT_TRY(gkt_msh_room(c, total, c->binary ? 36 : 10, "entities", &n));
  GKT_TRY(gkt_alloc(f->ctx, n, sizeof *f->entities, &f->entities));
  for (int d = 0; d < 4; d++)
    for (gkt_idx i = 0; i < counts[d]; i++) GKT_TRY(read_entity(f, d, &f->entities[f->num_entities++]));
  qsort(f->entities, (size_t)n, sizeof *f->entities, compare_entities);
  for (gkt_idx i = 1; i < n; i++)
    if (compare_entities(&f->entities[i - 1], &f->entities[i]) == 0)
      return gkt_msh_refuse(c, GKT_BAD_INPUT, "$Entities holds entity %d of dimension %d twice", f->entities[i].tag, f->entities[i].dim);
  f->has_entities = true;
  return GKT_OK;
}

static gkt_status read_block_entity(gkt_msh *f, int *dim, int *tag) {
  gkt_msh_cursor *c = &f->cursor;
  GKT_TRY(gkt_msh_int(c, "the dimension of an entity", dim));
  if (*dim < 0 || *dim > 3) return gkt_msh_refuse(c, GKT_BAD_INPUT, "$%s: an entity of dimension %d", c->section, *dim);
  GKT_TRY(gkt_msh_int(c, "an entity tag", tag));
  if (f->has_entities && !gkt_msh_find_entity(f, *dim, *tag))
    return gkt_msh_refuse(c, GKT_BAD_INPUT, "$%s names entity %d of dimension %d, which $Entities does not hold", c->section, *tag, *dim);
  return GKT_OK;
}

static gkt_status read_node_block(gkt_msh *f, gkt_idx left, gkt_idx *count) {
  gkt_msh_cursor *c = &f->cursor;
  int dim, entity, parametric;
  int64_t announced, tag;
  double ignored;
  gkt_idx first = f->num_nodes;
  GKT_TRY(read_block_entity(f, &dim, &entity));
  GKT_TRY(gkt_msh_int(c, "0 or 1 (parametric)", &parametric));
  if (parametric < 0 || parametric > 1) return gkt_msh_refuse(c, GKT_BAD_INPUT, "0 or 1 (parametric) was expected, found %d", parametric);
  GKT_TRY(gkt_msh_count(c, "the number of nodes of a block", &announced));
  if (announced > left) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a block of %lld nodes, where $Nodes has %d left of those it announces", (long long)announced, left);
  *count = (gkt_idx)announced;
  for (gkt_idx i = 0; i < *count; i++) {
    GKT_TRY(gkt_msh_count(c, "a node tag", &tag));
    GKT_TRY(gkt_msh_node_add(f, tag));
  }
  for (gkt_idx i = 0; i < *count; i++) {
    GKT_TRY(gkt_msh_node_coords(f, first + i));
    for (int j = 0; parametric && j < dim; j++) GKT_TRY(gkt_msh_double(c, "a parametric coordinate", &ignored));
  }
  return GKT_OK;
}

/* numBlocks, number, least tag, greatest tag */
static gkt_status read_header(gkt_msh_cursor *c, const char *what, size_t bytes, int64_t *num_blocks, gkt_idx *count) {
  int64_t announced, tag;
  GKT_TRY(gkt_msh_count(c, "the number of blocks", num_blocks));
  GKT_TRY(gkt_msh_count(c, "the number of entries", &announced));
  GKT_TRY(gkt_msh_room(c, announced, bytes, what, count));
  GKT_TRY(gkt_msh_count(c, "the least tag", &tag));
  return gkt_msh_count(c, "the greatest tag", &tag);
}

static gkt_status check_sum(gkt_msh_cursor *c, gkt_idx left, const char *what) {
  if (left > 0) return gkt_msh_refuse(c, GKT_BAD_INPUT, "the blocks of $%s hold %d %s less than it announces", c->section, left, what);
  return GKT_OK;
}

gkt_status gkt_msh_read_nodes4(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  int64_t num_blocks;
  gkt_idx count, n = 0;
  GKT_TRY(read_header(c, "nodes", c->binary ? 32 : 8, &num_blocks, &count)); /* "1\n0 0 0\n" */
  GKT_TRY(gkt_msh_nodes_create(f, count));
  for (int64_t b = 0; b < num_blocks; b++) {
    GKT_TRY(read_node_block(f, count, &n));
    count -= n;
  }
  return check_sum(c, count, "nodes");
}

static gkt_status read_element_block(gkt_msh *f, gkt_idx left, gkt_idx *count) {
  gkt_msh_cursor *c = &f->cursor;
  int dim, entity, gmsh, type;
  int64_t announced, tag;
  GKT_TRY(read_block_entity(f, &dim, &entity));
  GKT_TRY(gkt_msh_int(c, "an element type", &gmsh));
  GKT_TRY(gkt_msh_element_type(f, gmsh, &type));
  const gkt_msh_type *t = &gkt_msh_types[type];
  if (t->dim != dim) return gkt_msh_refuse(c, GKT_BAD_INPUT, "elements of type %d have dimension %d, their entity has %d", gmsh, t->dim, dim);
  GKT_TRY(gkt_msh_count(c, "the number of elements of a block", &announced));
  if (announced > left) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a block of %lld elements, where $Elements has %d left of those it announces", (long long)announced, left);
  GKT_TRY(gkt_msh_room(c, announced, (c->binary ? 8 : 2) * (1 + (size_t)t->num_nodes), "elements", count));
  GKT_TRY(gkt_msh_elements_reserve(f, type, *count));
  for (gkt_idx i = 0; i < *count; i++) {
    GKT_TRY(gkt_msh_count(c, "an element tag", &tag));
    GKT_TRY(gkt_msh_element_add(f, type, tag, c->token));
  }
  return gkt_msh_run_add(f, type, *count, entity, 0);
}

gkt_status gkt_msh_read_elements4(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  int64_t num_blocks;
  gkt_idx count, n = 0;
  GKT_TRY(read_header(c, "elements", c->binary ? 16 : 4, &num_blocks, &count));
  for (int64_t b = 0; b < num_blocks; b++) {
    GKT_TRY(read_element_block(f, count, &n));
    count -= n;
  }
  return check_sum(c, count, "elements");
}
