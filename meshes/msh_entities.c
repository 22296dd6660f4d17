/* MSH 4: $Entities, and $PartitionedEntities, into which a mesh that was cut for several processes was divided: each knows the entity that it is a part of, so the whole mesh
   has its names and numbers again. Binary counts take 8 bytes, other integers 4. */
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

/* A count of integers, and these, which are not needed. */
static gkt_status skip_ints(gkt_msh_cursor *c, const char *number, const char *each) {
  int64_t announced;
  gkt_idx n;
  int ignored;
  GKT_TRY(gkt_msh_count(c, number, &announced));
  GKT_TRY(gkt_msh_room(c, announced, c->binary ? 4 : 2, each, &n));
  for (gkt_idx i = 0; i < n; i++) GKT_TRY(gkt_msh_int(c, each, &ignored));
  return GKT_OK;
}

/* parentDim parentTag, partitions */
static gkt_status read_parent(gkt_msh *f, gkt_msh_entity *e) {
  int dim, tag;
  GKT_TRY(gkt_msh_int(&f->cursor, "the dimension of a parent entity", &dim));
  GKT_TRY(gkt_msh_int(&f->cursor, "the tag of a parent entity", &tag));
  e->whole = dim == e->dim ? tag : 0;
  return skip_ints(&f->cursor, "the number of partitions of an entity", "partitions");
}

/* Points: tag x y z physicals (4.0: a box). Others: tag, box (6 numbers), physicals, bounding entities. Of a partition: its parent behind the tag. */
static gkt_status read_entity(gkt_msh *f, int dim, bool is_part) {
  gkt_msh_cursor *c = &f->cursor;
  gkt_msh_entity *e = &f->entities[f->num_entities++];
  double ignored;
  *e = (gkt_msh_entity){.dim = dim};
  GKT_TRY(gkt_msh_int(c, "an entity tag", &e->tag));
  e->whole = e->tag;
  if (is_part) GKT_TRY(read_parent(f, e));
  for (int i = 0; i < (dim == 0 && !f->is_40 ? 3 : 6); i++) GKT_TRY(gkt_msh_double(c, "a coordinate of an entity", &ignored));
  GKT_TRY(read_physicals(f, e));
  return dim == 0 ? GKT_OK : skip_ints(c, "the number of bounding entities", "bounding entities");
}

static gkt_status sort_entities(gkt_msh *f) {
  if (f->num_entities > 0) qsort(f->entities, (size_t)f->num_entities, sizeof *f->entities, compare_entities);
  for (gkt_idx i = 1; i < f->num_entities; i++)
    if (compare_entities(&f->entities[i - 1], &f->entities[i]) == 0)
      return gkt_msh_refuse(&f->cursor, GKT_BAD_INPUT, "$%s holds entity %d of dimension %d twice", f->cursor.section, f->entities[i].tag, f->entities[i].dim);
  return GKT_OK;
}

/* The numbers by dimension, and the entities; room for `more` besides is kept. *dim: the highest of any. */
static gkt_status read_list(gkt_msh *f, bool is_part, gkt_idx more, int *dim) {
  gkt_msh_cursor *c = &f->cursor;
  const size_t bytes = c->binary ? 36 : 10; /* "1 0 0 0 0\n" */
  gkt_idx counts[4], n = 0;
  int64_t announced;
  for (int d = 0; d < 4; d++) {
    GKT_TRY(gkt_msh_count(c, "a number of entities", &announced));
    GKT_TRY(gkt_msh_room(c, announced, bytes, "entities", &counts[d]));
    if (counts[d] > 0) *dim = d;
  }
  GKT_TRY(gkt_msh_room(c, (gkt_size)counts[0] + counts[1] + counts[2] + counts[3], bytes, "entities", &n));
  GKT_TRY(gkt_realloc(f->ctx, (gkt_size)f->num_entities + n + more, sizeof *f->entities, &f->entities));
  for (int d = 0; d < 4; d++)
    for (gkt_idx i = 0; i < counts[d]; i++) GKT_TRY(read_entity(f, d, is_part));
  return GKT_OK;
}

gkt_status gkt_msh_read_entities4(gkt_msh *f) {
  int dim = 0;
  GKT_TRY(read_list(f, false, 0, &dim));
  f->has_entities = true;
  return sort_entities(f);
}

gkt_status gkt_msh_read_parts4(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  int64_t announced;
  gkt_idx num_ghosts = 0;
  int *ghosts = NULL, partition, dim = 0;
  gkt_status status;
  GKT_TRY(gkt_msh_count(c, "the number of partitions", &announced));
  GKT_TRY(gkt_msh_count(c, "the number of ghost entities", &announced));
  GKT_TRY(gkt_msh_room(c, announced, c->binary ? 8 : 4, "ghost entities", &num_ghosts));
  GKT_GO(gkt_alloc(f->ctx, num_ghosts, sizeof *ghosts, &ghosts));
  for (gkt_idx i = 0; i < num_ghosts; i++) {
    GKT_GO(gkt_msh_int(c, "the tag of a ghost entity", &ghosts[i]));
    GKT_GO(gkt_msh_int(c, "the partition of a ghost entity", &partition));
  }
  GKT_GO(read_list(f, true, num_ghosts, &dim));
  for (gkt_idx i = 0; i < num_ghosts; i++) f->entities[f->num_entities++] = (gkt_msh_entity){.dim = dim, .tag = ghosts[i], .is_ghost = true};
  f->has_entities = f->has_parts = true;
  GKT_GO(sort_entities(f));
done:
  gkt_free(&ghosts);
  return status;
}
