/* MSH 4: $Nodes and $Elements, in blocks by entity. Binary counts and tags of nodes and elements take 8 bytes, other integers 4. Version 4.0 writes the tag of an entity before its
   dimension, and each node with its coordinates. */
#include <math.h>
#include <string.h>

#include "meshes/msh.h"

/* *is_ghost: of cells that stand in another partition too */
static gkt_status read_block_entity(gkt_msh *f, int *dim, int *tag, bool *is_ghost) {
  gkt_msh_cursor *c = &f->cursor;
  if (f->is_40) GKT_TRY(gkt_msh_int(c, "an entity tag", tag));
  GKT_TRY(gkt_msh_int(c, "the dimension of an entity", dim));
  if (*dim < 0 || *dim > 3) return gkt_msh_refuse(c, GKT_BAD_INPUT, "$%s: an entity of dimension %d", c->section, *dim);
  if (!f->is_40) GKT_TRY(gkt_msh_int(c, "an entity tag", tag));
  const gkt_msh_entity *e = gkt_msh_find_entity(f, *dim, *tag);
  *is_ghost = e && e->is_ghost;
  if (f->has_entities && !e) return gkt_msh_refuse(c, GKT_BAD_INPUT, "$%s names entity %d of dimension %d, which $Entities does not hold", c->section, *tag, *dim);
  return GKT_OK;
}

/* Of node number `node` in this file, on an entity of dimension dim. */
static gkt_status read_coords(gkt_msh *f, gkt_idx node, int dim, bool parametric) {
  double ignored;
  GKT_TRY(gkt_msh_node_coords(f, node));
  for (int j = 0; parametric && j < dim; j++) GKT_TRY(gkt_msh_double(&f->cursor, "a parametric coordinate", &ignored));
  return GKT_OK;
}

/* All at once; false: one must be refused, with words. */
static bool take_coords(gkt_msh *f, gkt_idx first, gkt_idx count) {
  const size_t bytes = 3 * sizeof *f->coords * (size_t)count;
  double *x = f->coords + 3 * (gkt_size)first;
  if (f->cursor.length - f->cursor.at < bytes) return false;
  memcpy(x, f->cursor.data + f->cursor.at, bytes);
  for (gkt_size i = 0; i < 3 * (gkt_size)count; i++)
    if (!isfinite(x[i])) return false;
  f->cursor.at += bytes;
  return true;
}

static gkt_status read_node_block(gkt_msh *f, gkt_idx left, gkt_idx *count) {
  gkt_msh_cursor *c = &f->cursor;
  int dim, entity, parametric;
  bool is_ghost;
  int64_t announced, tag;
  gkt_idx first = f->num_nodes;
  GKT_TRY(read_block_entity(f, &dim, &entity, &is_ghost));
  GKT_TRY(gkt_msh_int(c, "0 or 1 (parametric)", &parametric));
  if (parametric < 0 || parametric > 1) return gkt_msh_refuse(c, GKT_BAD_INPUT, "0 or 1 (parametric) was expected, found %d", parametric);
  GKT_TRY(gkt_msh_count(c, "the number of nodes of a block", &announced));
  if (announced > left) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a block of %lld nodes, where $Nodes has %d left of those it announces", (long long)announced, left);
  *count = (gkt_idx)announced;
  for (gkt_idx i = 0; i < *count; i++) {
    GKT_TRY(gkt_msh_count(c, "a node tag", &tag));
    GKT_TRY(gkt_msh_node_add(f, tag));
    if (f->is_40) GKT_TRY(read_coords(f, first + i, dim, parametric));
  }
  if (c->binary && !parametric && take_coords(f, first, *count)) return GKT_OK;
  for (gkt_idx i = 0; i < *count && !f->is_40; i++) GKT_TRY(read_coords(f, first + i, dim, parametric));
  return GKT_OK;
}

/* numBlocks, number; from 4.1 on: least tag, greatest tag */
static gkt_status read_header(gkt_msh *f, const char *what, size_t bytes, int64_t *num_blocks, gkt_idx *count) {
  gkt_msh_cursor *c = &f->cursor;
  int64_t announced, tag;
  GKT_TRY(gkt_msh_count(c, "the number of blocks", num_blocks));
  GKT_TRY(gkt_msh_count(c, "the number of entries", &announced));
  GKT_TRY(gkt_msh_room(c, announced, bytes, what, count));
  if (f->is_40) return GKT_OK;
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
  GKT_TRY(read_header(f, "nodes", c->binary ? 32 : 8, &num_blocks, &count)); /* "1\n0 0 0\n" */
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
  bool is_ghost;
  int64_t announced, tag;
  GKT_TRY(read_block_entity(f, &dim, &entity, &is_ghost));
  GKT_TRY(gkt_msh_int(c, "an element type", &gmsh));
  GKT_TRY(gkt_msh_element_type(f, gmsh, &type));
  const gkt_msh_type *t = &gkt_msh_types[type];
  if (t->dim != dim) return gkt_msh_refuse(c, GKT_BAD_INPUT, "elements of type %d have dimension %d, their entity has %d", gmsh, t->dim, dim);
  GKT_TRY(gkt_msh_count(c, "the number of elements of a block", &announced));
  if (announced > left) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a block of %lld elements, where $Elements has %d left of those it announces", (long long)announced, left);
  GKT_TRY(gkt_msh_room(c, announced, (c->binary ? 8 : 2) * (1 + (size_t)t->num_nodes), "elements", count));
  GKT_TRY(gkt_msh_elements_reserve(f, type, *count));
  const bool taken = c->binary && gkt_msh_elements_take(f, type, *count, 8 * (1 + (size_t)t->num_nodes), 0, 8);
  for (gkt_idx i = 0; i < *count && !taken; i++) {
    GKT_TRY(gkt_msh_count(c, "an element tag", &tag));
    GKT_TRY(gkt_msh_element_add(f, type, tag, c->token));
  }
  if (is_ghost) f->elements[type].count -= *count;
  return is_ghost ? GKT_OK : gkt_msh_run_add(f, type, *count, entity, 0);
}

gkt_status gkt_msh_read_elements4(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  int64_t num_blocks;
  gkt_idx count, n = 0;
  GKT_TRY(read_header(f, "elements", c->binary ? 16 : 4, &num_blocks, &count));
  for (int64_t b = 0; b < num_blocks; b++) {
    GKT_TRY(read_element_block(f, count, &n));
    count -= n;
  }
  return check_sum(c, count, "elements");
}
