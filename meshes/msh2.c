/* MSH 2: $Nodes and $Elements; MSH 1: $NOD and $ELM, the same in text with another order of an element's tags. In binary files the counts are text and all else is 4-byte integers
   and doubles. What stands behind the elementary tag (partitions, from 2.2 on with their number before them; parents) is not needed. */
#include <string.h>

#include "meshes/msh.h"

gkt_status gkt_msh_read_nodes2(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  int64_t announced;
  gkt_idx count;
  GKT_TRY(gkt_msh_text_count(c, "the number of nodes", &announced));
  GKT_TRY(gkt_msh_room(c, announced, c->binary ? 28 : 8, "nodes", &count)); /* "1 0 0 0\n" */
  if (c->binary) GKT_TRY(gkt_msh_end_line(c));
  GKT_TRY(gkt_msh_nodes_create(f, count));
  for (gkt_idx i = 0; i < count; i++) {
    int tag;
    GKT_TRY(gkt_msh_int(c, "a node tag", &tag));
    GKT_TRY(gkt_msh_node_add(f, tag));
    GKT_TRY(gkt_msh_node_coords(f, i));
  }
  return GKT_OK;
}

static gkt_status read_tags(gkt_msh_cursor *c, int num_tags, int *physical, int *entity) {
  *physical = *entity = 0;
  for (int i = 0; i < num_tags; i++) {
    int tag;
    GKT_TRY(gkt_msh_int(c, "a tag of an element", &tag));
    if (i == 0) *physical = gkt_msh_unsigned_tag(tag);
    if (i == 1) *entity = tag;
  }
  return GKT_OK;
}

static gkt_status read_element(gkt_msh *f, int type, int64_t tag, int num_tags, size_t position) {
  int physical, entity;
  GKT_TRY(read_tags(&f->cursor, num_tags, &physical, &entity));
  GKT_TRY(gkt_msh_element_add(f, type, tag, position));
  return gkt_msh_run_add(f, type, 1, entity, physical);
}

static gkt_status read_num_tags(gkt_msh_cursor *c, int *num_tags) {
  GKT_TRY(gkt_msh_int(c, "the number of tags", num_tags));
  if (*num_tags < 0) return gkt_msh_refuse(c, GKT_BAD_INPUT, "an element with %d tags", *num_tags);
  return GKT_OK;
}

/* MSH 1: physical, elementary, the number of nodes, and these. */
static gkt_status read_element1(gkt_msh *f, int type, int64_t tag, size_t position) {
  gkt_msh_cursor *c = &f->cursor;
  int physical, entity, n;
  GKT_TRY(read_tags(c, 2, &physical, &entity));
  GKT_TRY(gkt_msh_int(c, "the number of nodes of an element", &n));
  if (n != gkt_msh_types[type].num_nodes)
    return gkt_msh_refuse(c, GKT_BAD_INPUT, "element %lld has %d nodes; its type %d has %d", (long long)tag, n, gkt_msh_types[type].gmsh, gkt_msh_types[type].num_nodes);
  GKT_TRY(gkt_msh_element_add(f, type, tag, position));
  return gkt_msh_run_add(f, type, 1, entity, physical);
}

static gkt_status read_text(gkt_msh *f, gkt_idx count) {
  gkt_msh_cursor *c = &f->cursor;
  for (gkt_idx i = 0; i < count; i++) {
    int64_t tag;
    int gmsh, type, num_tags;
    GKT_TRY(gkt_msh_count(c, "an element tag", &tag));
    size_t position = c->token;
    GKT_TRY(gkt_msh_int(c, "an element type", &gmsh));
    GKT_TRY(gkt_msh_element_type(f, gmsh, &type));
    GKT_TRY(gkt_msh_elements_reserve(f, type, 1));
    if (f->version == 1) {
      GKT_TRY(read_element1(f, type, tag, position));
      continue;
    }
    GKT_TRY(read_num_tags(c, &num_tags));
    GKT_TRY(read_element(f, type, tag, num_tags, position));
  }
  return GKT_OK;
}

/* How many successive elements, at most `most`, have the header (head bytes) and the tags of the first: Gmsh writes a header for each. */
static gkt_idx count_alike(const gkt_msh_cursor *c, size_t stride, size_t head, int num_tags, gkt_idx most) {
  const char *first = c->data + c->at, *at = first;
  const size_t tags = 4 * (size_t)num_tags;
  gkt_idx n = 0;
  for (; n < most && c->length - (size_t)(at - c->data) >= stride; n++, at += stride)
    if (memcmp(at, first, head) || memcmp(at + head + 4, first + head + 4, tags)) break;
  return n;
}

/* Elements from the cursor on, which stands before their headers or, without these, before the first; *taken: none where they must be read one by one. */
static gkt_status take_alike(gkt_msh *f, int type, size_t head, int num_tags, gkt_idx most, gkt_idx *taken) {
  gkt_msh_cursor *c = &f->cursor, first;
  const size_t nodes_at = head + 4 + 4 * (size_t)num_tags, stride = nodes_at + 4 * (size_t)gkt_msh_types[type].num_nodes;
  gkt_idx n = count_alike(c, stride, head, num_tags, most);
  int physical, entity;
  *taken = 0;
  if (n == 0) return GKT_OK;
  first = *c;
  first.at += head + 4;
  GKT_TRY(read_tags(&first, num_tags, &physical, &entity));
  GKT_TRY(gkt_msh_elements_reserve(f, type, n));
  if (!gkt_msh_elements_take(f, type, n, stride, head, nodes_at)) return GKT_OK;
  *taken = n;
  return gkt_msh_run_add(f, type, n, entity, physical);
}

/* Those of one header, from the first on. */
static gkt_status read_follow(gkt_msh *f, int type, int num_tags, gkt_idx n) {
  gkt_msh_cursor *c = &f->cursor;
  int tag;
  for (gkt_idx i = 0, taken; i < n; i += taken) {
    GKT_TRY(take_alike(f, type, 0, num_tags, n - i, &taken));
    if (taken > 0) continue;
    GKT_TRY(gkt_msh_elements_reserve(f, type, taken = 1));
    GKT_TRY(gkt_msh_int(c, "an element tag", &tag));
    GKT_TRY(read_element(f, type, tag, num_tags, c->token));
  }
  return GKT_OK;
}

static gkt_status read_binary(gkt_msh *f, gkt_idx count) {
  gkt_msh_cursor *c = &f->cursor;
  while (count > 0) {
    const size_t start = c->at, head = 12;
    int gmsh, type, follow, num_tags;
    gkt_idx n, taken = 0;
    GKT_TRY(gkt_msh_int(c, "an element type", &gmsh));
    GKT_TRY(gkt_msh_element_type(f, gmsh, &type));
    GKT_TRY(gkt_msh_int(c, "the number of elements that follow", &follow));
    if (follow < 1 || follow > count) return gkt_msh_refuse(c, GKT_BAD_INPUT, "a block of %d elements, where $Elements has %d left", follow, count);
    GKT_TRY(read_num_tags(c, &num_tags));
    GKT_TRY(gkt_msh_room(c, follow, 4 * (1 + (size_t)num_tags + (size_t)gkt_msh_types[type].num_nodes), "elements", &n));
    if (follow == 1) {
      c->at = start;
      GKT_TRY(take_alike(f, type, head, num_tags, count, &taken));
      if (taken == 0) c->at = start + head;
    }
    if (taken == 0) GKT_TRY(read_follow(f, type, num_tags, taken = n));
    count -= taken;
  }
  return GKT_OK;
}

gkt_status gkt_msh_read_elements2(gkt_msh *f) {
  gkt_msh_cursor *c = &f->cursor;
  int64_t announced;
  gkt_idx count;
  GKT_TRY(gkt_msh_text_count(c, "the number of elements", &announced));
  GKT_TRY(gkt_msh_room(c, announced, c->binary ? 8 : 9, "elements", &count)); /* "1 15 0 1\n" */
  if (c->binary) GKT_TRY(gkt_msh_end_line(c));
  return c->binary ? read_binary(f, count) : read_text(f, count);
}
