/* From the lists of an MSH file to a mesh: the elements of the highest dimension are its cells. */
#include <math.h>
#include <string.h>

#include "meshes/msh.h"

void gkt_msh_label_element(const gkt_msh *f, int type, gkt_idx element, char *text, size_t size) {
  gkt_msh_cursor c = f->cursor;
  int64_t tag = 0;
  int short_tag = 0;
  c.at = f->elements[type].position[element];
  gkt_status status = f->is_version4 ? gkt_msh_count(&c, "", &tag) : gkt_msh_int(&c, "", &short_tag); /* was read before: cannot fail */
  if (status == GKT_OK && !f->is_version4) tag = short_tag;
  if (c.binary) snprintf(text, size, "element %lld (byte %zu)", (long long)tag, c.token);
  else snprintf(text, size, "element %lld (line %lld)", (long long)tag, (long long)gkt_msh_line(&c, c.token));
}

static void label_cell(void *user, gkt_idx cell, char *text, size_t size) {
  gkt_msh_builder *b = user;
  gkt_msh_label_element(b->f, b->type, b->cell_from[cell], text, size);
}

static void label_node(void *user, gkt_idx node, char *text, size_t size) {
  gkt_msh_builder *b = user;
  snprintf(text, size, "node %lld", (long long)b->f->node_tags[b->node_from[node]]);
}

static gkt_status choose_cells(gkt_msh_builder *b) {
  const gkt_msh *f = b->f;
  b->type = -1;
  for (int t = 0; t < GKT_MSH_TYPES; t++) {
    if (f->elements[t].count == 0) continue;
    if (b->type >= 0 && gkt_msh_types[t].dim == b->dim)
      return b->dim < 2 ? GKT_OK : gkt_fail(f->ctx, GKT_UNAVAILABLE, "%s: cells of order 1 and of order 2 in one mesh are not available yet", f->cursor.name);
    if (gkt_msh_types[t].dim < b->dim) continue;
    b->type = t;
    b->dim = gkt_msh_types[t].dim;
  }
  if (b->type < 0) return gkt_fail(f->ctx, GKT_BAD_INPUT, "%s: the file holds no elements", f->cursor.name);
  if (b->dim < 2)
    return gkt_fail(f->ctx, b->dim == 1 ? GKT_UNAVAILABLE : GKT_BAD_INPUT, "%s: the file holds no triangles and no tetrahedra%s", f->cursor.name,
                    b->dim == 1 ? "; meshes of lines are not available yet" : "");
  return GKT_OK;
}

static gkt_status number_nodes(gkt_msh_builder *b) {
  const gkt_msh *f = b->f;
  const gkt_msh_elements *cells = &f->elements[b->type];
  gkt_size n = (gkt_size)cells->count * gkt_msh_types[b->type].num_nodes;
  GKT_TRY(gkt_alloc(f->ctx, f->num_nodes, sizeof *b->node_of, &b->node_of));
  GKT_TRY(gkt_alloc(f->ctx, f->num_nodes, sizeof *b->node_from, &b->node_from));
  for (gkt_idx i = 0; i < f->num_nodes; i++) b->node_of[i] = -1;
  for (gkt_size i = 0; i < n; i++) b->node_of[cells->nodes[i]] = 0;
  gkt_idx unused = -1;
  for (gkt_idx i = 0; i < f->num_nodes; i++) {
    if (b->node_of[i] < 0 && unused < 0) unused = i;
    if (b->node_of[i] >= 0) b->node_from[b->num_nodes++] = i;
  }
  GKT_TRY(gkt_order_along_curve(f->ctx, f->coords, b->num_nodes, b->node_from));
  for (gkt_idx i = 0; i < b->num_nodes; i++) b->node_of[b->node_from[i]] = i;
  if (unused >= 0)
    gkt_log(f->ctx, GKT_LOG_WARNING, "%s: %d nodes belong to no cell and are dropped, the first is node %lld", f->cursor.name, f->num_nodes - b->num_nodes,
            (long long)f->node_tags[unused]);
  return GKT_OK;
}

/* MSH 2.2 repeats an element for each of its physical groups: the same nodes in the same order under another physical tag. */
static bool is_repetition(const gkt_msh_builder *b, const gkt_idx *run_of, gkt_idx first, gkt_idx second) {
  const gkt_msh *f = b->f;
  size_t n = (size_t)gkt_msh_types[b->type].num_nodes;
  const gkt_msh_run *r = &f->runs[run_of[first]], *s = &f->runs[run_of[second]];
  const gkt_idx *nodes = f->elements[b->type].nodes;
  return r->entity == s->entity && r->physical != s->physical && memcmp(nodes + n * (size_t)first, nodes + n * (size_t)second, n * sizeof *nodes) == 0;
}

static gkt_status merge_repetitions(gkt_msh_builder *b, const gkt_idx *numbers, gkt_idx distinct) {
  const gkt_msh *f = b->f;
  gkt_idx *run_of = NULL, *first = NULL, count = f->elements[b->type].count;
  gkt_status status;
  GKT_GO(gkt_alloc(f->ctx, count, sizeof *run_of, &run_of));
  GKT_GO(gkt_calloc(f->ctx, distinct, sizeof *first, &first));
  for (gkt_idx r = 0; r < f->num_runs; r++)
    for (gkt_idx i = 0; f->runs[r].type == b->type && i < f->runs[r].count; i++) run_of[f->runs[r].first + i] = r;
  b->num_cells = 0;
  for (gkt_idx i = 0; i < count; i++) {
    gkt_idx before = first[numbers[i]] - 1;
    if (before >= 0 && is_repetition(b, run_of, before, i)) {
      b->entities[b->type][i] = b->entities[b->type][before];
      continue;
    }
    first[numbers[i]] = i + 1; /* a true duplicate stays: the check of the mesh refuses it */
    b->cell_from[b->num_cells] = i;
    b->entities[b->type][i] = b->num_cells++;
  }
done:
  gkt_free(&run_of);
  gkt_free(&first);
  return status;
}

static gkt_status number_cells(gkt_msh_builder *b) {
  const gkt_msh *f = b->f;
  const gkt_msh_elements *cells = &f->elements[b->type];
  gkt_idx *tuples = NULL, *numbers = NULL, distinct;
  int n = gkt_msh_types[b->type].num_nodes, k = b->dim + 1;
  gkt_status status;
  GKT_GO(gkt_alloc(f->ctx, cells->count, sizeof *b->cell_from, &b->cell_from));
  GKT_GO(gkt_alloc(f->ctx, cells->count, sizeof *b->cell_from, &b->entities[b->type]));
  b->num_cells = cells->count;
  for (gkt_idx i = 0; i < cells->count; i++) b->cell_from[i] = b->entities[b->type][i] = i;
  if (f->is_version4) goto done;
  GKT_GO(gkt_alloc(f->ctx, (gkt_size)cells->count * k, sizeof *tuples, &tuples));
  GKT_GO(gkt_alloc(f->ctx, cells->count, sizeof *numbers, &numbers));
  for (gkt_idx i = 0; i < cells->count; i++) {
    memcpy(tuples + (gkt_size)k * i, cells->nodes + (gkt_size)n * i, (size_t)k * sizeof *tuples);
    gkt_tuple_sort(k, tuples + (gkt_size)k * i);
  }
  GKT_GO(gkt_tuples_number(f->ctx, f->num_nodes, k, cells->count, tuples, numbers, &distinct));
  if (distinct < cells->count) GKT_GO(merge_repetitions(b, numbers, distinct));
done:
  gkt_free(&tuples);
  gkt_free(&numbers);
  return status;
}

static gkt_status order_cells(gkt_msh_builder *b) {
  const gkt_msh *f = b->f;
  const gkt_msh_elements *elements = &f->elements[b->type];
  gkt_idx *keys = NULL, *order = NULL, *cell_of = b->entities[b->type];
  int n = gkt_msh_types[b->type].num_nodes;
  gkt_status status;
  GKT_GO(gkt_alloc(f->ctx, b->num_cells, sizeof *keys, &keys));
  GKT_GO(gkt_alloc(f->ctx, b->num_cells, sizeof *order, &order));
  for (gkt_idx c = 0; c < b->num_cells; c++) {
    const gkt_idx *nodes = elements->nodes + (gkt_size)n * b->cell_from[c];
    keys[c] = b->node_of[nodes[0]];
    for (int i = 1; i <= b->dim; i++) keys[c] = b->node_of[nodes[i]] < keys[c] ? b->node_of[nodes[i]] : keys[c];
  }
  GKT_GO(gkt_order_by_key(f->ctx, b->num_nodes, keys, b->num_cells, order));
  for (gkt_idx c = 0; c < b->num_cells; c++) keys[c] = b->cell_from[order[c]];
  memcpy(b->cell_from, keys, (size_t)b->num_cells * sizeof *keys);
  for (gkt_idx c = 0; c < b->num_cells; c++) keys[order[c]] = c; /* from the old to the new number */
  for (gkt_idx e = 0; e < elements->count; e++) cell_of[e] = keys[cell_of[e]];
done:
  gkt_free(&keys);
  gkt_free(&order);
  return status;
}

/* Planes written through CAD kernels are flat to rounding only. */
static gkt_status check_plane(const gkt_msh_builder *b) {
  double least[3] = {INFINITY, INFINITY, INFINITY}, most[3] = {-INFINITY, -INFINITY, -INFINITY};
  if (b->dim == 3) return GKT_OK;
  for (gkt_idx i = 0; i < b->num_nodes; i++)
    for (int d = 0; d < 3; d++) {
      double x = b->f->coords[3 * (gkt_size)b->node_from[i] + d];
      least[d] = fmin(least[d], x);
      most[d] = fmax(most[d], x);
    }
  if (most[2] - least[2] <= 1e-9 * fmax(most[0] - least[0], most[1] - least[1])) return GKT_OK;
  return gkt_fail(b->f->ctx, GKT_BAD_INPUT,
                  "%s: the file holds triangles and no tetrahedra, so the mesh is plane, but z runs from %g to %g: it must be the same in all nodes "
                  "(for a solid, save its volumes: put them into a physical group, or set Mesh.SaveAll)",
                  b->f->cursor.name, least[2], most[2]);
}

static gkt_status create_mesh(gkt_msh_builder *b) {
  const gkt_msh *f = b->f;
  const gkt_msh_type *t = &gkt_msh_types[b->type];
  double *coords = NULL;
  gkt_idx *cells = NULL;
  gkt_status status;
  GKT_GO(gkt_alloc(f->ctx, (gkt_size)b->num_nodes * b->dim, sizeof *coords, &coords));
  GKT_GO(gkt_alloc(f->ctx, (gkt_size)b->num_cells * t->num_nodes, sizeof *cells, &cells));
  for (gkt_idx i = 0; i < b->num_nodes; i++)
    for (int d = 0; d < b->dim; d++) coords[(gkt_size)i * b->dim + d] = f->coords[3 * (gkt_size)b->node_from[i] + d];
  for (gkt_idx c = 0; c < b->num_cells; c++)
    for (int i = 0; i < t->num_nodes; i++) cells[(gkt_size)c * t->num_nodes + i] = b->node_of[f->elements[b->type].nodes[(gkt_size)b->cell_from[c] * t->num_nodes + i]];
  b->labels = (gkt_mesh_labels){.source = f->cursor.name, .user = b, .cell = label_cell, .node = label_node};
  gkt_cell_block block = {.cell = b->dim == 2 ? GKT_TRIANGLE : GKT_TETRAHEDRON, .order = t->order, .num_cells = b->num_cells, .nodes = cells};
  GKT_GO(gkt_mesh_create(f->ctx, b->dim, b->num_nodes, coords, 1, &block, &b->labels, &b->mesh));
done:
  gkt_free(&coords);
  gkt_free(&cells);
  return status;
}

gkt_status gkt_msh_build(gkt_msh *f, gkt_mesh **out) {
  gkt_msh_builder b = {.f = f};
  gkt_status status;
  GKT_GO(choose_cells(&b));
  GKT_GO(number_nodes(&b));
  GKT_GO(number_cells(&b));
  GKT_GO(order_cells(&b));
  GKT_GO(check_plane(&b));
  GKT_GO(create_mesh(&b));
  GKT_GO(gkt_msh_name_entities(&b));
  *out = b.mesh;
  b.mesh = NULL;
done:
  gkt_mesh_destroy(&b.mesh);
  gkt_free(&b.node_of);
  gkt_free(&b.node_from);
  gkt_free(&b.cell_from);
  for (int t = 0; t < GKT_MSH_TYPES; t++) gkt_free(&b.entities[t]);
  return status;
}
